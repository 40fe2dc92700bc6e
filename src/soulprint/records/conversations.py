"""The imported history: conversations, their messages, and what stood beside them as claims about the person."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, NumberKey, UtcTime, UuidKey


class Conversation(Base):
    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("user_id", "provider", "provider_id"),
        Index(None, "user_id", "started_at"),
        Index(None, "import_id"),
    )

    id: Mapped[UuidKey]
    """Made from account, provider and the provider's id, so that the same conversation always has the same key."""
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("imports.id", ondelete="SET NULL"))
    """The import that last carried it, whether or not it changed anything."""
    absent_from: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("imports.id", ondelete="SET NULL"))
    """The import of its provider's newest export, where that doesn't carry it and another one did."""
    provider: Mapped[str]
    provider_id: Mapped[str]
    origin: Mapped[str] = mapped_column(server_default="import")
    """import, or chat for a finished thread of our own."""
    title: Mapped[str | None]
    project: Mapped[str | None]
    """The provider's id of the project or custom assistant it was held in."""
    model: Mapped[str | None]
    started_at: Mapped[UtcTime | None]
    updated_at: Mapped[UtcTime | None]
    """As the provider says; the newest wins when exports overlap."""
    is_inferred: Mapped[bool] = mapped_column(server_default=false())
    """Whether the export knows no conversations, and this one was cut out of a stream at the pauses in it."""
    zone_known: Mapped[bool] = mapped_column(server_default=true())
    """False where the export writes the time of an unknown zone's clock, which then stands here as if it were UTC."""
    message_count: Mapped[int]
    """Messages with text on the current branch, of both sides, files not counted."""
    user_messages: Mapped[int] = mapped_column(server_default="0")
    """Those of them that are the person's."""
    user_characters: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Code points of these."""
    first_message_at: Mapped[UtcTime | None]
    last_message_at: Mapped[UtcTime | None]
    """Of all that `message_count` counts."""
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    indexed_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The content's, when its passages were made: what has changed since is indexed again."""
    created_at: Mapped[CreatedAt]


class ForgottenConversation(Base):
    """One that the person wants no memory of: deleted here, or marked so at the provider. An import brings it back only
    in a newer version, or where the person asks for it."""

    __tablename__ = "forgotten_conversations"

    conversation_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    newest_at: Mapped[UtcTime | None]
    """When the version that is forgotten was last changed; null where that isn't known, and every version is."""


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "provider_id"),
        Index(None, "user_id", "role"),
    )

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID]
    """The conversation's. No key of its own: that would be checked for each of a million messages."""
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    provider_id: Mapped[str]
    position: Mapped[int]
    """Order within the conversation, from 0; messages off the branch stand after the one they hang on."""
    role: Mapped[str]
    text: Mapped[str]
    """Byte-exact, but for U+0000 and lone surrogates, which Postgres can't hold: each becomes one U+FFFD."""
    sent_at: Mapped[UtcTime | None]
    on_branch: Mapped[bool]
    """Whether it stands on the way from the root to the node that was open last."""
    modality: Mapped[str]


class Claim(Base):
    """What the provider or the person says about the person beside the conversations: to be shown and used, and never
    taken for the person's own words in a talk."""

    __tablename__ = "claims"
    __table_args__ = (UniqueConstraint("user_id", "provider", "kind", "content_hash"),)

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("imports.id", ondelete="SET NULL"))
    provider: Mapped[str]
    kind: Mapped[str]
    """A `kinds.ClaimKind`."""
    text: Mapped[str]
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    said_at: Mapped[UtcTime | None]
    """When the newest conversation that carries it began."""
    created_at: Mapped[CreatedAt]

"""Conversations cut into pieces for search, under the names of the existing production schema."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, UuidKey


class ConversationChunk(Base):
    __tablename__ = "conversation_chunks"
    __table_args__ = (
        UniqueConstraint("conversation_id", "chunk_tier", "number"),
        Index(None, "user_id", "created_at"),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    number: Mapped[int]
    """Order within the conversation and tier, from 0."""
    title: Mapped[str | None]
    """The conversation's."""
    content: Mapped[str]
    """Every turn in it, or part of one, opens with its speaker and date."""
    message_count: Mapped[int]
    """Messages of which it holds at least a part."""
    chunk_tier: Mapped[str]
    """micro, medium or macro."""
    is_recent: Mapped[bool]
    """Whether it was younger than six months when it was last looked at."""
    created_at: Mapped[CreatedAt]
    """When its first message was sent; where nobody knows, when the conversation began, else when it was cut."""
    first_message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    last_message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    tokens: Mapped[int]
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """The conversation's own, when it was cut: what has changed since is cut again."""

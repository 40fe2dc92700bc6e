"""The index that recall searches: the turns of the history in pieces, their words, and their vectors."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, HalfVector, NumberKey, UtcTime


class Passage(Base):
    """A message on its conversation's current branch, or where that is long, a piece of one."""

    __tablename__ = "passages"
    __table_args__ = (
        UniqueConstraint("conversation_id", "number"),
        Index(None, "message_id"),
        Index(None, "user_id", "id"),
        Index("ix_passages_search", "search", postgresql_using="gin"),
    )

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID]
    """The conversation's. No key of its own, as in `messages`."""
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    number: Mapped[int]
    """Order within the conversation, from 0 and without gaps: neighbours differ by one."""
    span_start: Mapped[int]
    """Code points into the message's text."""
    span_end: Mapped[int]
    said_at: Mapped[UtcTime | None]
    """When the message was sent; where nobody knows, when the one before it was, or the conversation began."""
    words: Mapped[int]
    """Its lexemes, repeats counted."""
    context_words: Mapped[int]
    """Those of the passages before and after it too."""
    search: Mapped[str] = mapped_column(TSVECTOR)
    """Its lexemes and their stems; positions count how often each occurs."""


class PassageVector(Base):
    """What a passage means to one embedding model."""

    __tablename__ = "passage_vectors"
    __table_args__ = (Index(None, "user_id", "model", "passage_id"),)

    passage_id: Mapped[int] = mapped_column(ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    """`provider:name`, with the number of dimensions where that was chosen; `local` for the one in this process."""
    user_id: Mapped[uuid.UUID]
    """The passage's."""
    embedding: Mapped[list[float]] = mapped_column(HalfVector)
    """Of length 1."""
    created_at: Mapped[CreatedAt]

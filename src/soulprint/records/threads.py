"""Chats with the assistant that knows the person."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, JsonList, NumberKey, UtcTime, UuidKey


class Thread(Base):
    __tablename__ = "threads"
    __table_args__ = (Index(None, "user_id", "updated_at"),)

    id: Mapped[UuidKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    title: Mapped[str]
    leaf_id: Mapped[int | None] = mapped_column(BigInteger)
    """The last message of the branch on show; null while it is empty. No key: messages point at their thread."""
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ThreadMessage(Base):
    __tablename__ = "thread_messages"
    __table_args__ = (
        Index(None, "thread_id", "id"),
        Index(None, "parent_id"),
        Index("ix_thread_messages_unfinished", "user_id", postgresql_where=text("finished_at is null")),
    )

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    thread_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("thread_messages.id", ondelete="CASCADE"))
    """The message it follows. Those that follow the same one are versions of each other: an edited question, an answer
    that was asked for again."""
    role: Mapped[str]
    text: Mapped[str]
    sources: Mapped[JsonList]
    """`records.recalled.Recalled` rows the answer was given, in the order of their numbers."""
    changes: Mapped[JsonList] = mapped_column(server_default="[]")
    """The ids of the `fact_changes` that the answer tells of."""
    model: Mapped[str | None]
    version: Mapped[int | None]
    """The profile version the answer was written with."""
    error: Mapped[str | None]
    """Why an answer broke off; what had come until then is kept in `text`."""
    finished_at: Mapped[UtcTime | None] = mapped_column(server_default=func.now())
    """Null while an answer is being written; `text` then follows it by a moment."""
    created_at: Mapped[CreatedAt]

"""Chats with the assistant that knows the person."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, func
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, JsonList, NumberKey, UuidKey


class Thread(Base):
    __tablename__ = "threads"
    __table_args__ = (Index(None, "user_id", "updated_at"),)

    id: Mapped[UuidKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    title: Mapped[str]
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ThreadMessage(Base):
    __tablename__ = "thread_messages"
    __table_args__ = (Index(None, "thread_id", "id"),)

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    thread_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("threads.id", ondelete="CASCADE"))
    role: Mapped[str]
    text: Mapped[str]
    sources: Mapped[JsonList]
    """`records.sections.Quote` rows the answer was given, in the order of their numbers."""
    model: Mapped[str | None]
    version: Mapped[int | None]
    """The profile version the answer was written with."""
    error: Mapped[str | None]
    """Why an answer broke off; what had come until then is kept in `text`."""
    created_at: Mapped[CreatedAt]

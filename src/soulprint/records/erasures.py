"""That an account's data was erased, and how that was checked. Nothing in it is about the person."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, Json, UuidKey


class Erasure(Base):
    __tablename__ = "erasures"

    id: Mapped[UuidKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    rows: Mapped[Json]
    """Table -> rows that were deleted."""
    files: Mapped[int]
    """Uploads that were deleted."""
    rewritten: Mapped[bool]
    """Whether the database's files were written anew, so that they hold nothing of what was deleted."""
    created_at: Mapped[CreatedAt]

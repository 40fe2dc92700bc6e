"""Who the data belongs to."""

from __future__ import annotations

from sqlalchemy.orm import Mapped

from soulprint.records.base import Base, CreatedAt, UuidKey


class Account(Base):
    """One person. Every other row names its account in `user_id`, and row-level security hides it from all others."""

    __tablename__ = "accounts"

    id: Mapped[UuidKey]
    created_at: Mapped[CreatedAt]

"""What a person has set for themself."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, Json


class Choice(Base):
    """All that one account has chosen. No key and no address of a notice is among it."""

    __tablename__ = "choices"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    values: Mapped[Json]
    """Name of a setting -> what was chosen."""
    keys: Mapped[Json]
    """Names of the keys that stand in the keyring."""
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())

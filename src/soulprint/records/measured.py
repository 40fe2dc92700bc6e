"""How a person writes and what about, as it was counted last."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, Json


class MeasuredStyle(Base):
    __tablename__ = "measured_styles"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    portrait: Mapped[Json]
    """A `measuring.Portrait`."""
    measured_at: Mapped[CreatedAt]

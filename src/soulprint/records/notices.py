"""The outbox: what is to be told to the person, to another system or to the operator, until it has arrived."""

from __future__ import annotations

import uuid

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, Json, NumberKey, UtcTime


class Notice(Base):
    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("run_id", "kind", "channel"), Index(None, "user_id", "created_at"))

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    kind: Mapped[str]
    """ready, smarter, complete or alert."""
    channel: Mapped[str]
    """person, webhook or operator."""
    payload: Mapped[Json]
    """Counts and states, never anything a person wrote."""
    status: Mapped[str] = mapped_column(server_default="waiting")
    """waiting, sent or failed."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    sent_at: Mapped[UtcTime | None]

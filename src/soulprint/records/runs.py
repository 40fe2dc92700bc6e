"""One pass over a person's history, and how far it is."""

from __future__ import annotations

import uuid
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, UtcTime, UuidKey


class Status(StrEnum):
    """Of an import or a run."""

    PROCESSING = "processing"
    COMPLETE = "complete"
    FAILED = "failed"


class Run(Base):
    __tablename__ = "runs"
    __table_args__ = (
        Index("uq_runs_active", "user_id", "kind", unique=True, postgresql_where=text("status = 'processing'")),
        Index(None, "user_id", "started_at"),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("imports.id", ondelete="SET NULL"))
    kind: Mapped[str]
    """quick or full."""
    status: Mapped[str] = mapped_column(server_default="processing")
    model: Mapped[str]
    note: Mapped[str | None]
    """What the person should know although the run ended well: the local engine stood in for a model, say."""
    error: Mapped[str | None]
    cost_usd: Mapped[Decimal] = mapped_column(Numeric(12, 6), server_default="0")
    version: Mapped[int | None]
    """The number of the profile version it made."""
    started_at: Mapped[CreatedAt]
    finished_at: Mapped[UtcTime | None]

"""One pass over a person's history, its units of work, and how far it is."""

from __future__ import annotations

import uuid
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, Json, NumberKey, UtcTime, UuidKey


class Status(StrEnum):
    """Of an import or a run."""

    PROCESSING = "processing"
    COMPLETE = "complete"
    FAILED = "failed"
    PAUSED = "paused"
    """A run that reached its ceiling: it goes on when it may cost more."""
    CANCELLED = "cancelled"
    """A run that the person stopped."""


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
    error_kind: Mapped[str | None]
    """The class of that error, which operators see: its words may hold names."""
    cost_usd: Mapped[Decimal] = mapped_column(Numeric(12, 6), server_default="0")
    ceiling_usd: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    """The most it may cost. Null for a quick pass."""
    plan: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    """What was asked for: whether to read again what an older prompt or model has read, whether in batches."""
    version: Mapped[int | None]
    """The number of the profile version it made."""
    started_at: Mapped[CreatedAt]
    finished_at: Mapped[UtcTime | None]


class TaskStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


class RunTask(Base):
    """One unit of a run's work, mostly one call of a model. What is done is counted here, so that a pass that was
    interrupted goes on with what is pending."""

    __tablename__ = "run_tasks"
    __table_args__ = (UniqueConstraint("run_id", "stage", "number"), Index(None, "user_id"))

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    stage: Mapped[str]
    """chunk, extract, merge, memory or sections."""
    number: Mapped[int]
    """From 0."""
    payload: Mapped[Json]
    """What to work on, by ids."""
    status: Mapped[str] = mapped_column(server_default="pending")
    result: Mapped[Json | None]
    """What came of it: counts, and of the last stages what they wrote, for the next one to read."""
    error: Mapped[str | None]
    error_kind: Mapped[str | None]
    finished_at: Mapped[UtcTime | None]


class RunStage(Base):
    """When a stage of a run began and ended. Its counts are those of its tasks, its cost that of its answers."""

    __tablename__ = "run_stages"
    __table_args__ = (UniqueConstraint("run_id", "name"), Index(None, "user_id"))

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    name: Mapped[str]
    counts: Mapped[Json] = mapped_column(server_default=text("'{}'"))
    """What else is to be told of it: conversations passed over as trivial, findings dropped, by reason."""
    started_at: Mapped[CreatedAt]
    finished_at: Mapped[UtcTime | None]


class Worker(Base):
    """A process that works on runs, alive for as long as it holds its advisory lock and its pulse is fresh."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    """Host and slot: a process that is started again on the same host takes the slot that fell free."""
    host: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    started_at: Mapped[CreatedAt]
    seen_at: Mapped[CreatedAt]

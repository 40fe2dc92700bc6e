"""The journal of what models answered, so that nothing is paid for twice."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, Json, UtcTime, UuidKey


class LlmAnswer(Base):
    __tablename__ = "llm_answers"
    __table_args__ = (Index(None, "user_id", "created_at"), Index(None, "run_id", "role"))

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    """SHA-256 of account, role, model, parameters and the whole rendered request. The request itself is not kept."""
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    """The run that paid for it: what a run and its stages cost is the sum over these rows."""
    role: Mapped[str]
    model: Mapped[str]
    prompt: Mapped[str | None]
    """Name and hash of the prompt's file, so that a changed prompt says which answers are old."""
    answer: Mapped[Json]
    """The model's response as pydantic-ai serialises it."""
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    cost_usd: Mapped[Decimal | None] = mapped_column(Numeric(12, 6))
    """Null where the model's price is not known."""
    seconds: Mapped[float]
    created_at: Mapped[CreatedAt]


class Expense(Base):
    """What an account's answers of a day come to, counted as each is written down: a sum over all answers takes
    seconds where there are a million."""

    __tablename__ = "expenses"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    """In UTC."""
    role: Mapped[str] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    calls: Mapped[int]
    input_tokens: Mapped[int] = mapped_column(BigInteger)
    output_tokens: Mapped[int] = mapped_column(BigInteger)
    seconds: Mapped[float]
    cost_usd: Mapped[Decimal] = mapped_column(Numeric(14, 6))
    """Of those whose model's price is known."""


class LlmBatch(Base):
    """Requests handed to a provider's batch API, so that a restart waits for them instead of handing them in again."""

    __tablename__ = "llm_batches"
    __table_args__ = (Index(None, "user_id"), Index(None, "run_id"))

    id: Mapped[UuidKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("runs.id", ondelete="CASCADE"))
    role: Mapped[str]
    model: Mapped[str]
    status: Mapped[str]
    """submitting, open, or ended."""
    handle: Mapped[Json | None]
    """pydantic-ai's `Batch`; null until the provider has taken it."""
    requests: Mapped[Json]
    """Fingerprint of each request (the key of its answer), in hex -> what is needed to read its result: no text of
    anybody."""
    error: Mapped[str | None]
    created_at: Mapped[CreatedAt]
    ended_at: Mapped[UtcTime | None]

"""All SQL of the journal of answers, and of what they cost."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import ReturningInsert

from soulprint.llm.roles import Role
from soulprint.records import LlmAnswer, Run

ACCOUNT_PERIOD = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer as the journal keeps it."""

    key: bytes
    role: Role
    model: str
    prompt: str | None
    run: uuid.UUID | None
    """The run that pays for it."""
    answer: dict[str, Any]
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    """US dollars; None where the price is not known."""
    seconds: float


async def find(session: AsyncSession, key: bytes) -> dict[str, Any] | None:
    """The answer to the request with this fingerprint."""
    return await session.scalar(select(LlmAnswer.answer).where(LlmAnswer.key == key))


async def keep(session: AsyncSession, account: uuid.UUID, entry: Entry) -> None:
    """Write an answer down. Where the same request was answered before, that answer stays and this one is noted beside
    it with what it cost, never to be served: both were paid for, maybe by different runs."""
    if await session.scalar(_kept(account, entry, entry.key)) is None:
        await session.scalar(_kept(account, entry, elsewhere(entry.key)))


def _kept(account: uuid.UUID, entry: Entry, key: bytes) -> ReturningInsert[tuple[bytes]]:
    """A run that is gone by now pays for nothing: what was answered for it is kept all the same."""
    values = {
        "key": key,
        "user_id": account,
        "run_id": select(Run.id).where(Run.id == entry.run).scalar_subquery() if entry.run else None,
        "role": entry.role,
        "model": entry.model,
        "prompt": entry.prompt,
        "answer": entry.answer,
        "input_tokens": entry.input_tokens,
        "output_tokens": entry.output_tokens,
        "cost_usd": entry.cost,
        "seconds": entry.seconds,
    }
    return insert(LlmAnswer).values(values).on_conflict_do_nothing().returning(LlmAnswer.key)


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a run is at work, and what was spent."""

    status: str
    ceiling: Decimal | None
    """US dollars the run may cost; None without limit."""
    spent: Decimal
    """On the run so far."""
    account_spent: Decimal
    """On all runs of the account in the last 30 days; 0 where it wasn't asked for."""


async def standing(session: AsyncSession, run: uuid.UUID, *, with_account: bool) -> Standing | None:
    """How the run stands now; None when it is gone. The session's account is the run's."""
    total = func.coalesce(func.sum(LlmAnswer.cost_usd), 0)
    spent = select(total).where(LlmAnswer.run_id == run).scalar_subquery()
    lately = (LlmAnswer.created_at > func.now() - ACCOUNT_PERIOD) & (LlmAnswer.role != Role.CHAT)
    of_account = select(total).where(LlmAnswer.user_id == Run.user_id, lately).correlate(Run).scalar_subquery()
    columns = (Run.status, Run.ceiling_usd, spent, of_account if with_account else literal(Decimal(0)))
    row = (await session.execute(select(*columns).where(Run.id == run))).one_or_none()
    if row is None:
        return None
    status, ceiling, of_run, of_all = row
    return Standing(status, ceiling, of_run or Decimal(0), of_all or Decimal(0))


async def disown(session: AsyncSession, keys: Collection[bytes]) -> None:
    """Never serve these answers again. They stay, for what they cost."""
    for key in keys:
        await session.execute(update(LlmAnswer).where(LlmAnswer.key == key).values(key=elsewhere(key)))


def elsewhere(key: bytes) -> bytes:
    """A key under which nothing is ever looked up."""
    return hashlib.sha256(key + secrets.token_bytes(16)).digest()

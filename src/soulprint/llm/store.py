"""All SQL of the journal of answers, and of what they cost."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Numeric, Select, bindparam, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.llm.roles import Role
from soulprint.records import LlmAnswer, LlmBatch, Run

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


_FIND = select(LlmAnswer.answer).where(LlmAnswer.key == bindparam("key"))
_KEEP = (
    insert(LlmAnswer)
    .values(run_id=select(Run.id).where(Run.id == bindparam("run")).scalar_subquery())
    .on_conflict_do_nothing()
    .returning(LlmAnswer.key)
)
"""A run that is gone by now pays for nothing; what was answered for it is kept all the same."""


async def find(session: AsyncSession, key: bytes) -> dict[str, Any] | None:
    """The answer to the request with this fingerprint."""
    return await session.scalar(_FIND, {"key": key})


async def keep(session: AsyncSession, account: uuid.UUID, entry: Entry) -> None:
    """Write an answer down. Where the same request was answered before, that answer stays and this one is noted beside
    it with what it cost, never to be served: both were paid for, maybe by different runs."""
    values = {
        "key": entry.key,
        "user_id": account,
        "run": entry.run,
        "role": entry.role,
        "model": entry.model,
        "prompt": entry.prompt,
        "answer": entry.answer,
        "input_tokens": entry.input_tokens,
        "output_tokens": entry.output_tokens,
        "cost_usd": entry.cost,
        "seconds": entry.seconds,
    }
    if await session.scalar(_KEEP, values) is None:
        await session.scalar(_KEEP, values | {"key": elsewhere(entry.key)})
    await session.execute(_COUNT, values)


_COUNT = text("""
insert into expenses as known values (
    :user_id, (now() at time zone 'utc')::date, :role, :model, 1, :input_tokens, :output_tokens, :seconds,
    coalesce(:cost_usd, 0)
)
on conflict (user_id, day, role, model) do update set
    calls = known.calls + 1,
    input_tokens = known.input_tokens + excluded.input_tokens,
    output_tokens = known.output_tokens + excluded.output_tokens,
    seconds = known.seconds + excluded.seconds,
    cost_usd = known.cost_usd + excluded.cost_usd
""")


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
    row = (await session.execute(_STANDING[with_account], {"run": run})).one_or_none()
    if row is None:
        return None
    status, ceiling, of_run, of_all = row
    return Standing(status, ceiling, of_run or Decimal(0), of_all or Decimal(0))


def _standing(*, with_account: bool) -> Select[str, Decimal | None, Decimal | None, Decimal | None]:
    total = func.coalesce(func.sum(LlmAnswer.cost_usd), 0)
    spent = select(total).where(LlmAnswer.run_id == bindparam("run")).scalar_subquery()
    lately = (LlmAnswer.created_at > func.now() - ACCOUNT_PERIOD) & (LlmAnswer.role != Role.CHAT)
    of_account = select(total).where(LlmAnswer.user_id == Run.user_id, lately).correlate(Run).scalar_subquery()
    columns = (Run.status, Run.ceiling_usd, spent, of_account if with_account else literal(Decimal(0)))
    return select(*columns).where(Run.id == bindparam("run"))


_STANDING = {with_account: _standing(with_account=with_account) for with_account in (False, True)}
"""Built once: building it takes as long as running it."""


async def spent_lately(session: AsyncSession) -> tuple[Decimal, Decimal]:
    """US dollars that the account spent in the last 30 days: on vectors, and on them and its runs together."""
    of_vectors, of_all = (await session.execute(_SPENT_LATELY)).one()
    return of_vectors or Decimal(0), of_all or Decimal(0)


_SPENT_LATELY = select(
    func.sum(LlmAnswer.cost_usd).filter(LlmAnswer.role == Role.EMBED),
    func.sum(LlmAnswer.cost_usd),
).where(LlmAnswer.created_at > func.now() - ACCOUNT_PERIOD, LlmAnswer.role != Role.CHAT)


async def disown(session: AsyncSession, keys: Collection[bytes]) -> None:
    """Never serve these answers again. They stay, for what they cost."""
    for key in keys:
        await session.execute(update(LlmAnswer).where(LlmAnswer.key == key).values(key=elsewhere(key)))


# Batches

SUBMITTING, OPEN, ENDED = "submitting", "open", "ended"


@dataclass(frozen=True, slots=True)
class OpenBatch:
    """A batch that the provider has taken and that has not been taken in."""

    id: uuid.UUID
    run_id: uuid.UUID
    model: str
    handle: dict[str, Any]
    size: int
    """Requests in it."""
    created_at: datetime


async def begin_batch(
    session: AsyncSession,
    account: uuid.UUID,
    run: uuid.UUID,
    role: Role,
    model: str,
    requests: dict[str, dict[str, Any]],
) -> uuid.UUID:
    """Note a batch that is about to be handed in; gives its id."""
    values = {"user_id": account, "run_id": run, "role": role, "model": model, "status": SUBMITTING}
    added = insert(LlmBatch).values(**values, requests=requests).returning(LlmBatch.id)
    return (await session.scalars(added)).one()


async def open_batch(session: AsyncSession, batch: uuid.UUID, handle: dict[str, Any]) -> None:
    """Note that the provider has taken it."""
    await session.execute(update(LlmBatch).where(LlmBatch.id == batch).values(status=OPEN, handle=handle))


async def end_batch(session: AsyncSession, batch: uuid.UUID, error: str | None) -> None:
    """Note that a batch is done with; nothing of its requests is needed any more."""
    ended: dict[str, Any] = {"status": ENDED, "error": error, "ended_at": func.now(), "requests": {}}
    await session.execute(update(LlmBatch).where(LlmBatch.id == batch).values(ended))


async def lose_batches(session: AsyncSession, error: str) -> int:
    """End the batches whose handing in was broken off; gives how many requests they held."""
    broken = await session.execute(
        select(LlmBatch.id, _size()).where(LlmBatch.status == SUBMITTING).with_for_update(of=LlmBatch)
    )
    sizes = {row[0]: int(row[1]) for row in broken}
    for batch in sizes:
        await end_batch(session, batch, error)
    return sum(sizes.values())


async def open_batches(session: AsyncSession) -> list[OpenBatch]:
    """The account's batches that the provider has, the oldest first."""
    columns = (LlmBatch.id, LlmBatch.run_id, LlmBatch.model, LlmBatch.handle, _size(), LlmBatch.created_at)
    rows = await session.execute(select(*columns).where(LlmBatch.status == OPEN).order_by(LlmBatch.created_at))
    return [OpenBatch(*row) for row in rows]


async def batch_requests(session: AsyncSession, batch: uuid.UUID) -> dict[str, dict[str, Any]]:
    """What is kept of the requests of a batch."""
    return await session.scalar(select(LlmBatch.requests).where(LlmBatch.id == batch)) or {}


async def ending_batch(session: AsyncSession, batch: uuid.UUID) -> LlmBatch | None:
    """The batch, for this transaction alone; None where it isn't open any more."""
    return await session.scalar(select(LlmBatch).where(LlmBatch.id == batch, LlmBatch.status == OPEN).with_for_update())


async def settled(session: AsyncSession, keys: Collection[bytes], run: uuid.UUID) -> set[bytes]:
    """Which of these requests are answered or waited for. The batches in which they are waited for become those of
    `run`, which pays for them."""
    sought = set(keys)
    answered = set(await session.scalars(select(LlmAnswer.key).where(LlmAnswer.key.in_(sought))))
    waiting = select(LlmBatch.id, func.jsonb_object_keys(LlmBatch.requests)).where(LlmBatch.status == OPEN)
    found = [(batch, bytes.fromhex(key)) for batch, key in await session.execute(waiting)]
    wanted = [(batch, key) for batch, key in found if key in sought]
    mine = {batch for batch, _ in wanted}
    await session.execute(update(LlmBatch).where(LlmBatch.id.in_(mine)).values(run_id=run))
    return answered | {key for _, key in wanted}


async def batches_estimate(session: AsyncSession, run: uuid.UUID) -> Decimal:
    """US dollars that the run's open batches may come to."""
    each = func.jsonb_each(LlmBatch.requests).table_valued("key", "value").render_derived()
    usd = func.sum(each.c.value.op("->>")("usd").cast(Numeric))
    waiting = (
        select(usd)
        .select_from(LlmBatch)
        .join(each, literal(True))
        .where(LlmBatch.run_id == run, LlmBatch.status == OPEN)
    )
    return await session.scalar(waiting) or Decimal(0)


def _size() -> Any:
    keys = func.jsonb_object_keys(LlmBatch.requests).table_valued("key")
    return select(func.count()).select_from(keys).scalar_subquery()


def elsewhere(key: bytes) -> bytes:
    """A key under which nothing is ever looked up."""
    return hashlib.sha256(key + secrets.token_bytes(16)).digest()


FORGET = text("""
update llm_answers set key = sha256(key || uuid_send(gen_random_uuid())), answer = '{}'
""")


async def forget(session: AsyncSession) -> None:
    """Forget what models answered, and what is to be asked of them in batches; what it cost stays."""
    await session.execute(FORGET)
    await session.execute(delete(LlmBatch))

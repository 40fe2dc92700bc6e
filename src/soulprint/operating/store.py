"""All SQL of the room. In an operator's session, but where an account's own is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.records import Account

ALIVE = timedelta(seconds=20)
"""A worker without a pulse for longer counts as gone."""

DEAREST = 20


@dataclass(frozen=True, slots=True)
class Day:
    """What began on a day, in UTC."""

    day: date
    kind: str
    status: str
    passes: int


@dataclass(frozen=True, slots=True)
class Pace:
    """How passes of a kind went."""

    kind: str
    passes: int
    complete: int
    failed: int
    average: float | None
    """Seconds, of those that were completed."""
    p95: float | None

    @property
    def success(self) -> float | None:
        """The share that was completed of those that ended by themselves: neither paused nor stopped by somebody."""
        ended = self.complete + self.failed
        return self.complete / ended if ended else None


@dataclass(frozen=True, slots=True)
class StagePace:
    name: str
    stages: int
    median: float
    """Seconds."""
    p95: float


@dataclass(frozen=True, slots=True)
class Failure:
    """Why passes ended without a profile."""

    kind: str
    reason: str
    """The class of the error."""
    passes: int
    last: datetime


@dataclass(frozen=True, slots=True)
class Cost:
    """What answers came to."""

    subject: str
    """A model and its role, or an account."""
    role: str
    calls: int
    input_tokens: int
    output_tokens: int
    today: Decimal
    """US dollars."""
    cost_usd: Decimal


@dataclass(frozen=True, slots=True)
class Queue:
    at_work: int
    """Full passes of which a stage has begun."""
    waiting: int
    """Those of which none has."""
    quick: int
    oldest: datetime | None
    """When the first of them all began."""


@dataclass(frozen=True, slots=True)
class Process:
    id: str
    pid: int
    version: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class RunRow:
    id: uuid.UUID
    account: uuid.UUID
    kind: str
    status: str
    model: str
    reason: str | None
    """The class of the error it ended with."""
    version: int | None
    cost_usd: Decimal
    ceiling_usd: Decimal | None
    started_at: datetime
    finished_at: datetime | None

    @property
    def seconds(self) -> float | None:
        return (self.finished_at - self.started_at).total_seconds() if self.finished_at else None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which passes are listed."""

    kind: str = ""
    status: str = ""
    reason: str = ""
    account: uuid.UUID | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class TaskFailure:
    """Tasks of a stage that failed, or are to be tried again after they did."""

    stage: str
    status: str
    reason: str
    tasks: int


@dataclass(frozen=True, slots=True)
class AccountRow:
    """How much there is of an account."""

    id: uuid.UUID
    created_at: datetime
    conversations: int
    facts: int
    versions: int
    last_pass: datetime | None
    spent: Decimal
    """US dollars in 30 days."""


async def days(session: AsyncSession, since: datetime) -> list[Day]:
    return [Day(*row) for row in await _rows(session, DAYS, since=since)]


DAYS = """
select (started_at at time zone 'utc')::date, kind, status, count(*)
from runs where started_at >= :since group by 1, 2, 3 order by 1, 2, 3
"""


async def paces(session: AsyncSession, since: datetime) -> list[Pace]:
    return [Pace(*row) for row in await _rows(session, PACES, since=since)]


PACES = """
select kind, count(*), count(*) filter (where status = 'complete'), count(*) filter (where status = 'failed'),
    avg(seconds) filter (where status = 'complete'),
    percentile_cont(0.95) within group (order by seconds) filter (where status = 'complete')
from (
    select kind, status, extract(epoch from finished_at - started_at)::float as seconds
    from runs where started_at >= :since
) as passes
group by kind order by kind desc
"""


async def stage_paces(session: AsyncSession, since: datetime) -> list[StagePace]:
    return [StagePace(*row) for row in await _rows(session, STAGES, since=since)]


STAGES = """
select name, count(*), percentile_cont(0.5) within group (order by seconds),
    percentile_cont(0.95) within group (order by seconds)
from (
    select name, extract(epoch from finished_at - started_at)::float as seconds
    from run_stages where started_at >= :since and finished_at is not null
) as stages
group by name order by 4 desc, name
"""


async def failures(session: AsyncSession, since: datetime) -> list[Failure]:
    return [Failure(*row) for row in await _rows(session, FAILURES, since=since)]


FAILURES = """
select kind, coalesce(error_kind, 'unknown'), count(*), max(coalesce(finished_at, started_at))
from runs where started_at >= :since and status in ('failed', 'paused')
group by 1, 2 order by 3 desc, 4 desc
"""


async def costs_of_models(session: AsyncSession, since: datetime) -> list[Cost]:
    return [Cost(*row) for row in await _rows(session, COSTS.format(subject="model", role="role"), since=since)]


async def costs_of_accounts(session: AsyncSession, since: datetime) -> list[Cost]:
    """The dearest, the dearest first."""
    query = COSTS.format(subject="user_id::text", role="''")
    return [Cost(*row) for row in await _rows(session, f"{query} limit {DEAREST}", since=since)]


COSTS = """
select {subject}, {role}, sum(calls)::bigint, sum(input_tokens)::bigint, sum(output_tokens)::bigint,
    coalesce(sum(cost_usd) filter (where day = (now() at time zone 'utc')::date), 0), sum(cost_usd)
from expenses where day >= cast(:since as timestamptz)::date group by 1, 2 order by 7 desc, 1, 2
"""


async def queue(session: AsyncSession) -> Queue:
    return Queue(*(await _rows(session, QUEUE))[0])


QUEUE = """
select count(*) filter (where kind = 'full' and has_begun), count(*) filter (where kind = 'full' and not has_begun),
    count(*) filter (where kind = 'quick'), min(started_at)
from (
    select kind, started_at, exists (select from run_stages where run_id = runs.id) as has_begun
    from runs where status = 'processing'
) as active
"""


async def processes(session: AsyncSession) -> list[Process]:
    """Workers that are alive, the oldest first."""
    query = """
        select id, pid, version, started_at, seen_at from workers where seen_at > now() - :alive order by started_at
    """
    return [Process(*row) for row in await _rows(session, query, alive=ALIVE)]


async def size_mb(session: AsyncSession) -> float:
    return float((await _rows(session, "select pg_database_size(current_database()) / 1e6"))[0][0])


RUN = """
select id, user_id, kind, status, model, error_kind, version, cost_usd, ceiling_usd, started_at, finished_at from runs
"""


async def runs(session: AsyncSession, wanted: Wanted, before: uuid.UUID | None, most: int) -> list[RunRow]:
    asked: dict[str, object] = {
        "kind = :kind": wanted.kind,
        "status = :status": wanted.status,
        "coalesce(error_kind, 'unknown') = :reason and status in ('failed', 'paused')": wanted.reason,
        "user_id = :account": wanted.account,
        "(started_at at time zone 'utc')::date = :day": wanted.day,
        "(started_at, id) < (select started_at, id from runs where id = :before)": before,
    }
    names = ("kind", "status", "reason", "account", "day", "before")
    where = " and ".join(condition for condition, value in asked.items() if value) or "true"
    values = dict(zip(names, asked.values(), strict=True))
    query = f"{RUN} where {where} order by started_at desc, id desc limit :most"
    given = {name: value for name, value in values.items() if value}
    return [RunRow(*row) for row in await _rows(session, query, most=most, **given)]


async def run(session: AsyncSession, run_id: uuid.UUID) -> RunRow | None:
    found = await _rows(session, f"{RUN} where id = :run", run=run_id)
    return RunRow(*found[0]) if found else None


async def accounts(session: AsyncSession, after: uuid.UUID | None, most: int) -> Sequence[Account]:
    query = select(Account).order_by(Account.id).limit(most)
    return (await session.scalars(query.where(Account.id > after) if after else query)).all()


# For scraping, over all time


async def passes(session: AsyncSession) -> list[tuple[str, str, int]]:
    """Kind, status and how many."""
    query = "select kind, status, count(*) from runs group by 1, 2 order by 1, 2"
    return [(kind, status, count) for kind, status, count in await _rows(session, query)]


@dataclass(frozen=True, slots=True)
class Histogram:
    """How long something took."""

    name: str
    below: Sequence[int]
    """How many took at most so many seconds, for each of the bounds that were asked for."""
    count: int
    seconds: float


async def stage_histograms(session: AsyncSession, bounds: Sequence[float]) -> list[Histogram]:
    counted = ", ".join(f"count(*) filter (where seconds <= {bound:g})" for bound in bounds)
    query = f"""
        select name, array[{counted}], count(*), sum(seconds)
        from (
            select name, extract(epoch from finished_at - started_at)::float as seconds
            from run_stages where finished_at is not null
        ) as stages group by name order by name
    """  # noqa: S608
    return [Histogram(*row) for row in await _rows(session, query)]


async def answers(session: AsyncSession) -> list[tuple[str, str, int, int, int, float, float]]:
    """Model, role, calls, tokens read and written, seconds, US dollars."""
    query = """
        select model, role, sum(calls)::bigint, sum(input_tokens)::bigint, sum(output_tokens)::bigint, sum(seconds),
            sum(cost_usd)::float
        from expenses group by 1, 2 order by 1, 2
    """
    return [(m, r, c, i, o, s, u) for m, r, c, i, o, s, u in await _rows(session, query)]


# As the account itself


async def task_failures(session: AsyncSession, run_id: uuid.UUID) -> list[TaskFailure]:
    return [TaskFailure(*row) for row in await _rows(session, TASKS, run=run_id)]


TASKS = """
select stage, status, coalesce(error_kind, 'unknown'), count(*)
from run_tasks where run_id = :run and (status = 'failed' or error is not null)
group by 1, 2, 3 order by 4 desc, 1
"""


async def account(session: AsyncSession, row: Account) -> AccountRow:
    counts = (await _rows(session, ACCOUNT))[0]
    return AccountRow(row.id, row.created_at, *counts)


ACCOUNT = """
select (select count(*) from conversations), (select count(*) from facts), (select count(*) from profile_versions),
    (select max(started_at) from runs),
    (select coalesce(sum(cost_usd), 0) from expenses where day > (now() at time zone 'utc')::date - 30)
"""


async def _rows(session: AsyncSession, query: str, **values: object) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in await session.execute(text(query), values)]

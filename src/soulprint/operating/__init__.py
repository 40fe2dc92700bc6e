"""What those who run SoulPrint see of it. In: an open database. Out: passes, queue, failures and costs of all accounts.

Nothing that anybody wrote: an operator's session reads passes and expenses alone, errors by their class, and of an
account only how much there is.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from soulprint import choices, errors, pipeline
from soulprint.database import Database
from soulprint.operating import store
from soulprint.operating.store import (
    AccountRow,
    Cost,
    Day,
    Failure,
    Histogram,
    Pace,
    Process,
    Queue,
    RunRow,
    StagePace,
    TaskFailure,
    Wanted,
)
from soulprint.pipeline import PassState
from soulprint.settings import Settings

__all__ = [
    "AccountRow",
    "Cost",
    "Day",
    "Failure",
    "Figures",
    "Histogram",
    "Overview",
    "Pace",
    "Process",
    "Queue",
    "RunDetail",
    "RunRow",
    "StagePace",
    "TaskFailure",
    "Wanted",
    "accounts",
    "figures",
    "overview",
    "retry",
    "run",
    "runs",
    "stop",
]

DAYS = 30


@dataclass(frozen=True, slots=True)
class Overview:
    """How it went in the last days, and what is at work now."""

    since: datetime
    days: Sequence[Day]
    paces: Sequence[Pace]
    stages: Sequence[StagePace]
    """The slowest first."""
    failures: Sequence[Failure]
    """The most frequent first."""
    models: Sequence[Cost]
    accounts: Sequence[Cost]
    """The dearest of them, the dearest first."""
    queue: Queue
    processes: Sequence[Process]
    """Workers that are alive."""
    size_mb: float
    """Of the database."""


async def overview(db: Database, *, days: int = DAYS) -> Overview:
    """The last so many days, today among them, and now."""
    since = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=days - 1)
    async with db.operators_session() as session:
        return Overview(
            since=since,
            days=await store.days(session, since),
            paces=await store.paces(session, since),
            stages=await store.stage_paces(session, since),
            failures=await store.failures(session, since),
            models=await store.costs_of_models(session, since),
            accounts=await store.costs_of_accounts(session, since),
            queue=await store.queue(session),
            processes=await store.processes(session),
            size_mb=await store.size_mb(session),
        )


async def runs(db: Database, wanted: Wanted, *, before: uuid.UUID | None = None, most: int = 50) -> list[RunRow]:
    """Passes of all accounts, the latest first; `before` is the last of the page before."""
    async with db.operators_session() as session:
        return await store.runs(session, wanted, before, most)


@dataclass(frozen=True, slots=True)
class RunDetail:
    """One pass of whomever."""

    row: RunRow
    state: PassState
    failures: Sequence[TaskFailure]


async def run(db: Database, run_id: uuid.UUID) -> RunDetail:
    """Raises `errors.NotFound`."""
    row = await _row(db, run_id)
    state = await pipeline.of_pass(db, row.account, run_id)
    async with db.session(row.account) as session:
        failures = await store.task_failures(session, run_id)
    return RunDetail(row, state, failures)


async def retry(db: Database, run_id: uuid.UUID, settings: Settings) -> uuid.UUID:
    """Start a full pass of the account of this one, which does what that left; gives its run. `settings` are what was
    set at the start. Raises what `pipeline.start` does."""
    row = await _row(db, run_id)
    return await pipeline.start(db, row.account, await choices.settings(db, row.account, settings), retry=True)


async def stop(db: Database, run_id: uuid.UUID, settings: Settings) -> None:
    """Stop a full pass that is at work. Raises `errors.NotFound` where it isn't."""
    row = await _row(db, run_id)
    if row.status != "processing" or row.kind != "full":
        raise errors.NotFound(what="full pass at work")
    await pipeline.stop(db, row.account, await choices.settings(db, row.account, settings))


async def accounts(db: Database, *, after: uuid.UUID | None = None, most: int = 25) -> list[AccountRow]:
    """The accounts by their ids, with how much there is of each; `after` is the last of the page before."""
    async with db.operators_session() as session:
        found = await store.accounts(session, after, most)
    rows = []
    for account in found:
        async with db.session(account.id) as session:
            rows.append(await store.account(session, account))
    return rows


@dataclass(frozen=True, slots=True)
class Figures:
    """What is true of all processes together, to be scraped."""

    passes: Sequence[tuple[str, str, int]]
    """Kind, status and how many."""
    failures: Sequence[Failure]
    stages: Sequence[Histogram]
    answers: Sequence[tuple[str, str, int, int, int, float, float]]
    """Model, role, calls, tokens read and written, seconds, US dollars."""
    queue: Queue
    processes: Sequence[Process]
    size_mb: float


async def figures(db: Database, bounds: Sequence[float]) -> Figures:
    """Over all time, and now; `bounds` are the seconds that the histograms of stages count up to."""
    async with db.operators_session() as session:
        return Figures(
            passes=await store.passes(session),
            failures=await store.failures(session, datetime.fromtimestamp(0, UTC)),
            stages=await store.stage_histograms(session, bounds),
            answers=await store.answers(session),
            queue=await store.queue(session),
            processes=await store.processes(session),
            size_mb=await store.size_mb(session),
        )


async def _row(db: Database, run_id: uuid.UUID) -> RunRow:
    async with db.operators_session() as session:
        row = await store.run(session, run_id)
    if row is None:
        raise errors.NotFound(what="pass")
    return row

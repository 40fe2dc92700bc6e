"""How far everything is, counted from the database at each call."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import importing, llm, sections
from soulprint.database import Database
from soulprint.pipeline import store
from soulprint.pipeline.first_profile import fail_dead_runs
from soulprint.records import Import, Run, Worker
from soulprint.records import Status as RunStatus
from soulprint.settings import Settings

POLL, IDLE = 0.4, 2.0
"""Seconds between two looks at the database while somebody watches: while something is at work, and while nothing is,
as a look counts the whole history."""

FEWEST_FOR_ETA = 3
"""Tasks done before the time the others take is told."""

PACE = timedelta(minutes=10)
"""How far back the pace of a stage is looked at."""

ALIVE = timedelta(seconds=20)
"""A worker without a pulse for longer counts as gone."""

Stage = Literal["empty", "importing", "interrupted", "profiling", "ready", "failed"]
"""interrupted: an upload that was being read when its process stopped; `soulprint up` goes on with it."""


@dataclass(frozen=True, slots=True)
class ImportState:
    """The last import."""

    id: uuid.UUID
    names: str
    status: str
    bytes_read: int
    bytes_total: int | None
    report: dict[str, Any] | None
    error: str | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class RunState:
    """The last run."""

    id: uuid.UUID
    kind: str
    status: str
    model: str
    note: str | None
    error: str | None
    cost_usd: float
    version: int | None
    started_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class StageState:
    """A stage of a full pass."""

    name: str
    done: int
    """Tasks: windows of conversations, groups of facts, or the one text to write."""
    failed: int
    total: int
    counts: dict[str, Any]
    """What else is to be told of it: conversations passed over, facts found and kept, why others were dropped."""
    calls: int
    """Answers paid for."""
    cost_usd: float
    started_at: datetime
    finished_at: datetime | None
    seconds_left: float | None
    """At the pace of late, while somebody works on it; None where that can't be told."""


@dataclass(frozen=True, slots=True)
class PassState:
    """The last full pass."""

    id: uuid.UUID
    status: str
    model: str
    note: str | None
    error: str | None
    cost_usd: float
    ceiling_usd: float | None
    in_batches: bool
    """Whether it goes through the provider's batch API, and may take a day."""
    version: int | None
    started_at: datetime
    finished_at: datetime | None
    stages: tuple[StageState, ...]
    """Those that have begun, in their order."""


@dataclass(frozen=True, slots=True)
class WorkerState:
    """A process that works on full passes."""

    id: str
    """Host and slot."""
    pid: int
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Status:
    stage: Stage
    import_: ImportState | None
    run: RunState | None
    """The last quick pass."""
    full_pass: PassState | None
    version: int | None
    """The profile version in use."""
    unread: int
    """Conversations that no full pass has read as they are now."""
    facts: int
    """Active and pinned ones."""
    conversations: int
    messages: int
    """With text, of both sides."""
    first_at: datetime | None
    last_at: datetime | None
    model: str
    """The model that would write the next profile; `local` for none."""
    workers: tuple[WorkerState, ...]
    """Processes that work on full passes; a pass goes on only while there is one."""

    @property
    def is_taking_in(self) -> bool:
        """Whether an export is read, or the first profile written from it."""
        return self.stage in ("importing", "profiling")

    @property
    def passing(self) -> PassState | None:
        """The full pass that is at work."""
        return self.full_pass if self.full_pass and self.full_pass.status == RunStatus.PROCESSING else None

    @property
    def at_work(self) -> bool:
        """Whether anything moves."""
        return self.is_taking_in or self.passing is not None


async def status(database: Database, account: uuid.UUID, settings: Settings) -> Status:
    """What is stored and what is at work right now. Work whose process has died is first marked as such."""
    waiting = await importing.reclaim(database, account, settings)
    await fail_dead_runs(database, account)
    now = await _read(database, account, settings)
    return replace(now, stage="interrupted") if now.import_ and now.import_.id in waiting else now


async def history(session: AsyncSession) -> store.Counts:
    """What is stored of a person's history."""
    return await store.counts(session)


async def of_pass(database: Database, account: uuid.UUID, run: uuid.UUID) -> PassState:
    """How far a pass of the account is, or came. Raises `errors.NotFound`."""
    async with database.session(account, of_one_moment=True) as session:
        return await _pass_state(session, await store.run(session, run), await store.living(session, ALIVE))


async def queue(database: Database, account: uuid.UUID) -> store.Queue:
    """What waits for workers, of one account."""
    async with database.session(account) as session:
        return await store.queue(session)


async def watch(database: Database, account: uuid.UUID, settings: Settings) -> AsyncGenerator[Status, None]:
    """The status at once, and again whenever it has changed, until the caller leaves."""
    seen = await status(database, account, settings)
    yield seen
    while True:
        await asyncio.sleep(POLL if seen.at_work else IDLE)
        now = await _read(database, account, settings)
        if now != seen:
            yield now
            seen = now


class Watching:
    """The status as it changes, looked at once for all who watch the same: a look counts the whole history."""

    def __init__(self) -> None:
        self._looks: list[_Look] = []

    async def status(self, database: Database, account: uuid.UUID, settings: Settings) -> AsyncGenerator[Status, None]:
        """The latest at once, and each that differs from it, until the caller leaves. Raises what `status` does."""
        look, seen = self._look(database, account, settings), None
        look.watchers += 1
        try:
            while True:
                news = look.news
                if look.latest is not None and look.latest is not seen:
                    seen = look.latest
                    yield seen
                elif look.task.done():
                    await look.task  # raises what went wrong
                    return
                else:
                    await news.wait()
        finally:
            look.watchers -= 1
            if not look.watchers:
                look.task.cancel()

    def _look(self, database: Database, account: uuid.UUID, settings: Settings) -> _Look:
        """The one that goes on already, or a new one; settings that were chosen since are not those it looks with."""
        self._looks = [look for look in self._looks if look.watchers and not look.task.done()]
        for look in self._looks:
            if (look.account, look.settings) == (account, settings):
                return look
        self._looks.append(_Look(database, account, settings))
        return self._looks[-1]


class _Look:
    """What many wait for together."""

    def __init__(self, database: Database, account: uuid.UUID, settings: Settings) -> None:
        self.account = account
        self.settings = settings
        self.watchers = 0
        self.latest: Status | None = None
        self.news = asyncio.Event()
        self.task = asyncio.create_task(self._look(database))

    async def _look(self, database: Database) -> None:
        try:
            async with aclosing(watch(database, self.account, self.settings)) as watched:
                async for now in watched:
                    self._tell(now)
        finally:
            self._tell(self.latest)

    def _tell(self, now: Status | None) -> None:
        self.latest = now
        self.news.set()
        self.news = asyncio.Event()


async def _read(database: Database, account: uuid.UUID, settings: Settings) -> Status:
    async with database.session(account, of_one_moment=True) as session:
        last_import = await store.last_import(session)
        last_run = await store.last_run_of(session, store.QUICK)
        version = await sections.current_number(session)
        counts = await store.counts(session)
        workers = await store.living(session, ALIVE)
        full_pass = await _full_pass(session, workers)
        unread = await store.unread(session)
        known = await store.known_facts(session)
    return Status(
        stage=_stage(last_import, last_run, version),
        import_=_import_state(last_import) if last_import else None,
        run=_run_state(last_run) if last_run else None,
        full_pass=full_pass,
        version=version,
        unread=unread,
        facts=known,
        conversations=counts.conversations,
        messages=counts.messages,
        first_at=counts.first_at,
        last_at=counts.last_at,
        model=llm.model_name(settings, llm.Role.QUICK),
        workers=tuple(WorkerState(worker.id, worker.pid, worker.started_at) for worker in workers),
    )


async def _full_pass(session: AsyncSession, workers: Sequence[Worker]) -> PassState | None:
    row = await store.last_run_of(session, store.FULL)
    return None if row is None else await _pass_state(session, row, workers)


async def _pass_state(session: AsyncSession, row: Run, workers: Sequence[Worker]) -> PassState:
    spent = {one.role: one for one in await store.spent(session, row.id)}
    now = datetime.now(UTC)
    since = max(workers[0].started_at, now - PACE) if workers else None
    rows = await store.stages(session, row.id, since)
    return PassState(
        id=row.id,
        status=row.status,
        model=row.model,
        note=row.note,
        error=row.error,
        cost_usd=float(sum(one.cost_usd for one in spent.values())),
        ceiling_usd=None if row.ceiling_usd is None else float(row.ceiling_usd),
        in_batches=bool(row.plan.get("batch")),
        version=row.version,
        started_at=row.started_at,
        finished_at=row.finished_at,
        stages=tuple(_stage_state(one, spent.get(one.name), _seconds_left(one, since, now)) for one in rows),
    )


def _seconds_left(row: store.StageRow, since: datetime | None, now: datetime) -> float | None:
    """By the tasks done since `since`, when somebody was at work all the time."""
    if since is None or row.finished_at or row.lately < FEWEST_FOR_ETA:
        return None
    taken = (now - max(since, row.started_at)).total_seconds()
    return round(taken / row.lately * (row.total - row.done - row.failed))


def _stage_state(row: store.StageRow, spent: store.Spent | None, left: float | None) -> StageState:
    return StageState(
        name=row.name,
        done=row.done,
        failed=row.failed,
        total=row.total,
        counts=row.counts,
        calls=spent.calls if spent else 0,
        cost_usd=float(spent.cost_usd) if spent else 0.0,
        started_at=row.started_at,
        finished_at=row.finished_at,
        seconds_left=left,
    )


def _stage(last_import: Import | None, last_run: Run | None, version: int | None) -> Stage:
    if last_import and last_import.status == RunStatus.PROCESSING:
        return "importing"
    if last_run and last_run.status == RunStatus.PROCESSING:
        return "profiling"
    if version is not None:
        return "ready"
    failed = [row for row in (last_import, last_run) if row and row.status == RunStatus.FAILED]
    return "failed" if failed else "empty"


def _import_state(row: Import) -> ImportState:
    return ImportState(**{name: getattr(row, name) for name in ImportState.__slots__})


def _run_state(row: Run) -> RunState:
    values = {name: getattr(row, name) for name in RunState.__slots__}
    return RunState(**values | {"cost_usd": float(row.cost_usd)})

"""From an export to the first profile: import, quick pass, swap.

A run is a row and a lock that falls when its process dies, so that a restart knows what was interrupted. Every stage
can be done again: an import finds what it wrote unchanged, and a model's answer is in the journal.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import structlog

from soulprint import errors, importing, llm, quick_pass, sections
from soulprint.database import Database
from soulprint.pipeline import store
from soulprint.records import VersionKind
from soulprint.settings import Settings

log = structlog.get_logger()

QUICK = "quick"
INTERRUPTED = (
    "It was interrupted; what was read is kept. Import the same file again, or start `soulprint up`, to finish."
)
CANCELLED = "It was stopped; what was read is kept."


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one export."""

    report: importing.Report
    version: int | None
    """The profile version in use afterwards."""
    note: str | None = None
    """What the person should know of how it was made."""


def _silent(progress: importing.Progress) -> None:
    """For callers that show no progress."""


async def import_export(
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    paths: Sequence[Path],
    *,
    names: str,
    profile: bool = True,
    progress: Callable[[importing.Progress], None] = _silent,
) -> Outcome:
    """Import `paths` for `account` and, unless `profile` is false, bring the profile up to date.

    Raises `errors.ImportRunning`, `errors.PassRunning`, and whatever makes the whole import impossible; what was read
    until then is kept.
    """
    async with importing.begun(database, account, names) as import_id:
        if profile:
            return await first_profile(database, account, settings, import_id, paths, progress)
        report = await importing.run(database, account, import_id, paths, settings, progress)
    async with database.session(account) as session:
        return Outcome(report, await sections.current_number(session))


async def first_profile(
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    import_id: uuid.UUID,
    paths: Sequence[Path],
    progress: Callable[[importing.Progress], None] = _silent,
) -> Outcome:
    """All stages of an import that this process holds, from the first or again after an interruption."""
    async with working(database, account, settings, import_id) as run:
        warming = asyncio.create_task(quick_pass.warm())
        report = await importing.run(database, account, import_id, paths, settings, progress)
        async with database.session(account) as session:
            version = await sections.current_number(session)
            unfinished = await store.last_failed(session, QUICK)
        if version is None or unfinished or report.imported or report.updated:
            await warming
            return Outcome(report, *await _profile(database, account, settings, run))
        async with database.session(account) as session:
            await store.complete_run(session, run, version)
        return Outcome(report, version)


async def quick_profile(database: Database, account: uuid.UUID, settings: Settings) -> tuple[int, str | None]:
    """The quick pass alone, over everything imported so far: the version it made and what to know of how.

    Raises `errors.PassRunning`.
    """
    async with working(database, account, settings) as run:
        return await _profile(database, account, settings, run)


@asynccontextmanager
async def working(
    database: Database, account: uuid.UUID, settings: Settings, import_id: uuid.UUID | None = None
) -> AsyncIterator[uuid.UUID]:
    """A new quick run, at work for as long as the block runs; an error in the block fails it.

    Raises `errors.PassRunning` while another is at work, `errors.ModelUnknown` before anything is begun.
    """
    llm.check(settings)
    await fail_dead_runs(database, account)
    run = uuid.uuid4()
    async with database.hold(_lock(run)):
        async with database.session(account) as session:
            await store.start_run(session, account, run, QUICK, llm.model_name(settings, llm.Role.QUICK), import_id)
        try:
            yield run
        except BaseException as error:
            with anyio.CancelScope(shield=True):
                await _fail(database, account, run, _reason(error))
            raise


async def fail_dead_runs(database: Database, account: uuid.UUID) -> None:
    """Mark the runs as failed that are not at work any more: nobody holds their lock."""
    async with database.session(account) as session:
        running = await store.running(session)
    for run in running:
        async with database.hold(_lock(run)) as dead:
            if dead:
                await _fail(database, account, run, INTERRUPTED)


async def _profile(
    database: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID
) -> tuple[int, str | None]:
    draft = await quick_pass.draft(database, account, settings)
    async with database.session(account) as session:
        number = await sections.publish(session, account, draft, VersionKind.QUICK)
        await store.complete_run(session, run, number, draft)
    log.info("profile made", version=number, model=draft.model, conversations=draft.conversations_total)
    return number, draft.note


async def _fail(database: Database, account: uuid.UUID, run: uuid.UUID, reason: str) -> None:
    async with database.session(account) as session:
        await store.fail_run(session, run, reason)


def _reason(error: BaseException) -> str:
    """What a person may read: our own errors in full, of all others the name alone, as their text may quote data."""
    if isinstance(error, asyncio.CancelledError):
        return CANCELLED
    return str(error) if isinstance(error, errors.SoulprintError) else type(error).__name__


def _lock(run: uuid.UUID) -> str:
    return f"run:{run}"

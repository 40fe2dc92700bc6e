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
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import chunking, errors, importing, indexing, llm, notices, quick_pass, sections
from soulprint.database import Database
from soulprint.pipeline import passes, store, telling
from soulprint.pipeline.estimate import Estimate
from soulprint.pipeline.store import QUICK
from soulprint.records import VersionKind
from soulprint.records.sections import Draft
from soulprint.settings import Settings

log = structlog.get_logger()

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
    follows: bool = False
    """Whether a full pass is to be started over what was imported."""
    why_not: str | None = None
    """Why none is, where the person may want one."""
    expected: Estimate | None = None
    """What that pass would read and cost, where it was counted."""


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
    restore: bool = False,
    progress: Callable[[importing.Progress], None] = _silent,
) -> Outcome:
    """Import `paths` for `account` and, unless `profile` is false, bring the profile up to date. With `restore`, what
    was forgotten before comes back.

    Raises `errors.ImportRunning`, `errors.PassRunning`, and whatever makes the whole import impossible; what was read
    until then is kept.
    """
    fingerprint = await asyncio.to_thread(importing.fingerprint, paths)
    async with importing.begun(database, account, names, fingerprint=fingerprint) as import_id:
        if profile:
            outcome = await first_profile(database, account, settings, import_id, paths, progress, restore=restore)
            if not outcome.follows:
                await telling.tell(database, account, settings)
            return outcome
        report = await importing.run(database, account, import_id, paths, settings, progress, restore=restore)
        await _cut(database, account, settings)
    async with database.session(account) as session:
        return Outcome(report, await sections.current_number(session))


async def first_profile(
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    import_id: uuid.UUID,
    paths: Sequence[Path],
    progress: Callable[[importing.Progress], None] = _silent,
    *,
    restore: bool = False,
) -> Outcome:
    """All stages of an import that this process holds, from the first or again after an interruption."""
    async with working(database, account, settings, import_id) as run:
        warming = asyncio.create_task(quick_pass.warm())
        report = await importing.run(database, account, import_id, paths, settings, progress, restore=restore)
        cutting = asyncio.create_task(_cut(database, account, settings))
        async with database.session(account) as session:
            current = await store.current_version(session)
            unfinished = await store.last_failed(session, QUICK)
        version, note = current.number if current else None, None

        async def quotes_what_is_removed() -> bool:
            """Whether the profile rests on what is to be forgotten, and no full pass will write it anew."""
            return bool(report.removed) and not (await passes.decide(database, account, settings)).starts

        changed = bool(report.imported or report.updated or report.removed or unfinished)
        if current is None or (changed and current.kind == VersionKind.QUICK) or await quotes_what_is_removed():
            await warming
            draft, decision = await asyncio.gather(
                quick_pass.draft(database, account, settings), passes.decide(database, account, settings)
            )
            version, note = await _publish(database, account, settings, run, draft, decision)
        else:
            # A version that rests on every conversation read is not replaced by one that rests on a sample.
            decision = await passes.decide(database, account, settings)
            async with database.session(account) as session:
                await store.complete_run(session, run, current.number)
                await _announce(session, account, settings, run, decision, "complete")
        await cutting
    return Outcome(report, version, note, decision.starts, decision.why, decision.expected)


async def _cut(database: Database, account: uuid.UUID, settings: Settings) -> None:
    """Index what was imported and cut it into chunks, beside the first profile, which does without: what fails here is
    done by the full pass."""
    try:
        await indexing.index_all(database, account)
        await chunking.chunk_all(database, account, settings)
    except errors.SoulprintError as error:
        log.warning("conversations were not cut for search", error=type(error).__name__)


async def quick_profile(database: Database, account: uuid.UUID, settings: Settings) -> tuple[int, str | None]:
    """The quick pass alone, over everything imported so far: the version it made and what to know of how.

    Raises `errors.PassRunning`.
    """
    async with working(database, account, settings) as run:
        draft = await quick_pass.draft(database, account, settings)
        return await _publish(database, account, settings, run, draft, passes.Decision(False))


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
                await _fail(database, account, run, _reason(error), type(error).__name__)
            raise


async def fail_dead_runs(database: Database, account: uuid.UUID) -> None:
    """Mark the runs as failed that are not at work any more: nobody holds their lock."""
    async with database.session(account) as session:
        running = await store.running(session, QUICK)
    for run in running:
        async with database.hold(_lock(run)) as dead:
            if dead:
                await _fail(database, account, run, INTERRUPTED, "Interrupted")


async def _publish(
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    run: uuid.UUID,
    draft: Draft,
    decision: passes.Decision,
) -> tuple[int, str | None]:
    """Make the draft the version in use, and write down that the person is to be told of it."""
    async with database.session(account) as session:
        number = await sections.publish(session, account, draft, VersionKind.QUICK)
        await store.complete_run(session, run, number, draft)
        await _announce(session, account, settings, run, decision, "complete", "ready")
    log.info("profile made", version=number, model=draft.model, conversations=draft.conversations_total)
    return number, draft.note


async def _announce(
    session: AsyncSession,
    account: uuid.UUID,
    settings: Settings,
    run: uuid.UUID,
    decision: passes.Decision,
    *kinds: str,
) -> None:
    """Write down what is to be told; whoever began the run has it sent."""
    payload = await store.told(session, run) | {"memory_building": decision.starts}
    for kind in kinds:
        await notices.announce(session, settings, account, run, kind, payload)


async def _fail(database: Database, account: uuid.UUID, run: uuid.UUID, reason: str, kind: str) -> None:
    async with database.session(account) as session:
        await store.fail_run(session, run, reason, kind)


def _reason(error: BaseException) -> str:
    """What a person may read: our own errors in full, of all others the name alone, as their text may quote data."""
    if isinstance(error, asyncio.CancelledError):
        return CANCELLED
    return str(error) if isinstance(error, errors.SoulprintError) else type(error).__name__


def _lock(run: uuid.UUID) -> str:
    return f"run:{run}"

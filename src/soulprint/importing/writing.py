"""An import at work: its files are looked through, read by threads or processes, and written batch by batch."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors
from soulprint.database import Database
from soulprint.importing import deletions, formats, reconciliation, shapes, store
from soulprint.importing.engine import batches, frames, readers
from soulprint.importing.engine.batches import Batch, Ready
from soulprint.importing.engine.feed import Feed
from soulprint.importing.engine.ledger import Ledger
from soulprint.importing.engine.reading import Reading
from soulprint.importing.files import archives
from soulprint.importing.reconciliation import Report, Tally
from soulprint.settings import Settings

PROGRESS_SECONDS = 1.0
WRITERS = min(4, os.cpu_count() or 1)
"""How many batches are written at once: Postgres indexes them, each with a core of its own."""
GRACE = 0.4
"""Seconds that a batch which is being written has when the import is to stop; then it is rolled back."""

SCRATCH = "import-"
NEVER = datetime.min.replace(tzinfo=UTC)

T = TypeVar("T")
Refused: TypeAlias = tuple[int, archives.Refusal]
"""The number of the member, or -1 for what was refused before any was read."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. `bytes_total` is 0 until all archives are looked through."""

    bytes_read: int
    bytes_total: int
    conversations: int


def lock_name(import_id: uuid.UUID) -> str:
    """The advisory lock that whoever works on the import holds."""
    return f"import:{import_id}"


class Work:
    """One import at work. `read` is for a task that is never cancelled: `stop` ends it within a second."""

    def __init__(
        self,
        db: Database,
        account: uuid.UUID,
        import_id: uuid.UUID,
        progress: Callable[[Progress], None],
        settings: Settings,
        *,
        restore: bool,
    ) -> None:
        self._db = db
        self._account = account
        self._import_id = import_id
        self._progress = progress
        self._settings = settings
        self._restore = restore
        self._stopped = asyncio.get_running_loop().create_future()
        self._stop_reading: list[Callable[[], None]] = []
        self._writing: dict[asyncio.Task[None], Batch] = {}
        self._counting = asyncio.Lock()
        self._refusals: list[Refused] = []
        self._ledger = Ledger([], [])
        self._stored: frozenset[int] = frozenset()
        """What was stored when the import began, by its `batches.version`."""
        self._forgotten: dict[uuid.UUID, datetime | None] = {}
        """As `store.forgotten` gives it."""
        self._removed = 0
        """Conversations that were stored, and that the person wants no memory of."""
        self._bytes_read = self._bytes_total = 0

    def stop(self) -> None:
        """Let `read` raise `asyncio.CancelledError` soon. Whole batches are kept."""
        if not self._stopped.done():
            self._stopped.set_result(None)
        for stop in self._stop_reading:
            stop()

    async def read(self, paths: Sequence[Path], called: str | None) -> Report:
        """Everything that `paths` hold, but what an earlier try has written. Findings go by the paths' names, or by
        what the person has `called` the one file that we named ourselves."""
        began = time.monotonic()
        over = asyncio.get_running_loop().create_future()
        telling = asyncio.create_task(self._keep_telling(over))
        try:
            async with _scratch(self._db, self._settings.home, self._import_id) as scratch:
                await self._survey(paths, scratch, called)
                await self._read_members(scratch)
        finally:
            over.set_result(None)
            await telling
        return await self._complete(began)

    async def _survey(self, paths: Sequence[Path], scratch: Path, called: str | None) -> None:
        def looked_through() -> Generator[archives.Survey, None, None]:
            yield archives.survey(paths, formats.known, scratch, self._settings.inflated_limit, called)

        survey = await self._feed([looked_through()]).next()
        self._go_on()
        assert survey is not None
        self._refusals = [(-1, refusal) for refusal in survey.refusals]
        async with self._db.session(self._account) as session:
            self._ledger = Ledger(survey.members, [each async for each in store.entries(session, self._import_id)])
            self._stored = await store.stored_versions(session)
            self._forgotten = {} if self._restore else await store.forgotten(session)
        self._bytes_total = sum(member.size for member in survey.members)
        self._bytes_read = self._bytes_total - sum(each.member.size for each in self._ledger.unfinished)

    async def _read_members(self, scratch: Path) -> None:
        feed = self._feed(self._sources(scratch))
        try:
            while (batch := await feed.next()) is not None:
                await self._written_until(functools.partial(self._has_room, batch))
                self._refusals += batch.refusals
                self._ledger.taken(batch)
                self._writing[asyncio.create_task(self._write(batch))] = batch
            await self._written_until(lambda: not self._writing)
        finally:
            for stop in self._stop_reading:
                stop()
            await self._end_writing()

    def _sources(self, scratch: Path) -> list[Generator[Batch, None, None]]:
        members = self._ledger.unfinished
        if readers.are_worth_it(members):
            processes = readers.Readers(frames.Setup(self._account, scratch, self._stored), members)
            self._stop_reading.append(processes.stop)
            return processes.sources()
        reading = Reading(self._account, scratch, self._stored)
        self._stop_reading.append(reading.stop)
        return [reading.batches(members)]

    def _feed(self, sources: list[Generator[T, None, None]]) -> Feed[T]:
        feed = Feed(sources)
        self._stop_reading.append(feed.stop)
        return feed

    def _go_on(self) -> None:
        if self._stopped.done():
            raise asyncio.CancelledError

    def _has_room(self, batch: Batch) -> bool:
        """Whether another batch may be written beside those that are at it: none of them holds a conversation of this
        one, as the later of two versions has to see the earlier."""
        return len(self._writing) < WRITERS and all(
            other.conversations.keys().isdisjoint(batch.conversations) for other in self._writing.values()
        )

    async def _written_until(self, enough: Callable[[], bool]) -> None:
        self._go_on()
        while not enough():
            done, _ = await asyncio.wait({*self._writing, self._stopped}, return_when=asyncio.FIRST_COMPLETED)
            self._go_on()
            for task in self._writing.keys() & done:
                del self._writing[task]
                task.result()

    async def _end_writing(self) -> None:
        """Where the import ends early: let transactions come to their ends that do so soon, and roll back the rest."""
        if self._writing:
            await asyncio.wait(self._writing, timeout=GRACE)
            for task in self._writing:
                task.cancel()
            await asyncio.gather(*self._writing, return_exceptions=True)

    async def _keep_telling(self, over: asyncio.Future[None]) -> None:
        while not (await asyncio.wait({over}, timeout=PROGRESS_SECONDS))[0]:
            self._tell()
            async with self._db.session(self._account) as session:
                await store.set_progress(session, self._import_id, self._bytes_read, self._bytes_total)

    def _tell(self) -> None:
        self._progress(Progress(self._bytes_read, self._bytes_total, self._ledger.seen))

    async def _write(self, batch: Batch) -> None:
        """One batch in one transaction, together with what became of its elements."""
        self._leave_out_forgotten(batch)
        async with self._db.session(self._account) as session:
            versions = await store.versions(session, batch.conversations)
            changed = [each for each in batch.conversations.values() if not each.is_stored]
            new = [each for each in changed if each.id not in versions]
            newer = [each for each in changed if self._is_newer(each, versions.get(each.id))]
            written = {each.id for each in (*new, *newer)}
            kept = [each for key, each in batch.conversations.items() if key not in written]
            met = (each for each in kept if not each.is_stored)  # what was stored when it began may be gone by now
            repeated = {each.id for each in met if versions[each.id].import_id == self._import_id}
            await store.write(session, self._account, self._import_id, new, newer)
            await store.touch(session, self._import_id, [each.id for each in kept])
            if self._restore:
                await store.remember(session, batch.conversations)
            removed = await store.forget(session, self._account, batch.forgotten)
            await store.write_claims(session, self._account, self._import_id, batch.claims)
            async with self._counting:
                entries = self._ledger.counted(batch, new, newer, kept, repeated)
                await store.write_entries(session, self._account, self._import_id, entries)
                await session.commit()
        self._removed += removed
        self._bytes_read += batch.bytes_read
        self._tell()

    def _leave_out_forgotten(self, batch: Batch) -> None:
        """Take out of the batch what an earlier import or the person has forgotten, but newer versions. It isn't named:
        its title is to be forgotten too."""
        for each in [each for each in batch.conversations.values() if self._is_forgotten(each)]:
            del batch.conversations[each.id]
            shapes.count(batch.tally(each.member).skipped, reconciliation.FORGOTTEN)

    def _is_forgotten(self, read: Ready) -> bool:
        if read.id not in self._forgotten:
            return False
        until = self._forgotten[read.id]
        return until is None or read.newest_at is None or read.newest_at <= until

    def _is_newer(self, read: Ready, stored: store.Version | None) -> bool:
        """Whether a version takes the place of the one that is stored: the newest wins, among those of one time the
        fullest, and among equals the one of this import. Of two of this import neither comes first, as processes read
        at the same time: there the hash decides."""
        if stored is None or read.content_hash == stored.content_hash:
            return False
        mine, its = (read.newest_at or NEVER, read.message_count), (stored.newest_at or NEVER, stored.message_count)
        if mine == its and batches.version(read.id, stored.content_hash) not in self._stored:
            return read.content_hash > stored.content_hash
        return mine >= its

    async def _complete(self, began: float) -> Report:
        if not self._ledger.is_export:
            raise min((refusal.error for _, refusal in self._refusals), key=_weight)
        async with self._db.session(self._account) as session:
            tally = await self._total(session)
            if tally.imported or tally.updated:
                await store.analyze(session)
        async with self._db.session(self._account) as session:
            await deletions.compare(session, self._import_id, is_whole=not tally.failed)
            stored = await store.stored(session, self._import_id)
            seconds = time.monotonic() - began
            report = reconciliation.report(
                self._import_id, tally, stored, self._removed, seconds, resumed=self._ledger.is_resumed
            )
            await store.set_progress(session, self._import_id, self._bytes_total, self._bytes_total)
            await store.complete(session, self._account, self._import_id, report.as_json())
        self._progress(Progress(self._bytes_total, self._bytes_total, report.seen))
        return report

    async def _total(self, session: AsyncSession) -> Tally:
        """The sum over all members in their order, and what was refused. What is not to be remembered goes, also where
        the same version was read after the mark."""
        total = Tally()
        async for entry in store.entries(session, self._import_id):
            total.add(entry.tally)
        self._removed += await store.forget(session, self._account, total.forgotten)
        for _, refusal in sorted(self._refusals, key=lambda refused: refused[0]):
            if refusal.count:
                total.fail(refusal.reason, refusal.where, refusal.count, _why(refusal))
            else:
                shapes.count(total.left_out, "files")
        return total


@contextlib.asynccontextmanager
async def _scratch(db: Database, home: Path, import_id: uuid.UUID) -> AsyncIterator[Path]:
    """A folder for what has to be inflated; those of imports whose processes died are removed first."""
    for folder in await asyncio.to_thread(_scratches, home):
        owner = uuid.UUID(folder.name.removeprefix(SCRATCH))
        async with db.hold(lock_name(owner)) as is_dead:
            if is_dead or owner == import_id:
                await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
    folder = home / f"{SCRATCH}{import_id}"
    await asyncio.to_thread(folder.mkdir, 0o700)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)  # what a stopped thread still has open stays


def _scratches(home: Path) -> list[Path]:
    home.mkdir(parents=True, exist_ok=True)
    return [*home.glob(f"{SCRATCH}{'[0-9a-f-]' * 36}")]


def _why(refusal: archives.Refusal) -> str:
    """What a report says of it, after its name."""
    if isinstance(refusal.error, errors.ExportUnknown):
        return str(refusal.error.details["reason"])
    kind = errors.ExportIncomplete if refusal.partial else type(refusal.error)
    return str(kind(**refusal.error.details | {"name": "it"}))


def _weight(error: errors.SoulprintError) -> int:
    """Danger is told before damage, damage before where the export is, and that before what is merely unknown."""
    order = (errors.ExportDangerous, errors.ExportUnreadable, errors.ExportElsewhere, errors.ExportUnknown)
    return next((rank for rank, kind in enumerate(order) if isinstance(error, kind)), len(order))

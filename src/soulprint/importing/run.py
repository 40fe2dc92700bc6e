"""The life of an import: begun, run batch by batch while its lock is held, and ended one way or the other."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from soulprint import errors
from soulprint.database import Database
from soulprint.database.engine import first_line
from soulprint.importing import batches, reconciliation, store
from soulprint.importing.batches import Batch, Ready
from soulprint.importing.reconciliation import Report, Tally
from soulprint.records import characters
from soulprint.settings import Settings

CANCELLED = "It was cancelled; what was read so far is kept. Import the same file again to go on."
INTERRUPTED = "It was interrupted when the program stopped; what was read so far is kept. Import the same file again."
PROGRESS_SECONDS = 1.0
WRITERS = min(4, os.cpu_count() or 1)
"""How many batches are written at once: Postgres makes the search vectors, which takes longer than all else."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is. `bytes_total` is 0 until all archives are looked through."""

    bytes_read: int
    bytes_total: int
    conversations: int


def lock_name(import_id: uuid.UUID) -> str:
    """The advisory lock that whoever works on the import holds."""
    return f"import:{import_id}"


@contextlib.asynccontextmanager
async def begun(
    db: Database,
    account: uuid.UUID,
    names: str,
    upload: str | None = None,
    pausing: Callable[[], bool] = lambda: False,
) -> AsyncGenerator[uuid.UUID, None]:
    """A new import of what the person calls `names`, or of a file in the uploads folder, held by this process for as
    long as the block runs. An error in the block fails it, and so does cancelling it unless `pausing` says that it is
    to be taken up again. Imports whose process died are marked as failed first.

    Raises `errors.ImportRunning` where another one is at work.
    """
    for dead, _ in await _dead(db, account):
        await _fail(db, account, dead, INTERRUPTED)
    import_id = uuid.uuid4()
    async with db.hold(lock_name(import_id)):
        async with db.session(account) as session:
            if not await store.insert_import(session, account, import_id, characters.held(names), upload):
                raise errors.ImportRunning
        async with _failing(db, account, import_id, pausing):
            yield import_id


@contextlib.asynccontextmanager
async def taken_up(
    db: Database, account: uuid.UUID, import_id: uuid.UUID, pausing: Callable[[], bool] = lambda: False
) -> AsyncGenerator[None, None]:
    """An import whose process died, held by this one for as long as the block runs, as `begun` does.

    Raises `errors.ImportRunning` where somebody else was quicker.
    """
    async with db.hold(lock_name(import_id)) as held:
        if not held:
            raise errors.ImportRunning
        async with _failing(db, account, import_id, pausing):
            yield


@contextlib.asynccontextmanager
async def _failing(
    db: Database, account: uuid.UUID, import_id: uuid.UUID, pausing: Callable[[], bool]
) -> AsyncGenerator[None, None]:
    try:
        yield
    except asyncio.CancelledError:
        if not pausing():
            await asyncio.shield(_fail(db, account, import_id, CANCELLED))
        raise
    except Exception as error:
        reason = str(error) if isinstance(error, errors.SoulprintError) else type(error).__name__
        with contextlib.suppress(errors.SoulprintError, OperationalError):
            await _fail(db, account, import_id, characters.held(reason))
        raise


async def reclaim(db: Database, account: uuid.UUID, settings: Settings) -> list[uuid.UUID]:
    """The imports to `run` again because the process that ran them died, and their upload is still there. Those that
    read the person's own files are marked as failed, for they may be gone."""
    again: list[uuid.UUID] = []
    for import_id, upload in await _dead(db, account):
        if await asyncio.to_thread(_is_kept, settings, upload):
            again.append(import_id)
        else:
            await _fail(db, account, import_id, INTERRUPTED)
    return again


def _is_kept(settings: Settings, upload: str | None) -> bool:
    return upload is not None and (settings.uploads / upload).exists()


async def _dead(db: Database, account: uuid.UUID) -> list[tuple[uuid.UUID, str | None]]:
    async with db.session(account) as session:
        processing = await store.processing(session)
    dead = []
    for import_id, upload in processing:
        async with db.hold(lock_name(import_id)) as held:
            if held:
                dead.append((import_id, upload))
    return dead


def _unheard(progress: Progress) -> None:
    """Nobody listens."""


async def run(
    db: Database,
    account: uuid.UUID,
    import_id: uuid.UUID,
    paths: Sequence[Path],
    settings: Settings,
    progress: Callable[[Progress], None] = _unheard,
) -> Report:
    """Read `paths` into an import that this process holds, and say what became of each element. Every batch is one
    transaction; whatever ends the import early, batches that were written stay.

    Raises `errors.ExportUnknown`, `ExportUnreadable` or `ExportDangerous` where nothing can be recognised,
    `ImportRunning` where the import has ended, `NoSpace`, `DatabaseUnavailable`.
    """
    async with db.session(account) as session:
        begun = await store.begin(session, account, import_id)
        if begun is None:
            raise errors.ImportRunning
    names, upload = begun
    with _explained(settings):
        return await _stoppable(_Run(db, account, import_id, progress, settings), paths, names if upload else None)


async def _stoppable(work: _Run, paths: Sequence[Path], called: str | None) -> Report:
    """Run the work in a task that is never cancelled within a transaction, but asked to take in no further batch."""
    task = asyncio.create_task(work.read(paths, called))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        work.stop()
        await asyncio.wait([task])
        _let_go(task)
        raise


async def _fail(db: Database, account: uuid.UUID, import_id: uuid.UUID, error: str) -> None:
    async with db.session(account) as session:
        await store.fail(session, account, import_id, error)


@contextlib.contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    """Errors of the system and of the database as ours."""
    try:
        yield
    except OperationalError as error:
        raise errors.DatabaseUnavailable(reason=first_line(error)) from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise errors.NoSpace(folder=settings.home) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise errors.NoPermission(path=error.filename or settings.home) from error
        raise


class _Run:
    """One import at work: a thread reads the next batch while others are written."""

    def __init__(
        self,
        db: Database,
        account: uuid.UUID,
        import_id: uuid.UUID,
        progress: Callable[[Progress], None],
        settings: Settings,
    ) -> None:
        self._db = db
        self._account = account
        self._import_id = import_id
        self._progress = progress
        self._settings = settings
        self._reading: batches.Reading | None = None
        self._writing: dict[asyncio.Task[None], Batch] = {}
        self._stopped = False
        self._tally = Tally()
        self._told = time.monotonic()

    def stop(self) -> None:
        self._stopped = True
        if self._reading:
            self._reading.stop()

    async def read(self, paths: Sequence[Path], called: str | None) -> Report:
        began = time.monotonic()
        home = self._settings.home
        await asyncio.to_thread(home.mkdir, parents=True, exist_ok=True)
        self._reading = reading = batches.Reading(self._account, paths, home, self._settings.inflated_limit, called)
        upcoming = reading.batches()
        coming = asyncio.create_task(asyncio.to_thread(next, upcoming, None))
        try:
            while (batch := await self._awaited(coming, reading)) is not None:
                coming = asyncio.create_task(asyncio.to_thread(next, upcoming, None))
                await self._wait_for_room(batch)
                self._writing[asyncio.create_task(self._write(batch))] = batch
            await self._wait_for(asyncio.ALL_COMPLETED)
        finally:
            reading.stop()
            coming.add_done_callback(_let_go)
            await asyncio.gather(*self._writing, return_exceptions=True)
        return await self._complete(reading, began)

    async def _wait_for_room(self, batch: Batch) -> None:
        """Wait until another batch may be written beside those that are at it: none of them holds a conversation of
        this one, as the later of two versions has to see the earlier."""
        while len(self._writing) >= WRITERS or any(
            not other.conversations.keys().isdisjoint(batch.conversations) for other in self._writing.values()
        ):
            await self._wait_for(asyncio.FIRST_COMPLETED)

    async def _wait_for(self, condition: str) -> None:
        if self._writing:
            done, _ = await asyncio.wait(self._writing, return_when=condition)
            for task in done:
                del self._writing[task]
                task.result()

    async def _awaited(self, coming: asyncio.Task[Batch | None], reading: batches.Reading) -> Batch | None:
        """The next batch, telling how far the import is while it comes."""
        done = False
        while not done:
            done = bool((await asyncio.wait([coming], timeout=PROGRESS_SECONDS))[0])
            if self._stopped:
                raise asyncio.CancelledError
            await self._tell(reading)
        return coming.result()

    async def _tell(self, reading: batches.Reading) -> None:
        self._progress(Progress(reading.bytes_read, reading.bytes_total, self._tally.seen))
        if time.monotonic() - self._told >= PROGRESS_SECONDS:
            self._told = time.monotonic()
            async with self._db.session(self._account) as session:
                await store.set_progress(session, self._import_id, reading.bytes_read, reading.bytes_total)

    async def _write(self, batch: Batch) -> None:
        """One batch in one transaction; its elements count only when that is through."""
        tally = batch.tally
        async with self._db.session(self._account) as session:
            versions = await store.versions(session, batch.conversations)
            new = [each for key, each in batch.conversations.items() if key not in versions]
            newer = [each for key, each in batch.conversations.items() if _is_newer(each, versions.get(key))]
            kept = batch.conversations.keys() - {each.id for each in (*new, *newer)}
            await store.write(session, self._account, self._import_id, new, newer)
            await store.touch(session, self._import_id, kept)
            await store.forget(session, batch.forgotten)
            await store.write_claims(session, self._account, self._import_id, batch.claims)
        tally.imported += len(new)
        tally.updated += len(newer)
        tally.unchanged += len(kept)
        self._tally.add(tally)

    async def _complete(self, reading: batches.Reading, began: float) -> Report:
        if self._tally.imported or self._tally.updated:
            async with self._db.session(self._account) as session:
                await store.analyze(session)
        async with self._db.session(self._account) as session:
            stored = await store.stored(session, self._import_id)
            report = reconciliation.report(self._import_id, self._tally, stored, time.monotonic() - began)
            await store.set_progress(session, self._import_id, reading.bytes_total, reading.bytes_total)
            await store.complete(session, self._account, self._import_id, report.as_json())
        self._progress(Progress(reading.bytes_total, reading.bytes_total, self._tally.seen))
        return report


def _is_newer(read: Ready, stored: store.Version | None) -> bool:
    if stored is None or read.content_hash == stored.content_hash:
        return False
    return read.supersedes(stored.updated_at, stored.message_count)


def _let_go(task: asyncio.Task[Any]) -> None:
    """Take the outcome of a task that nobody waits for any more."""
    if not task.cancelled():
        task.exception()

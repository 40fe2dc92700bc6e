"""The life of an import: begun, run batch by batch while its lock is held, and ended one way or the other."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import uuid
from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from soulprint import characters, errors
from soulprint.database import Database
from soulprint.database.engine import first_line
from soulprint.importing import store
from soulprint.importing.reconciliation import Report
from soulprint.importing.writing import Progress, Work, lock_name
from soulprint.settings import Settings

CANCELLED = "It was cancelled; what was read so far is kept. Import the same file again to go on."
INTERRUPTED = "It was interrupted when the program stopped; what was read so far is kept. Import the same file again."


@contextlib.asynccontextmanager
async def begun(
    db: Database,
    account: uuid.UUID,
    names: str,
    upload: str | None = None,
    pausing: Callable[[], bool] = lambda: False,
    fingerprint: str | None = None,
) -> AsyncGenerator[uuid.UUID, None]:
    """A new import of what the person calls `names`, or of a file in the uploads folder, held by this process for as
    long as the block runs. Where the account's newest import was broken off in the midst of files with the same
    `fingerprint`, that one goes on instead. An error in the block fails it, and so does cancelling it unless `pausing`
    says that it is to be taken up again. Imports whose process died are marked as failed first.

    Raises `errors.ImportRunning` where another one is at work.
    """
    for dead, _ in await _dead(db, account):
        await _fail(db, account, dead, INTERRUPTED)
    names = characters.held(names)
    async with db.session(account) as session:
        again = await store.broken_off(session, fingerprint)
    import_id = again or uuid.uuid4()
    async with db.hold(lock_name(import_id)) as held:
        async with db.session(account) as session:
            if again:
                begun = held and await store.reopen(session, again, names)
            else:
                begun = await store.insert_import(session, account, import_id, names, upload, fingerprint)
        if not begun:
            raise errors.ImportRunning
        async with _failing(db, account, import_id, pausing):
            yield import_id


async def is_imported(db: Database, account: uuid.UUID, fingerprint: str) -> bool:
    """Whether a whole import of files with this fingerprint is behind the account."""
    async with db.session(account) as session:
        return await store.is_imported(session, fingerprint)


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
    *,
    restore: bool = False,
) -> Report:
    """Read `paths` into an import that this process holds, and say what became of each element. Every batch is one
    transaction; whatever ends the import early, batches that were written stay. Files that an earlier try has written
    to their ends aren't read again. With `restore`, what was forgotten before comes back.

    Raises `errors.ExportUnknown`, `ExportUnreadable` or `ExportDangerous` where nothing can be recognised,
    `ImportRunning` where the import has ended, `NoSpace`, `DatabaseUnavailable`, `ReaderDied`.
    """
    async with db.session(account) as session:
        begun = await store.begin(session, account, import_id)
        if begun is None:
            raise errors.ImportRunning
    names, upload = begun
    with _explained(settings):
        work = Work(db, account, import_id, progress, settings, restore=restore)
        return await _stoppable(work, paths, names if upload else None)


async def _stoppable(work: Work, paths: Sequence[Path], called: str | None) -> Report:
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


def _let_go(task: asyncio.Task[Any]) -> None:
    """Take the outcome of a task that nobody waits for any more."""
    if not task.cancelled():
        task.exception()

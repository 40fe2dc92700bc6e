"""Work that goes on while pages are served: imports from the browser, and what a restart finds unfinished."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Collection, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import structlog

from soulprint import chat, choices, embedding, errors, importing, indexing
from soulprint.database import Database
from soulprint.pipeline import forgetting, starting, store
from soulprint.pipeline.first_profile import Outcome, fail_dead_runs, first_profile, quick_profile
from soulprint.settings import Settings

log = structlog.get_logger()

MINUTE = 60
DAY = 24 * 3600


class Background:
    """The tasks of one serving process, which is a worker too. Their state is in the database alone: any may die at any
    time."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._tasks: set[asyncio.Task[None]] = set()
        self._imports: dict[uuid.UUID, asyncio.Task[None]] = {}
        self._closing = False

    async def start_import(self, account: uuid.UUID, upload: str, names: str) -> uuid.UUID:
        """Import the file `upload` of the uploads folder and make the profile, all in the background.

        Gives the import's id. Raises `errors.ImportRunning`; the upload is then left where it is.
        """
        begun: asyncio.Future[uuid.UUID] = asyncio.get_running_loop().create_future()
        task = self._spawn(self._import(account, upload, names, begun))
        waiting: list[asyncio.Future[Any]] = [begun, task]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():
            await task  # raises why it could not begin
        self._imports[begun.result()] = task
        return begun.result()

    def renew(self, account: uuid.UUID) -> None:
        """Bring the profile up to date after a deletion, in the background."""
        self._spawn(self._renew(account))

    def cancel(self, import_id: uuid.UUID) -> bool:
        """Stop an import of this process; gives whether it was running. What was read is kept."""
        task = self._imports.get(import_id)
        return task is not None and task.cancel()

    async def resume(self, account: uuid.UUID) -> None:
        """Take up again what was interrupted when the last process stopped or died."""
        await fail_dead_runs(self._database, account)
        uploads = []
        for import_id in await importing.reclaim(self._database, account, self._settings):
            async with self._database.session(account) as session:
                uploads.append(upload := await store.upload(session, import_id))
            self._imports[import_id] = self._spawn(self._import_again(account, import_id, upload))
        await asyncio.to_thread(self._sweep, uploads)
        self._spawn(self._sweep_daily())
        self._spawn(self._keep_searchable(account))
        if not self._imports and await self._unfinished(account):
            self._spawn(self._profile(account))
        await starting.resume(self._database, account)

    async def close(self) -> None:
        """Stop every task and wait until it has ended. Imports of uploads go on when `resume` is called again."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _unfinished(self, account: uuid.UUID) -> bool:
        async with self._database.session(account) as session:
            return await store.last_failed(session, store.QUICK) and (await store.counts(session)).conversations > 0

    async def _import(self, account: uuid.UUID, upload: str, names: str, begun: asyncio.Future[uuid.UUID]) -> None:
        async with (
            importing.begun(self._database, account, names, upload, self._pausing) as import_id,
            self._removed(account, import_id, upload) as path,
        ):
            begun.set_result(import_id)
            settings = await self._of(account)
            outcome = await first_profile(self._database, account, settings, import_id, [path])
        await self._follow(account, outcome)

    async def _import_again(self, account: uuid.UUID, import_id: uuid.UUID, upload: str) -> None:
        async with (
            self._removed(account, import_id, upload) as path,
            importing.taken_up(self._database, account, import_id, self._pausing),
        ):
            settings = await self._of(account)
            outcome = await first_profile(self._database, account, settings, import_id, [path])
        await self._follow(account, outcome)

    async def _renew(self, account: uuid.UUID) -> None:
        await self._follow(account, await forgetting.renew(self._database, account, await self._of(account)))

    async def _follow(self, account: uuid.UUID, outcome: Outcome | forgetting.Renewed) -> None:
        """Start the full pass that an import or a deletion leads to, and see to what is to be told."""
        if outcome.follows:
            settings = await self._of(account)
            await starting.start(self._database, account, settings, expected=outcome.expected)
        await starting.resume(self._database, account)

    async def _profile(self, account: uuid.UUID) -> None:
        await quick_profile(self._database, account, await self._of(account))
        await starting.resume(self._database, account)

    @asynccontextmanager
    async def _removed(self, account: uuid.UUID, import_id: uuid.UUID, upload: str) -> AsyncIterator[Path]:
        """The uploaded file, which goes away with the block however that ends, but where the process is to stop and
        the next one has to go on reading."""
        path = self._settings.uploads / upload
        kept = False
        try:
            yield path
        except asyncio.CancelledError:
            if kept := self._closing:
                async with self._database.session(account) as session:
                    kept = await store.is_importing(session, import_id)
            raise
        finally:
            if not kept:
                path.unlink(missing_ok=True)

    def _pausing(self) -> bool:
        return self._closing

    def _sweep(self, kept: Collection[str]) -> None:
        """Remove the uploads that no import waits for any more."""
        folder = self._settings.uploads
        for path in folder.iterdir() if folder.exists() else ():
            if path.name not in kept and not path.suffix and path.is_file():
                path.unlink(missing_ok=True)

    async def _sweep_daily(self) -> None:
        """Remove the unfinished uploads that nobody goes on with."""
        while True:
            await asyncio.to_thread(_sweep_unfinished, self._settings)
            await asyncio.sleep(DAY)

    async def _keep_searchable(self, account: uuid.UUID) -> None:
        """Bring finished chats into the history, and all that changed in it into the index."""
        while True:
            try:
                settings = await self._of(account)
                await chat.sweep(self._database, account, settings)
                await indexing.index_all(self._database, account)
                await embedding.drain(self._database, account, settings, lambda _: self._is_quiet(account))
            except errors.SoulprintError as error:
                log.warning("the index is not up to date", error=type(error).__name__)
            await asyncio.sleep(MINUTE)

    async def _of(self, account: uuid.UUID) -> Settings:
        """The settings that hold for the account now."""
        return await choices.settings(self._database, account, self._settings)

    async def _is_quiet(self, account: uuid.UUID) -> bool:
        """Whether nothing is imported or read just now: that goes first, where one processor does all."""
        async with self._database.session(account) as session:
            return not await store.is_busy(session)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        """The row of the import or the run says already what went wrong; the log says it to the operator."""
        self._tasks.discard(task)
        self._imports = {import_id: other for import_id, other in self._imports.items() if other is not task}
        if not task.cancelled() and (error := task.exception()):
            log.warning("background work failed", error=type(error).__name__)


def _sweep_unfinished(settings: Settings) -> None:
    oldest = time.time() - settings.upload_days * DAY
    for path in settings.unfinished.glob("*/*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()

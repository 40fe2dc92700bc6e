"""Work that goes on while pages are served: imports from the browser, and what a restart finds unfinished."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Coroutine

import structlog

from soulprint import errors, importing
from soulprint.database import Database
from soulprint.pipeline import store
from soulprint.pipeline.first_profile import first_profile, quick_profile, start
from soulprint.settings import Settings

log = structlog.get_logger()


class Background:
    """The tasks of one serving process. Their state is in the database alone: any may die at any time."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._tasks: dict[uuid.UUID, asyncio.Task[None]] = {}

    async def start_import(self, account: uuid.UUID, upload: str, names: str) -> uuid.UUID:
        """Import the file `upload` of the uploads folder and make the profile, all in the background.

        Gives the import's id. Raises `errors.ImportRunning` or `errors.PassRunning`; the upload is then removed.
        """
        try:
            import_id = await importing.start(self._database, account, names, upload)
            run = await start(self._database, account, self._settings, import_id)
        except errors.SoulprintError:
            self._remove(upload)
            raise
        self._spawn(import_id, self._import(account, run, import_id, upload))
        return import_id

    def cancel(self, import_id: uuid.UUID) -> bool:
        """Stop an import of this process; gives whether it was running. What was read is kept."""
        task = self._tasks.get(import_id)
        return task is not None and task.cancel()

    async def resume(self, account: uuid.UUID) -> None:
        """Take up again what was interrupted when the last process died."""
        for import_id in await importing.reclaim(self._database, account, self._settings):
            async with self._database.session(account) as session:
                upload = await store.upload(session, import_id)
            run = await start(self._database, account, self._settings, import_id)
            self._spawn(import_id, self._import(account, run, import_id, upload))
        if not self._tasks and await self._unfinished(account):
            run = await start(self._database, account, self._settings)
            self._spawn(run, self._profile(account, run))

    async def close(self) -> None:
        """Stop every task and wait until it has ended."""
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _unfinished(self, account: uuid.UUID) -> bool:
        async with self._database.session(account) as session:
            return await store.last_failed(session, "quick") and (await store.counts(session)).conversations > 0

    async def _import(self, account: uuid.UUID, run: uuid.UUID, import_id: uuid.UUID, upload: str) -> None:
        try:
            path = self._settings.uploads / upload
            await first_profile(self._database, account, self._settings, run, import_id, [path])
        finally:
            self._remove(upload)

    async def _profile(self, account: uuid.UUID, run: uuid.UUID) -> None:
        await quick_profile(self._database, account, self._settings, run)

    def _remove(self, upload: str) -> None:
        (self._settings.uploads / upload).unlink(missing_ok=True)

    def _spawn(self, key: uuid.UUID, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks[key] = task
        task.add_done_callback(lambda done: self._ended(key, done))

    def _ended(self, key: uuid.UUID, task: asyncio.Task[None]) -> None:
        """The row of the import or the run says already what went wrong; the log says it to the operator."""
        del self._tasks[key]
        if not task.cancelled() and (error := task.exception()):
            log.warning("background work failed", work=str(key), error=type(error).__name__)

"""The embedded Postgres, the engine and the migrations. In: settings. Out: an open `Database`, migrated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from soulprint.database import launcher, migrate, scrubbing
from soulprint.database.engine import Database, Facts, driver_connection, streamed
from soulprint.settings import Settings

__all__ = ["Database", "Facts", "driver_connection", "opened", "scrub", "streamed"]


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Database]:
    """The database of these settings for as long as the block runs: the one a URL names, else the embedded one, started
    when needed and stopped when nobody else uses it.

    Raises `errors.DatabaseUnavailable`, `errors.DatabaseStartFailed` or `errors.DatabaseMissing`.
    """
    if settings.database_url:
        async with _migrated(Database(settings.database_url.get_secret_value())) as database:
            yield database
        return
    try:
        server = await asyncio.to_thread(launcher.start, settings.home)
        async with _migrated(Database(server.url, server)) as database:
            yield database
    finally:
        await asyncio.to_thread(launcher.stop, settings.home)


async def scrub(database: Database) -> bool:
    """Let nothing that was deleted stay in the database's files; gives whether that could be done, which it can where
    the database is the embedded one."""
    if database.embedded is None:
        return False
    await asyncio.to_thread(scrubbing.scrub, database.embedded)
    return True


@asynccontextmanager
async def _migrated(database: Database) -> AsyncIterator[Database]:
    try:
        await asyncio.to_thread(migrate.migrate, database.url)
        yield database
    finally:
        await database.close()

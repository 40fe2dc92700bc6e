"""The index that passages are searched by. Who first fills their table does so without it, and makes it afterwards in
one go, which takes a third of the time; until then a search reads every row.

Crash-safe: whoever leaves the index out holds a lock, and whoever opens a database where the index is missing and
nobody holds the lock makes it again.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import OperationalError

from soulprint.database.engine import Database

LOCK = "search index"

EMPTY = """
select pg_relation_size(oid) = 0 and pg_has_role(relowner, 'usage')
from pg_class where oid = to_regclass('passages')
"""
"""Whether the table is ours and holds nothing of anybody: row-level security doesn't hide a file's size."""

MISSING = """
select to_regclass('ix_passages_search') is null and pg_has_role(relowner, 'usage')
from pg_class where oid = to_regclass('passages')
"""

DROP = "drop index if exists ix_passages_search"
CREATE = "create index if not exists ix_passages_search on passages using gin (search)"
BRIEFLY = "set local lock_timeout = '1s'"


@asynccontextmanager
async def left_out(database: Database) -> AsyncIterator[None]:
    """Leave the index out for as long as the block runs, where the passages' table is empty and ours. At the end of the
    block the index is there, but where that was cancelled: who cancels doesn't wait, and has it `made` later."""
    async with database.hold(LOCK) as held:
        if held:
            await _drop(database)
        try:
            yield
        except Exception:
            if held:
                await _create(database)
            raise
        if held:
            await _create(database)


async def made(database: Database) -> None:
    """Make the index where it is missing and nobody leaves it out just now."""
    async with database.hold(LOCK) as held:
        if held:
            await _create(database)


async def _drop(database: Database) -> None:
    with suppress(OperationalError):  # somebody reads just now
        async with database.session() as session:
            await session.execute(text(BRIEFLY))
            if await session.scalar(text(EMPTY)):
                await session.execute(text(DROP))


async def _create(database: Database) -> None:
    async with database.session() as session:
        if await session.scalar(text(MISSING)):
            await session.execute(text(CREATE))


def mend(connection: Connection) -> None:
    """Make the index where an import that left it out died."""
    if connection.scalar(text(MISSING)):
        lock = func.hashtextextended(LOCK, 0)
        if connection.scalar(select(func.pg_try_advisory_xact_lock(lock))):
            connection.execute(text(CREATE))
    connection.commit()

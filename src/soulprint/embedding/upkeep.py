"""What keeps the search for the nearest fast as a history grows: the table in order, past a size an index of it."""

from __future__ import annotations

import uuid

import structlog
from sqlalchemy.exc import DBAPIError

from soulprint.database import Database
from soulprint.embedding import store

log = structlog.get_logger()

MANY = 2_000
"""New vectors after which Postgres had better look at the table anew."""

INDEXED_FROM = 300_000
"""Vectors of one account from which the time that an index takes to make is well spent."""

LONGEST = 4_000
"""Numbers of a vector, the most that an index takes."""

MEMORY = "512MB"
"""For making an index: beyond it, that takes many times as long."""


async def tend(db: Database, account: uuid.UUID, model: str, made: int) -> None:
    """Tidy up after `made` vectors. What the database refuses is left: it costs time at each search, and no more."""
    try:
        if made >= MANY:
            await db.run_alone("vacuum (analyze) passage_vectors")
        await _index(db, account, model)
    except DBAPIError as error:
        log.warning("the search for the nearest is slower than it could be", error=type(error.orig).__name__)


async def _index(db: Database, account: uuid.UUID, model: str) -> None:
    async with db.session(account) as session:
        done, _ = await store.progress(session, model)
        dimensions = (await store.standing(session, model)).dimensions
        found = await store.indexes(session)
    name = store.index_name(model)
    if done < INDEXED_FROM or found.get(name) or not dimensions or dimensions > LONGEST:
        return
    if name in found:  # making it was interrupted
        await db.run_alone(f"drop index concurrently if exists {name}")
    await db.run_alone(*store.making_index(model, dimensions, MEMORY))

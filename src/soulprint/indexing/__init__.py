"""The index that recall searches. In: conversations. Out: their passages, with the stems they are found by."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from contextlib import aclosing

from soulprint import reading
from soulprint.database import Database
from soulprint.indexing import making, store
from soulprint.indexing.making import AROUND, Indexed
from soulprint.indexing.stems import stemmed
from soulprint.reading import Dialogue

__all__ = ["AROUND", "index_all", "progress", "refresh", "stemmed"]


BLOCK = 6_000_000
"""Bytes of text that are indexed together: the more, the fewer rows a word has."""


async def index_all(db: Database, account: uuid.UUID) -> int:
    """Index what isn't yet as it now is, oldest first, and bring up to date what a search knows of the whole. Gives how
    many conversations were indexed."""
    async with db.session(account) as session:
        stale = await store.stale(session)
    return await refresh(db, account, stale)


async def refresh(db: Database, account: uuid.UUID, conversations: Sequence[uuid.UUID]) -> int:
    """Put the passages of these conversations in the place of their old ones, in batches of some 6 MB of text. One that
    an import changes meanwhile keeps what it has, and stays stale. Gives how many were indexed."""
    done = 0
    writing: asyncio.Task[int] | None = None
    async with aclosing(reading.dialogues(db, account, conversations, BLOCK)) as batches:
        async for batch in batches:
            made = await asyncio.to_thread(making.made, batch)
            done += await writing if writing else 0
            writing = asyncio.create_task(_write(db, account, batch, made))  # while the next batch is made
    done += await writing if writing else 0
    async with db.session(account) as session:
        await store.settle(session, account)
    return done


async def _write(db: Database, account: uuid.UUID, batch: Sequence[Dialogue], made: Sequence[Indexed]) -> int:
    async with db.session(account) as session:
        current = await reading.unchanged(session, batch)
        kept = [each for each in made if each.conversation_id in current]
        await store.replace(session, account, kept)
    return len(kept)


async def progress(db: Database, account: uuid.UUID) -> tuple[int, int]:
    """How many conversations can be searched as they are now, and how many there are."""
    async with db.session(account) as session:
        return await store.progress(session)

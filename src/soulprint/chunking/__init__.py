"""Conversations cut to size, for programs beside this one. In: dialogues. Out: rows of
`conversation_chunks`, in the sizes that are asked for."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Sequence
from contextlib import aclosing

from soulprint import reading
from soulprint.chunking import store
from soulprint.chunking.cutting import cut
from soulprint.chunking.shapes import TIERS, Chunk, Chunked, Part, Tier
from soulprint.database import Database
from soulprint.reading import Dialogue
from soulprint.settings import Settings

__all__ = ["TIERS", "Chunk", "Chunked", "Part", "Tier", "chunk_all", "cut", "refresh", "stale"]


async def stale(db: Database, account: uuid.UUID, settings: Settings) -> list[uuid.UUID]:
    """The conversations whose chunks are missing, older than their text, or not of every size that is set; oldest
    first. Those without text are none of them."""
    async with db.session(account) as session:
        return await store.stale(session, settings.chunk_tiers)


async def refresh(db: Database, account: uuid.UUID, settings: Settings, conversations: Sequence[uuid.UUID]) -> Chunked:
    """Cut the conversations anew and put the chunks in the place of their old ones, together in batches of some 2 MB of
    text. One that an import changes meanwhile keeps what it has, and stays stale."""
    done = made = 0
    async with aclosing(reading.dialogues(db, account, conversations)) as batches:
        async for batch in batches:
            pairs = await asyncio.to_thread(_cut_all, batch, settings.chunk_tiers)
            async with db.session(account) as session:
                current = await reading.unchanged(session, batch)
                kept = [pair for pair in pairs if pair[0].talk.id in current]
                await store.replace(session, account, kept)
            done += len(kept)
            made += sum(len(chunks) for _, chunks in kept)
    async with db.session(account) as session:
        await store.age(session)
    return Chunked(done, made)


async def chunk_all(db: Database, account: uuid.UUID, settings: Settings) -> Chunked:
    """Refresh all that is stale."""
    return await refresh(db, account, settings, await stale(db, account, settings))


def _cut_all(dialogues: Iterable[Dialogue], tiers: Iterable[str]) -> list[tuple[Dialogue, list[Chunk]]]:
    sizes = sorted(tiers)
    return [(dialogue, [chunk for tier in sizes for chunk in cut(dialogue, tier)]) for dialogue in dialogues]

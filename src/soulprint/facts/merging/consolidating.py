"""Merges findings into facts by code alone, and names what is left for somebody to decide."""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections.abc import Iterable, Iterator

from soulprint.database import Database
from soulprint.facts.merging import conflicts, store
from soulprint.facts.merging.conflicts import Conflicts
from soulprint.facts.merging.sorting import Merging
from soulprint.facts.shapes import Consolidation

BATCH = 10_000
"""Findings that get their fact in one transaction; those of one fact stay together."""


async def consolidate(db: Database, account: uuid.UUID) -> Consolidation:
    """Give every finding its fact, a new one or one that is there, and gather the facts that may not all hold.

    Nothing is lost: a fact keeps all its sources. What the person entered, pinned or rejected stays as it is and draws
    findings that say the same. Broken off midway it goes on where it was. Until facts are settled, each call gathers
    the same conflicts, those already decided aside.
    """
    merged = await _merge(db, account)
    gathered = Conflicts()
    async with db.session(account) as session:
        async for facts in store.standing(session, account):
            await asyncio.to_thread(gathered.add, facts)
        total = await store.count_facts(session)
    return Consolidation(total, merged, await asyncio.to_thread(conflicts.packed, gathered))


async def _merge(db: Database, account: uuid.UUID) -> int:
    """How many findings joined a fact that was there, or that another finding founds."""
    merging = Merging()
    async with db.session(account) as session:
        if not await store.has_findings(session):
            return 0
        async for facts in store.known(session, account):
            await asyncio.to_thread(merging.add_facts, facts)
        async for sources in store.told(session, account):
            await asyncio.to_thread(merging.add_sources, sources)
    joined, new = await asyncio.to_thread(merging.merge)
    async with db.session(account) as session:
        ids = await store.new_ids(session, new)
    for batch in _batches(await asyncio.to_thread(list, merging.joins(joined, ids))):
        async with db.session(account) as session:
            await store.join(session, account, batch)
    return len(joined) - new


def _batches(joins: Iterable[store.Join]) -> Iterator[list[store.Join]]:
    batch: list[store.Join] = []
    for _, together in itertools.groupby(joins, key=lambda join: join.fact):
        batch += together
        if len(batch) >= BATCH:
            yield batch
            batch = []
    if batch:
        yield batch

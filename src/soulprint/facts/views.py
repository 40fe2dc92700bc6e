"""Facts as they are read: each with its sources, the surest first."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts import store
from soulprint.facts.shapes import ALL, FactView, Wanted
from soulprint.records import FactStatus

SOURCES = 3
"""Of each fact that MEMORY and the sections are written from: the newest."""

HOLDING = (FactStatus.ACTIVE, FactStatus.PINNED)


async def listed(
    session: AsyncSession, wanted: Wanted = ALL, *, limit: int | None = None, after: int | None = None
) -> list[FactView]:
    """The account's facts that are wanted, with all their sources, of one confidence in the order of their ids; at most
    `limit`, those that come after the fact with the id `after`, none where there is no such fact."""
    place = None
    if after is not None:
        place = await store.place(session, after)
        if place is None:
            return []
    return await store.views(session, wanted, limit=limit, after=place)


async def active(session: AsyncSession) -> list[FactView]:
    """The facts that hold, active or pinned, each with its newest sources, the surest first."""
    return await store.views(session, Wanted(statuses=HOLDING), sources=SOURCES)

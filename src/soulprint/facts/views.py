"""Facts as they are read: each with its sources, the surest first."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts import store
from soulprint.facts.shapes import FactView
from soulprint.records import FactStatus

SOURCES = 3
"""Of each fact that MEMORY and the sections are written from: the newest."""


async def listed(
    session: AsyncSession,
    *,
    category: str | None = None,
    status: str | None = None,
    limit: int | None = None,
    after: int | None = None,
) -> list[FactView]:
    """The account's facts with all their sources, the surest first, of one confidence in the order of their ids; at
    most `limit`, those that come after the fact with the id `after`, none where there is no such fact."""
    start = None
    if after is not None:
        confidence = await store.confidence_of(session, after)
        if confidence is None:
            return []
        start = (confidence, after)
    statuses = [status] if status else []
    return await store.views(session, category=category, statuses=statuses, limit=limit, after=start)


async def active(session: AsyncSession) -> list[FactView]:
    """The facts that hold, active or pinned, each with its newest sources, the surest first."""
    return await store.views(session, statuses=(FactStatus.ACTIVE, FactStatus.PINNED), sources=SOURCES)

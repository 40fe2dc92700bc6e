"""Facts by when they hold: since that day, else since the day on which they were said first."""

from __future__ import annotations

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts import store
from soulprint.facts.shapes import Moment


async def moments(
    session: AsyncSession,
    *,
    category: str | None = None,
    until: date | None = None,
    after: tuple[date, int] | None = None,
    limit: int,
) -> list[Moment]:
    """At most `limit` facts, the latest first, each with what it took the place of. `until` is the latest day; `after`
    are the day and the id of the last fact of the page before."""
    places = await store.days(session, category=category, until=until, after=after, limit=limit)
    ids = [fact for _, fact in places]
    views = {fact.id: fact for fact in await store.by_ids(session, ids)}
    before = await store.replaced(session, ids)
    return [Moment(day, views[fact], before.get(fact, [])) for day, fact in places]

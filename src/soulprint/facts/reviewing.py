"""The inbox: facts that wait for the person's word, those first whose error would matter most.

A fact's place is its impact times its doubt. Doubt is what its confidence lacks of 1; of a fact that another one
contradicts at least `DISPUTED`. Impact is the weight of its category, once and again for each line of the profile in
use that rests on it. What is as good as sure, or was decided by the person, doesn't wait.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts import store
from soulprint.facts.shapes import Doubted
from soulprint.facts.store import Score
from soulprint.records import FactStatus

DISPUTED = 0.9

SURE = 0.9
"""The confidence from which a fact that nothing contradicts needs nobody's word."""

WEIGHTS = {"decisions": 1.5, "dates": 1.2, "beliefs": 1.2}
"""Of the categories whose errors weigh more: name, home and work, what is on which day, what the person stands for."""


async def inbox(
    session: AsyncSession, lines: Mapping[int, int], *, limit: int, after: Score | None = None
) -> list[Doubted]:
    """At most `limit` facts that wait, those behind the place `after`. `lines` tells how many lines of the profile rest
    on a fact."""
    scores = await store.doubted(session, _measures(lines), limit=limit, after=after)
    views = {fact.id: fact for fact in await store.by_ids(session, [score.fact for score in scores])}
    disputed = [fact.id for fact in views.values() if fact.status == FactStatus.DISPUTED]
    rivals = await store.rivals(session, disputed)
    return [
        Doubted(views[score.fact], lines.get(score.fact, 0), score.value, rivals.get(score.fact, []))
        for score in scores
    ]


async def waiting(session: AsyncSession) -> int:
    """How many facts wait."""
    return await store.doubted_count(session, SURE)


def _measures(lines: Mapping[int, int]) -> store.Measures:
    return store.Measures(disputed=DISPUTED, sure=SURE, weights=WEIGHTS, lines=lines)

"""What is near to a question in meaning, where an embedder is at work."""

from __future__ import annotations

import asyncio
import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import embedding, errors
from soulprint.database import Database
from soulprint.llm import embedders
from soulprint.recall.ranking import Near
from soulprint.recall.store import Totals
from soulprint.settings import Settings

log = structlog.get_logger()

NEAREST = 200
"""Passages that are taken for their meaning alone."""

FEW = 50
"""Passages in which chance and meaning can't be told apart."""
FAR_OUT = 4.0
"""Standard deviations that are enough in any history."""


@dataclass(frozen=True, slots=True)
class Nearest:
    """A question as a vector, and what is nearest to it."""

    model: str
    vector: Sequence[float]
    found: Sequence[embedding.Near]
    spread: embedding.Spread


async def nearest(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    history: Totals,
    text: str,
    since: datetime | None,
    until: datetime | None,
) -> Nearest | None:
    """What is nearest to `text` in meaning. None where nothing is embedded, the
    person wants no embedder, or it doesn't answer: then words alone are searched."""
    serving = history.vectors_by
    if serving is None or not embedders.may_ask(settings, serving):
        return None
    try:
        embedder = embedders.embedder(settings, serving)
        assert embedder is not None
        vector = await embedder.question(text)
    except errors.SoulprintError as error:
        log.warning("the question is searched by words alone", error=type(error).__name__)
        return None

    async def found() -> list[embedding.Near]:
        async with db.session(account) as session:
            return await embedding.nearest(session, serving, vector, NEAREST, since, until)

    async def spread() -> embedding.Spread | None:
        async with db.session(account) as session:
            return await embedding.spread(session, serving, vector)

    near, general = await asyncio.gather(found(), spread())
    return Nearest(serving, vector, near, general) if general else None


async def compared(session: AsyncSession, nearest: Nearest | None, history: Totals, ids: Sequence[int]) -> Near:
    """How near the passages are that words found, beside the nearest of all; nothing where words found none, and the
    nearest are no nearer than some passage is to any question."""
    if nearest is None or not (ids or _stand_out(nearest, history.passages)):
        return Near()
    known = {near.id: near.cosine for near in nearest.found}
    rest = [number for number in ids if number not in known]
    known |= await embedding.cosines(session, nearest.model, nearest.vector, rest)
    return Near(known, nearest.spread.mean, nearest.spread.deviation)


def _stand_out(nearest: Nearest, passages: int) -> bool:
    """Whether the nearest is nearer than chance makes one of so many. For normal deviations that is sqrt(2 ln n)."""
    if passages < FEW:
        return True
    best = max((near.cosine for near in nearest.found), default=nearest.spread.mean)
    by_chance = math.sqrt(2 * math.log(passages))
    return best - nearest.spread.mean >= min(by_chance, FAR_OUT) * nearest.spread.deviation

"""All SQL of the room: what a prompt tells of a fact beside itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.records import Fact, FactSource, FactStatus


@dataclass(frozen=True, slots=True)
class Former:
    """A fact that held before another took its place."""

    statement: str
    true_to: date | None
    """Until when it held, where that is known."""


@dataclass(frozen=True, slots=True)
class History:
    """How often a fact was told, and what held before it."""

    conversations: int
    before: tuple[Former, ...]
    """The newest first."""


async def histories(session: AsyncSession, facts: Sequence[int]) -> dict[int, History]:
    """The history of each of these facts, by its id."""
    counting = select(FactSource.fact_id, func.count(FactSource.conversation_id.distinct()))
    told = await session.execute(counting.where(FactSource.fact_id == func.any([*facts])).group_by(FactSource.fact_id))
    counts = {fact: count for fact, count in told if fact is not None}
    formers = await _formers(session, facts)
    return {fact: History(counts.get(fact, 0), tuple(formers[fact])) for fact in facts}


async def _formers(session: AsyncSession, facts: Sequence[int]) -> defaultdict[int, list[Former]]:
    query = (
        select(Fact.superseded_by, Fact.statement, Fact.true_to)
        .where(Fact.superseded_by == func.any([*facts]), Fact.status == FactStatus.SUPERSEDED)
        .order_by(Fact.true_to.desc().nulls_last(), Fact.said_last.desc().nulls_last(), Fact.id)
    )
    formers: defaultdict[int, list[Former]] = defaultdict(list)
    for successor, statement, true_to in await session.execute(query):
        assert successor is not None
        formers[successor].append(Former(statement, true_to))
    return formers

"""Facts as a page shows them: as they are now, with what the person made of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts import FactView, changing
from soulprint.serving import store

CHANGES = 500
"""Changes of facts, newest first, among which those of a page are looked for."""


@dataclass(frozen=True, slots=True)
class Known:
    """Facts as they are now, and what the person made of them."""

    facts: Mapping[int, FactView]
    """By their ids; one that was forgotten is missing."""
    later: Mapping[int, tuple[int, str]]
    """Of those that no longer hold, by their ids, what took their place: its id and its statement."""
    undone: frozenset[int]
    """The ids of changes that were taken back."""


async def of(session: AsyncSession, found: Sequence[FactView]) -> Known:
    """The facts, with what took the place of those that no longer hold."""
    changes = await changing.changes(session, CHANGES)
    corrected = {change.former_id: change.fact_id for change in changes if change.undone_at is None}
    places = {fact.id: fact.superseded_by or corrected.get(fact.id) for fact in found}
    said = await store.statements(session, {place for place in places.values() if place})
    return Known(
        facts={fact.id: fact for fact in found},
        later={fact: (place, said[place]) for fact, place in places.items() if place in said},
        undone=frozenset(change.id for change in changes if change.undone_at is not None),
    )

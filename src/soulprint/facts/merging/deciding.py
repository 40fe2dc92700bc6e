"""Decides a batch of conflicts, by the model of the role `merge` or the rules of the local engine, and writes what
follows."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import llm
from soulprint.database import Database
from soulprint.facts.merging import rules, store, verdicts
from soulprint.facts.merging.store import Standing
from soulprint.facts.merging.verdicts import Verdict
from soulprint.facts.shapes import Decided
from soulprint.records import FactStatus
from soulprint.settings import Settings


async def decide(
    db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID | None, groups: Sequence[Sequence[int]]
) -> Decided:
    """Decide between the facts of each group, one batch as `consolidate` gathers it: what says the same becomes one
    fact, what no longer holds gives way to what does, and what nothing decides between is disputed.

    Facts that are gone or hold no more are left out. Groups on which there is no usable answer stay as they are, and
    are counted. Raises what the model raises, when it can't be asked.
    """
    async with db.session(account) as session:
        standing = await _standing(session, account, groups)
    if not standing:
        return Decided(0, 0, 0)
    found = await _verdicts(db, account, settings, run, standing)
    if found is None:
        return Decided(0, 0, 0, undecided=len(standing))
    async with db.session(account) as session:
        # Read again: the person may have pinned or rejected one while the model was thinking.
        standing = await _standing(session, account, groups)
        outcome = verdicts.outcome(standing, found)
        await store.merge(session, outcome.merges)
        await store.supersede(session, outcome.supersessions)
        await store.set_status(session, outcome.disputed, FactStatus.DISPUTED)
        await store.set_status(session, outcome.settled, FactStatus.ACTIVE)
    named = {id_ for verdict in found for id_ in (verdict.newer, verdict.older)}
    silent = sum(not named & {fact.id for fact in group} for group in standing)
    return Decided(
        len(outcome.merges),
        len(outcome.supersessions),
        len(outcome.disputed),
        undecided=0 if llm.is_local(settings, llm.Role.MERGE) else silent,
        ignored=outcome.ignored,
    )


async def _verdicts(
    db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID | None, groups: list[list[Standing]]
) -> list[Verdict] | None:
    if llm.is_local(settings, llm.Role.MERGE):
        return await asyncio.to_thread(rules.decide, groups)
    # What talks to models takes seconds to load, and nobody else should wait for it.
    agent = await asyncio.to_thread(importlib.import_module, "soulprint.facts.merging.agent")
    answered: list[Verdict] | None = await agent.decide(db, account, settings, run, groups)
    return answered


async def _standing(session: AsyncSession, account: uuid.UUID, groups: Sequence[Sequence[int]]) -> list[list[Standing]]:
    """The groups with the facts that still hold, where at least two do."""
    wanted = sorted({id_ for group in groups for id_ in group})
    facts = {fact.id: fact async for batch in store.standing(session, account, wanted) for fact in batch}
    found = [[facts[id_] for id_ in group if id_ in facts] for group in groups]
    return [group for group in found if len(group) > 1]

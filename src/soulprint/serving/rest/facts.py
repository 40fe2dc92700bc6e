"""Facts with their proof, and what one version changed over another."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors, facts, sections
from soulprint.facts import changing
from soulprint.serving import parameters
from soulprint.serving.door import At, Door
from soulprint.serving.rest import shapes

router = APIRouter()


@router.get("/facts")
async def listed(
    door: At,
    category: Annotated[parameters.Text | None, Query(description="Only those of a category.")] = None,
    status: Annotated[
        parameters.Text | None, Query(description="Only those that are active, superseded and so on.")
    ] = None,
    q: Annotated[parameters.Text, Query(description="Only those that hold or quote all these words.")] = "",
    conversation: Annotated[uuid.UUID | None, Query(description="Only those proved in a conversation.")] = None,
    newest: Annotated[bool, Query(description="What was said last comes first, not what is surest.")] = False,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[parameters.Id | None, Query(description="The id of the last fact of the page before.")] = None,
) -> list[shapes.Fact]:
    """What is known, each fact with the person's own words."""
    wanted = facts.Wanted(
        category=category,
        statuses=(status,) if status is not None else (),
        words=tuple(q.split()),
        conversation=conversation,
        newest=newest,
    )
    async with door.database.session(door.account) as session:
        found = await facts.listed(session, wanted, limit=limit, after=after)
    return [shapes.Fact.model_validate(fact) for fact in found]


@router.post("/facts", status_code=201)
async def remember(door: At, told: shapes.Told) -> shapes.FactChanged:
    """Keep what the person states as a fact that no pass changes."""
    async with door.database.session(door.account) as session:
        change = await changing.remember(session, door.account, told.statement, category=told.category)
        return await _changed(session, door, change)


@router.get("/facts/changes")
async def changes(door: At, limit: Annotated[int, Query(ge=1, le=500)] = 50) -> list[shapes.FactChange]:
    """What the person changed, the newest first."""
    async with door.database.session(door.account) as session:
        return [shapes.FactChange.model_validate(change) for change in await changing.changes(session, limit)]


@router.post("/facts/changes/{change_id}/undo")
async def undo(door: At, change_id: parameters.Id) -> shapes.Fact | None:
    """Make a change not to have been; gives the fact as it is now, where it still is one."""
    async with door.database.session(door.account) as session:
        change = await changing.undo(session, door.account, change_id)
        await sections.after_undoing(session, door.account, change)
        kept = change.former_id or change.fact_id
        found = await facts.by_ids(session, [kept]) if kept else []
    return shapes.Fact.model_validate(found[0]) if found else None


@router.get("/facts/{fact_id}")
async def one(door: At, fact_id: parameters.Id) -> shapes.Fact:
    async with door.database.session(door.account) as session:
        found = await facts.by_ids(session, [fact_id])
    if not found:
        raise errors.NotFound(what="fact")
    return shapes.Fact.model_validate(found[0])


@router.post("/facts/{fact_id}/reject")
async def reject(door: At, fact_id: parameters.Id) -> shapes.FactChanged:
    """Take a fact for wrong: no pass brings it back."""
    async with door.database.session(door.account) as session:
        return await _changed(session, door, await changing.reject(session, door.account, fact_id))


@router.post("/facts/{fact_id}/pin")
async def pin(door: At, fact_id: parameters.Id) -> shapes.FactChanged:
    """Take a fact for right: no pass changes it."""
    async with door.database.session(door.account) as session:
        return await _changed(session, door, await changing.pin(session, door.account, fact_id))


@router.post("/facts/{fact_id}/confirm")
async def confirm(door: At, fact_id: parameters.Id) -> shapes.FactChanged:
    """Take a fact for right as things stand; one that another contradicts is pinned."""
    async with door.database.session(door.account) as session:
        return await _changed(session, door, await changing.confirm(session, door.account, fact_id))


@router.post("/facts/{fact_id}/correct")
async def correct(door: At, fact_id: parameters.Id, told: shapes.Told) -> shapes.FactChanged:
    """Put what the person states in the place of a fact that is wrong."""
    async with door.database.session(door.account) as session:
        return await _changed(session, door, await changing.correct(session, door.account, fact_id, told.statement))


async def _changed(session: AsyncSession, door: Door, change: changing.Change) -> shapes.FactChanged:
    """The change, with the profile brought up to date."""
    version = await sections.after(session, door.account, change)
    return shapes.FactChanged(change_id=change.id, fact=shapes.Fact.model_validate(change.fact), version=version)


@router.get("/diff")
async def diff(
    door: At,
    older: Annotated[parameters.Number | None, Query(description="A version; without it, the one before.")] = None,
    newer: Annotated[parameters.Number | None, Query(description="A later one; without it, the one in use.")] = None,
) -> shapes.Diff:
    """What a version of the profile changed over an earlier one, line by line, and why."""
    async with door.database.session(door.account) as session:
        before, after = await sections.compared(session, older, newer)
    changes = [shapes.Change.model_validate(change) for change in sections.diff(before, after)]
    return shapes.Diff(older=before.number, newer=after.number, changes=changes)

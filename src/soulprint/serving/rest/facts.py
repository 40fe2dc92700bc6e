"""Facts with their proof, and what one version changed over another."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from soulprint import facts, sections
from soulprint.serving.door import At
from soulprint.serving.rest import shapes

router = APIRouter()


@router.get("/facts")
async def listed(
    door: At,
    category: Annotated[shapes.Text | None, Query(description="Only those of a category.")] = None,
    status: Annotated[
        shapes.Text | None, Query(description="Only those that are active, superseded and so on.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[shapes.Id | None, Query(description="The id of the last fact of the page before.")] = None,
) -> list[shapes.Fact]:
    """What is known, the surest first, each fact with the person's own words."""
    async with door.database.session(door.account) as session:
        found = await facts.listed(session, category=category, status=status, limit=limit, after=after)
    return [shapes.Fact.model_validate(fact) for fact in found]


@router.get("/diff")
async def diff(
    door: At,
    older: Annotated[shapes.Number | None, Query(description="A version; without it, the one before.")] = None,
    newer: Annotated[shapes.Number | None, Query(description="A later one; without it, the one in use.")] = None,
) -> shapes.Diff:
    """What a version of the profile changed over an earlier one, line by line, and why."""
    async with door.database.session(door.account) as session:
        before, after = await sections.compared(session, older, newer)
    changes = [shapes.Change.model_validate(change) for change in sections.diff(before, after)]
    return shapes.Diff(older=before.number, newer=after.number, changes=changes)

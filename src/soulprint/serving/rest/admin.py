"""What operators see of all accounts, for programs."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from soulprint import operating
from soulprint.serving.door import At
from soulprint.serving.rest import shapes

router = APIRouter(prefix="/admin")


@router.get("/overview")
async def overview(door: At) -> shapes.Overview:
    """How passes went in the last 30 days, what is at work now, and what it cost."""
    return shapes.Overview.model_validate(await operating.overview(door.database))


@router.get("/runs")
async def runs(door: At, wanted: Annotated[shapes.RunsWanted, Query()]) -> list[shapes.OperatorsRun]:
    """Passes of all accounts, the latest first; those that began before `before`."""
    asked = operating.Wanted(wanted.kind, wanted.status, wanted.reason, wanted.account, wanted.day)
    found = await operating.runs(door.database, asked, before=wanted.before, most=wanted.limit)
    return [shapes.OperatorsRun.model_validate(each) for each in found]


@router.get("/accounts")
async def accounts(
    door: At, after: uuid.UUID | None = None, limit: Annotated[int, Query(ge=1, le=100)] = 25
) -> list[shapes.OperatorsAccount]:
    """The accounts by their ids, with how much there is of each; those after `after`."""
    found = await operating.accounts(door.database, after=after, most=limit)
    return [shapes.OperatorsAccount.model_validate(each) for each in found]


@router.post("/runs/{run_id}/retry", status_code=202)
async def retry(door: At, run_id: uuid.UUID) -> shapes.PassStarted:
    """Start a full pass for the account of this one, which does what it left, within the account's ceilings."""
    return shapes.PassStarted(run_id=await operating.retry(door.database, run_id, door.started))


@router.post("/runs/{run_id}/stop")
async def stop(door: At, run_id: uuid.UUID) -> shapes.PassStarted:
    """Stop a full pass that is at work. What was read and paid for is kept."""
    await operating.stop(door.database, run_id, door.started)
    return shapes.PassStarted(run_id=run_id)

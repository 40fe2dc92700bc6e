"""Full passes, what they cost beforehand, and the seam of the existing deployment that asks for one."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Response
from limits import parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from soulprint import errors, pipeline
from soulprint.serving import store
from soulprint.serving.door import At, Door
from soulprint.serving.rest import shapes

router = APIRouter()
seam = APIRouter()

MOST = parse("10/minute")
"""Passes that one account may ask for. Each that is begun is planned, which reads the whole history."""

_asked = MovingWindowRateLimiter(MemoryStorage())


@router.get("/estimate")
async def estimate(
    door: At, again: Annotated[bool, Query(description="Count what another model has read, too.")] = False
) -> shapes.Estimate:
    """What a full pass would read and cost. Sends nothing."""
    expected = await pipeline.estimate(door.database, door.account, door.settings, again=again)
    return shapes.Estimate.model_validate(expected)


@router.post("/passes", status_code=202)
async def start(door: At, response: Response, wanted: shapes.PassWanted) -> shapes.PassStarted:
    """Read every conversation not read yet and make the profile from all that is known, in the background. While one is
    at work, it is given again."""
    return await _start(door, response, wanted.again, wanted.ceiling_usd, wanted.retry)


@router.delete("/passes/current", status_code=204)
async def stop(door: At) -> None:
    """Stop the full pass that is at work. What was read and paid for is kept."""
    if await pipeline.stop(door.database, door.account, door.settings) is None:
        raise errors.NotFound(what="full pass at work")


@seam.post("/process-full", status_code=202, tags=["passes"])
async def process_full(door: At, response: Response, wanted: shapes.ProcessFull) -> shapes.PassStarted:
    """The same for systems that speak to the existing deployment. The account is whoever asks; the request may name no
    other, and no file but an upload of that account."""
    if wanted.user_id != str(door.account):
        raise errors.ForeignAccount
    if wanted.storage_path is not None:
        async with door.database.session(door.account) as session:
            await store.uploaded(session, wanted.storage_path)
    return await _start(door, response)


async def _start(
    door: Door, response: Response, again: bool = False, ceiling: Decimal | None = None, retry: bool = False
) -> shapes.PassStarted:
    await _limit(door.account)
    run = await pipeline.start(door.database, door.account, door.settings, again=again, ceiling=ceiling, retry=retry)
    response.headers["location"] = "/api/v1/status"
    return shapes.PassStarted(run_id=run)


async def _limit(account: uuid.UUID) -> None:
    if not await _asked.hit(MOST, str(account)):
        raise errors.TooManyRequests(seconds=60)

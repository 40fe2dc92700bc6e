"""Conversations that newer exports don't carry any more: shown, deleted here too, or kept."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from soulprint import importing, pipeline
from soulprint.serving.door import At
from soulprint.serving.rest import shapes

router = APIRouter(prefix="/gone")

Chosen = Annotated[list[uuid.UUID] | None, Query(alias="id", description="Only these; without any, all of them.")]


@router.get("")
async def read(door: At) -> shapes.Gone:
    """The conversations that the newest export of their provider doesn't carry and another one did, so that they may
    have been deleted at the provider."""
    async with door.database.session(door.account) as session:
        return shapes.Gone.model_validate(await importing.missing(session))


@router.delete("")
async def delete(door: At, chosen: Chosen = None) -> shapes.Deleted:
    """Delete them here too, with the facts that rest on nothing else; the profile is brought up to date in the
    background. No import brings them back, unless in a newer version."""
    deleted = await pipeline.forget_gone(door.database, door.account, door.settings, chosen)
    if deleted:
        door.background.renew(door.account)
    return shapes.Deleted(deleted=deleted)


@router.post("/keep")
async def keep(door: At, chosen: Chosen = None) -> shapes.Kept:
    """Keep them, and offer them no more unless another export carries them."""
    async with door.database.session(door.account) as session:
        return shapes.Kept(kept=await importing.keep_gone(session, chosen))

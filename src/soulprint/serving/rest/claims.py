"""What providers and the person say about the person beside the talk."""

from __future__ import annotations

from fastapi import APIRouter

from soulprint import reading
from soulprint.serving.door import At
from soulprint.serving.rest import shapes

router = APIRouter()


@router.get("/claims")
async def claims(door: At) -> list[shapes.Claim]:
    """Custom instructions, providers' memories and instructions of projects, the newest first."""
    found = await reading.claims(door.database, door.account)
    return [shapes.Claim.model_validate(claim) for claim in found]

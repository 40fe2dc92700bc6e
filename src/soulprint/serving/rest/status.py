"""How far everything is, and which models work."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib import metadata

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from soulprint import pipeline
from soulprint.llm import offers
from soulprint.serving import engines
from soulprint.serving.door import At, Door
from soulprint.serving.rest import shapes
from soulprint.serving.stream import Event, EventStream

router = APIRouter()


@router.get("/health")
async def health() -> shapes.Health:
    """Whether this process answers."""
    return shapes.Health(version=metadata.version("soulprint"))


@router.get("/status")
async def status(door: At) -> shapes.Status:
    """What is stored and what is at work right now."""
    return shapes.Status.model_validate(await pipeline.status(door.database, door.account, door.settings))


@router.get("/events", response_class=StreamingResponse, responses={200: {"content": {"text/event-stream": {}}}})
async def events(door: At) -> EventStream:
    """The status as server-sent events named `status`: one at once, then one at each change."""
    return EventStream(_watched(door))


async def _watched(door: Door) -> AsyncGenerator[Event, None]:
    async with aclosing(door.watching.status(door.database, door.account, door.settings)) as watched:
        async for now in watched:
            yield "status", shapes.Status.model_validate(now)


@router.get("/models")
async def models(door: At) -> shapes.Models:
    """Which model works in which role, where text goes, and what else was found on this machine."""
    roles = engines.by_role(door.settings)
    return shapes.Models(
        roles={role.value: engine.model for role, engine in roles.items()},
        goes={role.value: engine.goes for role, engine in roles.items()},
        offers=[shapes.Offer.model_validate(offer) for offer in await offers.found(door.settings)],
    )

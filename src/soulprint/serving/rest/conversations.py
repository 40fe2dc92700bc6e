"""The imported history: its conversations, what one of them holds, and the way to forget some."""

from __future__ import annotations

import uuid
from typing import Annotated

from fastapi import APIRouter, Query

from soulprint import pipeline, reading
from soulprint.serving import parameters
from soulprint.serving.door import At
from soulprint.serving.rest import shapes

router = APIRouter(prefix="/conversations")


@router.get("")
async def listed(
    door: At,
    q: Annotated[parameters.Text, Query(max_length=200, description="All these words stand in the title.")] = "",
    provider: Annotated[parameters.Text | None, Query(description="Only those of a provider.")] = None,
    year: Annotated[parameters.Year | None, Query(description="Only those begun in a year.")] = None,
    unread: Annotated[bool, Query(description="Only those that were not read in full.")] = False,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    after: Annotated[uuid.UUID | None, Query(description="The last conversation of the page before.")] = None,
) -> list[shapes.ConversationListed]:
    """The conversations, those begun last first."""
    asked = reading.Asked(words=tuple(q.split()), provider=provider, year=year, unread=unread)
    async with door.database.session(door.account) as session:
        found = await reading.listed(session, asked, limit=limit, after=after)
    return [shapes.ConversationListed.model_validate(each) for each in found]


@router.get("/{conversation_id}")
async def read(
    door: At, conversation_id: uuid.UUID, message: int | None = None, offset: Annotated[int | None, Query(ge=0)] = None
) -> shapes.Conversation:
    """A conversation as it was held, two hundred messages at a time: those around `message`, or from `offset` on."""
    async with door.database.session(door.account) as session:
        held = await reading.conversation(session, conversation_id, message=message, offset=offset)
    return shapes.Conversation(
        id=held.conversation.id,
        title=held.conversation.title,
        provider=held.conversation.provider,
        started_at=held.conversation.started_at,
        total=held.total,
        offset=held.window.start,
        messages=[shapes.ConversationMessage.model_validate(row) for row in held.messages],
    )


@router.post("/forget")
async def forget(door: At, chosen: shapes.Chosen) -> shapes.Forgotten:
    """Delete conversations with everything that came from them; no import brings them back. What was told of them goes
    from every version of the profile, and the profile is brought up to date in the background."""
    forgotten = await pipeline.forget(door.database, door.account, door.settings, chosen.ids)
    if forgotten.conversations:
        door.background.renew(door.account)
    return shapes.Forgotten.model_validate(forgotten)

"""An imported conversation as it was held."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from soulprint import llm, reading
from soulprint.records import Conversation, Message
from soulprint.serving import engines, windows
from soulprint.serving.door import At
from soulprint.serving.web import rendering
from soulprint.serving.web.contexts import Page

router = APIRouter()

Span = Annotated[str | None, Query(pattern=r"^\d{1,9}-\d{1,9}$")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk(Page):
    """An imported conversation, or the part of it that was asked for."""

    title: str
    here: str = "profile"
    style: str = "conversations"
    conversation: Conversation
    messages: Sequence[Message]
    window: range
    """Which messages of the conversation these are."""
    total: int
    target: int | None
    """The message that was asked for."""
    span: tuple[int, int] | None
    """The characters to mark in it."""


@router.get("/conversations/{conversation_id}")
async def conversation(
    door: At,
    conversation_id: uuid.UUID,
    message: int | None = None,
    offset: Annotated[int | None, Query(ge=0)] = None,
    span: Span = None,
) -> HTMLResponse:
    async with door.database.session(door.account) as session:
        held, messages = await reading.conversation(session, conversation_id)
    window = windows.around([row.id for row in messages], message, offset)
    start, end = (int(part) for part in span.split("-")) if span else (0, 0)
    context = Talk(
        title=held.title or "Conversation",
        engine=engines.of(door, llm.Role.QUICK),
        conversation=held,
        messages=messages[window.start : window.stop],
        window=window,
        total=len(messages),
        target=message,
        span=(start, end) if span else None,
    )
    # A long page of markdown takes a while, and others are being served.
    return await asyncio.to_thread(rendering.page, "conversations/conversation.html", context)

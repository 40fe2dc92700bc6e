"""The chats, and one of them open."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import chat, errors, facts, llm, sections
from soulprint.facts import FactView
from soulprint.records import Thread
from soulprint.serving import engines, parameters
from soulprint.serving.door import At, Door
from soulprint.serving.engines import Engine
from soulprint.serving.web import contexts, now, rendering
from soulprint.serving.web.contexts import Page
from soulprint.serving.web.now import Known

router = APIRouter()

THREADS = 50
"""In the list at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat(Page):
    """The chats, and one of them open."""

    title: str = "Chat"
    here: str = "chat"
    style: str = "chat"
    engine: Engine
    threads: Sequence[chat.Found]
    thread: Thread | None
    """None: a new one, made with the first question."""
    more: bool
    """Whether there are chats used less lately than `threads`."""
    messages: Sequence[chat.Message]
    known: Known
    suggestions: list[str]
    draft: str
    """What stands in the composer at first."""
    ready: bool
    """Whether there is a profile to talk about."""


@router.get("/chat")
async def new_chat(door: At, ask: str = "") -> HTMLResponse:
    return await _chat(door, None, ask)


@router.get("/chat/list")
async def threads(
    door: At,
    q: Annotated[parameters.Text, Query(max_length=1000)] = "",
    before: uuid.UUID | None = None,
    here: uuid.UUID | None = None,
) -> HTMLResponse:
    """The list of chats, or of those that hold all words of `q`, marking the one that is open `here`."""
    async with door.database.session(door.account) as session:
        found = await chat.threads(session, q, limit=THREADS + 1, before=before)
    return HTMLResponse(
        rendering.fragment("chat/_threads.html", threads=found[:THREADS], open=here, q=q, more=len(found) > THREADS)
    )


@router.get("/chat/{thread_id}")
async def open_chat(door: At, thread_id: uuid.UUID) -> HTMLResponse:
    return await _chat(door, thread_id, "")


@router.get("/chat/{thread_id}/messages/{message_id}")
async def message(door: At, thread_id: uuid.UUID, message_id: int) -> HTMLResponse:
    """One message of the branch on show."""
    async with door.database.session(door.account) as session:
        found = [row for row in await chat.messages(session, thread_id) if row.id == message_id]
        known = await now.of(session, await _told(session, found))
    if not found:
        raise errors.NotFound(what="message")
    return HTMLResponse(rendering.fragment("chat/_message.html", message=found[0], known=known))


@router.get("/chat/{thread_id}/messages/{message_id}/why")
async def why(door: At, thread_id: uuid.UUID, message_id: parameters.Id) -> HTMLResponse:
    """What an answer rests on, to be opened below it."""
    async with door.database.session(door.account) as session:
        found = await chat.why(session, thread_id, message_id)
        known = await now.of(session, found.facts)
    return HTMLResponse(rendering.fragment("chat/_why.html", why=found, known=known))


async def _chat(door: Door, thread_id: uuid.UUID | None, draft: str) -> HTMLResponse:
    messages: list[chat.Message] = []
    if thread_id:
        await chat.mend(door.database, door.account, thread_id)
    async with door.database.session(door.account) as session:
        thread = await chat.thread(session, thread_id) if thread_id else None
        threads = await chat.threads(session, limit=THREADS + 1)
        if thread_id:
            messages = await chat.messages(session, thread_id)
        known = await now.of(session, await _told(session, messages))
        version = await sections.current(session)
    context = Chat(
        title=thread.title if thread else "Chat",
        engine=engines.of(door, llm.Role.CHAT),
        threads=threads[:THREADS],
        more=len(threads) > THREADS,
        thread=thread,
        messages=messages,
        known=known,
        suggestions=contexts.suggestions(version),
        draft=draft,
        ready=version is not None,
    )
    # A long chat of markdown takes a while, and others are being served.
    return await asyncio.to_thread(rendering.page, "chat/chat.html", context)


async def _told(session: AsyncSession, messages: Sequence[chat.Message]) -> list[FactView]:
    """The facts that answers were given, as they are now."""
    ids = {source.fact_id for message in messages for source in message.sources if source.fact_id is not None}
    return await facts.by_ids(session, ids) if ids else []

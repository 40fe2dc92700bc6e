"""The chats, and one of them open."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import chat, errors, facts, llm, sections
from soulprint.facts import FactView
from soulprint.records import Thread
from soulprint.serving import engines, parameters
from soulprint.serving.door import At, Door
from soulprint.serving.engines import Engine
from soulprint.serving.stream import Event, EventStream
from soulprint.serving.web import contexts, markdown, now, rendering
from soulprint.serving.web.contexts import Page
from soulprint.serving.web.now import Known

router = APIRouter()

THREADS = 50
"""In the list at once."""

LOOK = 0.1
"""Seconds between two looks at an answer that is being written."""

READ = 20_000
"""Characters of an unfinished block for which another second is waited."""


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


@router.get("/chat/{thread_id}/messages/{message_id}/written")
async def written(door: At, thread_id: uuid.UUID, message_id: parameters.Id) -> EventStream:
    """An answer as it is written, formatted: server-sent events `written` with what is final from now on and what
    follows it for now, then `ended`."""
    found = await door.answers.follow(door.database, door.account, thread_id, message_id)
    return EventStream(_written(found, message_id))


@router.get("/chat/{thread_id}/messages/{message_id}/why")
async def why(door: At, thread_id: uuid.UUID, message_id: parameters.Id) -> HTMLResponse:
    """What an answer rests on, to be opened below it."""
    async with door.database.session(door.account) as session:
        found = await chat.why(session, thread_id, message_id)
        known = await now.of(session, found.facts)
    return HTMLResponse(rendering.fragment("chat/_why.html", why=found, known=known))


class Written(BaseModel):
    final: str
    """HTML that follows what was final before."""
    rest: str
    """HTML that follows it for now."""


class Ended(BaseModel):
    """The answer is whole or broken off, and can be asked for as it is kept."""


async def _written(found: AsyncGenerator[chat.Event, None], message_id: int) -> AsyncGenerator[Event, None]:
    """What came since the last look, a few looks a second: fewer, the longer the block is that is rendered again."""
    growing = markdown.Growing(f"s{message_id}")
    came: asyncio.Queue[chat.Event | None] = asyncio.Queue()
    reading = asyncio.create_task(_read(found, came))
    try:
        while (event := await came.get()) is not None:
            piece = ""
            while event is not None:
                if isinstance(event, chat.Sources):
                    growing.sources = len(event.sources)
                piece += event.text if isinstance(event, chat.Delta) else ""
                if came.empty():
                    break
                event = came.get_nowait()
            if piece:
                final, rest = growing.grown(piece)
                yield "written", Written(final=final, rest=rest)
                await asyncio.sleep(LOOK + growing.open / READ)
            if event is None:
                break
        await reading
    finally:
        reading.cancel()
    yield "ended", Ended()


async def _read(found: AsyncGenerator[chat.Event, None], came: asyncio.Queue[chat.Event | None]) -> None:
    try:
        async with aclosing(found):
            async for event in found:
                came.put_nowait(event)
    finally:
        came.put_nowait(None)


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

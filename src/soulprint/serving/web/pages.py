"""The pages: read the address, one call into a room, render."""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from soulprint import chat, errors, llm, pipeline, reading, sections
from soulprint.llm import offers
from soulprint.records import ThreadMessage
from soulprint.serving import engines, windows
from soulprint.serving.door import At, Door
from soulprint.serving.web import contexts, rendering

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
static = StaticFiles(packages=[("soulprint.serving.web", "static")])

Span = Annotated[str | None, Query(pattern=r"^\d{1,9}-\d{1,9}$")]


@router.get("/")
async def home(door: At) -> HTMLResponse:
    status = await pipeline.status(door.database, door.account, door.settings)
    version = await _version(door)
    return rendering.page(
        "home.html",
        contexts.Home(
            status=status,
            engine=engines.engine(status.model, door.settings),
            upload_limit=door.settings.upload_limit,
            overview=contexts.overview(version) if version else None,
        ),
    )


@router.get("/progress")
async def progress(door: At) -> HTMLResponse:
    """The live part of the first page, asked for again whenever the status has changed."""
    status = await pipeline.status(door.database, door.account, door.settings)
    return HTMLResponse(
        rendering.fragment("_progress.html", status=status, engine=engines.engine(status.model, door.settings))
    )


@router.get("/profile")
async def profile(door: At) -> HTMLResponse:
    status = await pipeline.status(door.database, door.account, door.settings)
    version = await _version(door)
    engine = engines.engine(status.model, door.settings)
    if version is None:
        return rendering.page("no_profile.html", contexts.NoProfile(status=status, engine=engine))
    return rendering.page(
        "profile.html",
        contexts.Profile(
            engine=engine,
            name=contexts.person(version),
            version=version,
            author=engines.engine(version.model, door.settings),
            status=status,
            sections=contexts.section_views(version),
            memory=[part for part in version.memory if part.lines],
        ),
    )


@router.get("/chat")
async def new_chat(door: At, ask: str = "") -> HTMLResponse:
    return await _chat(door, None, ask)


@router.get("/chat/{thread_id}")
async def open_chat(door: At, thread_id: uuid.UUID) -> HTMLResponse:
    return await _chat(door, thread_id, "")


@router.get("/chat/{thread_id}/messages/{message_id}")
async def message(door: At, thread_id: uuid.UUID, message_id: int) -> HTMLResponse:
    """One answer, whole: what a page puts in place of the text that streamed in."""
    async with door.database.session(door.account) as session:
        found = [row for row in await chat.messages(session, thread_id) if row.id == message_id]
    if not found:
        raise errors.NotFound(what="message")
    return HTMLResponse(rendering.fragment("_message.html", message=found[0]))


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
    context = contexts.Talk(
        title=held.title or "Conversation",
        engine=_quick(door),
        conversation=held,
        messages=messages[window.start : window.stop],
        window=window,
        total=len(messages),
        target=message,
        span=(start, end) if span else None,
    )
    # A long page of markdown takes a while, and others are being served.
    return await asyncio.to_thread(rendering.page, "conversation.html", context)


@router.get("/settings")
async def settings(door: At) -> HTMLResponse:
    return rendering.page(
        "settings.html",
        contexts.SettingsPage(
            engine=_quick(door),
            roles={role.value: engine for role, engine in engines.by_role(door.settings).items()},
            offers=await offers.found(door.settings),
            settings=door.settings,
            database=door.database.url.render_as_string(hide_password=True) if door.settings.database_url else "",
        ),
    )


async def _chat(door: Door, thread_id: uuid.UUID | None, draft: str) -> HTMLResponse:
    messages: list[ThreadMessage] = []
    async with door.database.session(door.account) as session:
        thread = await chat.thread(session, thread_id) if thread_id else None
        threads = await chat.threads(session)
        if thread_id:
            messages = list(await chat.messages(session, thread_id))
        version = await sections.current(session)
    return rendering.page(
        "chat.html",
        contexts.Chat(
            title=thread.title if thread else "Chat",
            engine=engines.engine(llm.model_name(door.settings, llm.Role.CHAT), door.settings),
            threads=threads,
            thread=thread,
            messages=messages,
            suggestions=contexts.suggestions(version),
            draft=draft,
            ready=version is not None,
        ),
    )


async def _version(door: Door) -> sections.Version | None:
    async with door.database.session(door.account) as session:
        return await sections.current(session)


def _quick(door: Door) -> engines.Engine:
    return engines.engine(llm.model_name(door.settings, llm.Role.QUICK), door.settings)

"""The pages: read the address, one call into a room, render."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import chat, errors, facts, importing, llm, pipeline, reading, sections
from soulprint.importing import members
from soulprint.llm import offers
from soulprint.records import FactStatus, Status
from soulprint.records.facts import CATEGORIES
from soulprint.serving import engines, imports, store, windows
from soulprint.serving.door import At, Door
from soulprint.serving.rest import shapes
from soulprint.serving.web import contexts, rendering
from soulprint.serving.web.progress import Changed, Progress

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
static = StaticFiles(packages=[("soulprint.serving.web", "static")])

FACTS = 50
"""On one page."""

THREADS = 50
"""In the list at once."""

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
            progress=await _progress(door, status),
            upload_limit=door.settings.upload_limit,
            upload_days=door.settings.upload_days,
            members=members.patterns(),
            overview=contexts.overview(version) if version else None,
        ),
    )


@router.get("/progress")
async def progress(door: At) -> HTMLResponse:
    """The live part of the first page, asked for again whenever the status has changed."""
    status = await pipeline.status(door.database, door.account, door.settings)
    return HTMLResponse(rendering.fragment("_progress.html", progress=await _progress(door, status)))


@router.get("/estimate")
async def estimate(door: At, again: bool = False) -> HTMLResponse:
    """What reading the rest would come to, with the form that begins it: put into the first page when it is asked
    for."""
    expected = await pipeline.estimate(door.database, door.account, door.settings, again=again)
    ceiling = Decimal(str(door.settings.ceiling))
    return HTMLResponse(
        rendering.fragment(
            "_estimate.html", expected=expected, again=again, ceiling=ceiling, reader=_engine(door, llm.Role.EXTRACT)
        )
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


@router.get("/facts")
async def known(
    door: At, category: shapes.Text | None = None, status: shapes.Text | None = None, after: shapes.Id | None = None
) -> HTMLResponse:
    category, status = category or None, status or None
    async with door.database.session(door.account) as session:
        found = await facts.listed(session, category=category, status=status, limit=FACTS + 1, after=after)
        instead = await store.statements(session, {fact.superseded_by for fact in found if fact.superseded_by})
    page, more = found[:FACTS], len(found) > FACTS
    return rendering.page(
        "facts.html",
        contexts.Facts(
            engine=_engine(door, llm.Role.EXTRACT),
            status=await pipeline.status(door.database, door.account, door.settings),
            facts=page,
            instead=instead,
            categories=[*CATEGORIES, *door.settings.categories],
            category=category,
            statuses=list(FactStatus),
            shown=status,
            after=after,
            next=contexts.facts_address(category, status, page[-1].id) if more else None,
        ),
    )


@router.get("/diff")
async def diff(door: At, older: shapes.Number | None = None, newer: shapes.Number | None = None) -> HTMLResponse:
    async with door.database.session(door.account) as session:
        versions = await sections.versions(session)
        compared = await sections.compared(session, older, newer) if len(versions) > 1 else None
    changes = sections.diff(*compared) if compared else []
    return rendering.page(
        "diff.html",
        contexts.Diff(
            engine=_engine(door, llm.Role.SECTIONS),
            versions=versions,
            older=compared[0] if compared else None,
            newer=compared[1] if compared else None,
            changed=Changed.of(changes),
            groups=contexts.by_section(changes),
        ),
    )


@router.get("/facts/{fact_id}")
async def fact(door: At, fact_id: shapes.Id) -> HTMLResponse:
    """One fact as it is now: what a page puts in place of one that the person has changed."""
    async with door.database.session(door.account) as session:
        known = await _known(session, {fact_id})
    if fact_id not in known.facts:
        raise errors.NotFound(what="fact")
    return HTMLResponse(rendering.fragment("_fact_alone.html", fact=known.facts[fact_id], instead=known.instead))


@router.get("/chat")
async def new_chat(door: At, ask: str = "") -> HTMLResponse:
    return await _chat(door, None, ask)


@router.get("/chat/list")
async def threads(
    door: At,
    q: Annotated[shapes.Text, Query(max_length=1000)] = "",
    before: uuid.UUID | None = None,
    here: uuid.UUID | None = None,
) -> HTMLResponse:
    """The list of chats, or of those that hold all words of `q`, marking the one that is open `here`."""
    async with door.database.session(door.account) as session:
        found = await chat.threads(session, q, limit=THREADS + 1, before=before)
    return HTMLResponse(
        rendering.fragment("_threads.html", threads=found[:THREADS], open=here, q=q, more=len(found) > THREADS)
    )


@router.get("/chat/{thread_id}")
async def open_chat(door: At, thread_id: uuid.UUID) -> HTMLResponse:
    return await _chat(door, thread_id, "")


@router.get("/chat/{thread_id}/messages/{message_id}")
async def message(door: At, thread_id: uuid.UUID, message_id: int) -> HTMLResponse:
    """One message of the branch on show."""
    async with door.database.session(door.account) as session:
        found = [row for row in await chat.messages(session, thread_id) if row.id == message_id]
        known = await _known(session, _told(found))
    if not found:
        raise errors.NotFound(what="message")
    return HTMLResponse(rendering.fragment("_message.html", message=found[0], known=known))


@router.get("/chat/{thread_id}/messages/{message_id}/why")
async def why(door: At, thread_id: uuid.UUID, message_id: shapes.Id) -> HTMLResponse:
    """What an answer rests on, to be opened below it."""
    async with door.database.session(door.account) as session:
        found = await chat.why(session, thread_id, message_id)
        known = await _known(session, {fact.id for fact in found.facts})
    return HTMLResponse(rendering.fragment("_why.html", why=found, known=known))


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
        engine=_engine(door, llm.Role.QUICK),
        conversation=held,
        messages=messages[window.start : window.stop],
        window=window,
        total=len(messages),
        target=message,
        span=(start, end) if span else None,
    )
    # A long page of markdown takes a while, and others are being served.
    return await asyncio.to_thread(rendering.page, "conversation.html", context)


@router.get("/claims")
async def claims(door: At) -> HTMLResponse:
    found = await reading.claims(door.database, door.account)
    return rendering.page(
        "claims.html", contexts.Claims(engine=_engine(door, llm.Role.QUICK), providers=imports.claims_by_kind(found))
    )


@router.get("/settings")
async def settings(door: At) -> HTMLResponse:
    return rendering.page(
        "settings.html",
        contexts.SettingsPage(
            engine=_engine(door, llm.Role.QUICK),
            roles={role.value: engine for role, engine in engines.by_role(door.settings).items()},
            offers=await offers.found(door.settings),
            settings=door.settings,
            database=door.database.url.render_as_string(hide_password=True) if door.settings.database_url else "",
        ),
    )


async def _chat(door: Door, thread_id: uuid.UUID | None, draft: str) -> HTMLResponse:
    messages: list[chat.Message] = []
    if thread_id:
        await chat.mend(door.database, door.account, thread_id)
    async with door.database.session(door.account) as session:
        thread = await chat.thread(session, thread_id) if thread_id else None
        threads = await chat.threads(session, limit=THREADS + 1)
        if thread_id:
            messages = await chat.messages(session, thread_id)
        known = await _known(session, _told(messages))
        version = await sections.current(session)
    context = contexts.Chat(
        title=thread.title if thread else "Chat",
        engine=_engine(door, llm.Role.CHAT),
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
    return await asyncio.to_thread(rendering.page, "chat.html", context)


def _told(messages: Sequence[chat.Message]) -> set[int]:
    """The ids of the facts that answers were given."""
    return {source.fact_id for message in messages for source in message.sources if source.fact_id is not None}


async def _known(session: AsyncSession, ids: Collection[int]) -> contexts.Known:
    found = {fact.id: fact for fact in await facts.listed(session) if fact.id in ids} if ids else {}
    later = {fact.superseded_by for fact in found.values() if fact.superseded_by}
    return contexts.Known(found, await store.statements(session, later))


async def _version(door: Door) -> sections.Version | None:
    async with door.database.session(door.account) as session:
        return await sections.current(session)


async def _progress(door: Door, status: pipeline.Status) -> Progress:
    last = status.full_pass
    return Progress(
        status=status,
        engine=engines.engine(status.model, door.settings),
        reader=_engine(door, llm.Role.EXTRACT),
        author=engines.engine(last.model, door.settings) if last else None,
        changed=await _changed(door, last.version) if last and last.version == status.version else None,
        missing=await _missing(door, status),
    )


async def _missing(door: Door, status: pipeline.Status) -> importing.Missing:
    """What the newest exports lack; nothing while another import runs."""
    if status.import_ is None or status.import_.status != Status.COMPLETE:
        return importing.NOTHING
    async with door.database.session(door.account) as session:
        return await importing.missing(session)


async def _changed(door: Door, version: int | None) -> Changed | None:
    """What this version changed over the one before, where there was one."""
    if version is None or version == 1:
        return None
    async with door.database.session(door.account) as session:
        compared = await sections.compared(session, None, version)
    return Changed.of(sections.diff(*compared))


def _engine(door: Door, role: llm.Role) -> engines.Engine:
    return engines.engine(llm.model_name(door.settings, role), door.settings)

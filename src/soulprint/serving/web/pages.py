"""The pages: read the address, one call into a room, render."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import chat, errors, facts, importing, llm, pipeline, reading, sections
from soulprint.facts import FactView, changing
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

CHANGES = 500
"""Changes of facts, newest first, among which those of a page are looked for."""

LATELY = 10
"""Changes of facts that are shown with a way back."""

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
        page, more = found[:FACTS], len(found) > FACTS
        known = await _known(session, page)
        made = [] if category or status or after else await _made(session)
    return rendering.page(
        "facts.html",
        contexts.Facts(
            engine=_engine(door, llm.Role.EXTRACT),
            status=await pipeline.status(door.database, door.account, door.settings),
            facts=page,
            known=known,
            made=made,
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
        found = await facts.by_ids(session, [fact_id])
        known = await _known(session, found)
    if not found:
        raise errors.NotFound(what="fact")
    return HTMLResponse(rendering.fragment("_fact_alone.html", fact=found[0], known=known))


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
        known = await _known(session, await _told(session, found))
    if not found:
        raise errors.NotFound(what="message")
    return HTMLResponse(rendering.fragment("_message.html", message=found[0], known=known))


@router.get("/chat/{thread_id}/messages/{message_id}/why")
async def why(door: At, thread_id: uuid.UUID, message_id: shapes.Id) -> HTMLResponse:
    """What an answer rests on, to be opened below it."""
    async with door.database.session(door.account) as session:
        found = await chat.why(session, thread_id, message_id)
        known = await _known(session, found.facts)
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
        known = await _known(session, await _told(session, messages))
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


async def _told(session: AsyncSession, messages: Sequence[chat.Message]) -> list[FactView]:
    """The facts that answers were given, as they are now."""
    ids = {source.fact_id for message in messages for source in message.sources if source.fact_id is not None}
    return await facts.by_ids(session, ids) if ids else []


async def _known(session: AsyncSession, found: Sequence[FactView]) -> contexts.Known:
    """The facts, with what took the place of those that no longer hold."""
    changes = await changing.changes(session, CHANGES)
    corrected = {change.former_id: change.fact_id for change in changes if change.undone_at is None}
    places = {fact.id: fact.superseded_by or corrected.get(fact.id) for fact in found}
    said = await store.statements(session, {place for place in places.values() if place})
    return contexts.Known(
        facts={fact.id: fact for fact in found},
        later={fact: (place, said[place]) for fact, place in places.items() if place in said},
        undone=frozenset(change.id for change in changes if change.undone_at is not None),
    )


async def _made(session: AsyncSession) -> list[contexts.Made]:
    """The last changes of facts that stand."""
    changes = [change for change in await changing.changes(session, LATELY) if change.undone_at is None]
    told = {place for change in changes for place in (change.fact_id, change.former_id) if place}
    said = await store.statements(session, told)
    return [
        contexts.Made(change.id, change.kind, said[change.fact_id], said.get(change.former_id or 0), change.created_at)
        for change in changes
        if change.fact_id in said
    ]


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

"""The imported history: its conversations, and each as it was held, with what was learned from it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field

from soulprint import facts, llm, reading, recall, sections
from soulprint.facts import FactView, Wanted
from soulprint.reading import Held, Listed
from soulprint.records import Extraction
from soulprint.records.recalled import Kind, Recalled
from soulprint.records.sections import Line, Quote
from soulprint.serving import engines, parameters
from soulprint.serving.door import At, Door
from soulprint.serving.web import now, rendering
from soulprint.serving.web.contexts import Page
from soulprint.serving.web.now import Known

router = APIRouter()

CONVERSATIONS = 60
"""On one page."""

TITLED = 12
"""Conversations whose titles a search finds; more are a matter of narrowing down."""

PASSAGES = 30
"""That a search finds in messages, the best ones."""

LEARNED = 40
"""Facts shown beside a conversation."""

Span = Annotated[str | None, Query(pattern=r"^\d{1,9}-\d{1,9}$")]


class Filter(BaseModel):
    """What the form above the list asks for; what is left empty narrows nothing."""

    q: Annotated[parameters.Text, Field(max_length=200)] = ""
    provider: Annotated[parameters.Text, Field(max_length=60)] = ""
    year: parameters.Given[parameters.Year] = None
    only: Annotated[parameters.Text, Field(max_length=20)] = ""
    """`facts`: from which something was learned; `unread`: not read in full."""
    after: parameters.Given[uuid.UUID] = None
    """The last conversation of the page before."""

    @property
    def narrows(self) -> bool:
        return bool(self.model_dump(exclude_defaults=True, exclude={"after"}))

    @property
    def words(self) -> tuple[str, ...]:
        return tuple(self.q.split())

    def wanted(self) -> reading.Asked:
        return reading.Asked(
            words=self.words,
            provider=self.provider or None,
            year=self.year,
            with_facts=self.only == "facts",
            unread=self.only == "unread",
        )

    def address(self, after: uuid.UUID | None = None) -> str:
        """Of the conversations that are asked for, or of those that come after one."""
        asked = self.model_dump(mode="json", exclude_defaults=True) | {"after": after}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/conversations?{query}" if query else "/conversations"


@dataclass(frozen=True, slots=True, kw_only=True)
class History(Page):
    """The conversations, or what a search finds in them."""

    title: str = "History"
    here: str = "history"
    style: str = "conversations"
    asked: Filter
    providers: Sequence[tuple[str, int]]
    """Each with its number of conversations."""
    years: Sequence[int]
    months: Sequence[tuple[date | None, Sequence[Listed]]]
    """By their first days, the latest first; None for what has no date, and for what a search finds."""
    passages: Sequence[Recalled]
    """What a search finds in messages, the best first."""
    next: str | None
    """The address of the next page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk(Page):
    """A conversation, or the part of it that was asked for."""

    title: str
    here: str = "history"
    style: str = "conversations"
    held: Held
    target: int | None
    """The message that was asked for."""
    span: tuple[int, int] | None
    """The characters to mark in it."""
    learned: Sequence[FactView]
    known: Known
    """The same facts, by their ids."""
    more_learned: bool
    lines: Sequence[tuple[str, Line]]
    """Of the profile in use that quote it, each with its section."""
    reading: Extraction | None
    """How it was read for facts last."""
    earlier: uuid.UUID | None
    later: uuid.UUID | None
    """The conversations held before and after it."""


@router.get("/conversations")
async def listed(door: At, asked: Annotated[Filter, Query()]) -> HTMLResponse:
    limit = TITLED if asked.words else CONVERSATIONS
    (found, providers, years), passages = await asyncio.gather(_titled(door, asked, limit), _passages(door, asked))
    page = found[:limit]
    return rendering.page(
        "conversations/conversations.html",
        History(
            engine=engines.of(door, llm.Role.QUICK),
            asked=asked,
            providers=providers,
            years=years,
            months=[(None, page)] if asked.words and page else _by_month(page),
            passages=passages,
            next=asked.address(page[-1].id) if len(found) > limit else None,
        ),
    )


@router.get("/conversations/{conversation_id}")
async def conversation(
    door: At,
    conversation_id: uuid.UUID,
    message: parameters.Id | None = None,
    offset: Annotated[int | None, Query(ge=0, lt=2**31)] = None,
    span: Span = None,
) -> HTMLResponse:
    async with door.database.session(door.account) as session:
        held = await reading.conversation(session, conversation_id, message=message, offset=offset)
        learned = await facts.listed(session, Wanted(conversation=conversation_id), limit=LEARNED + 1)
        version = await sections.current(session)
        earlier, later = await reading.neighbours(session, held.conversation)
        start, end = (int(part) for part in span.split("-")) if span else (0, 0)
        context = Talk(
            title=held.conversation.title or "Untitled conversation",
            engine=engines.of(door, llm.Role.QUICK),
            held=held,
            target=message,
            span=(start, end) if span else None,
            learned=learned[:LEARNED],
            known=await now.of(session, learned[:LEARNED]),
            more_learned=len(learned) > LEARNED,
            lines=_quoting(version, conversation_id) if version else [],
            reading=await reading.read_by(session, conversation_id),
            earlier=earlier,
            later=later,
        )
    # A long page of markdown takes a while, and others are being served.
    return await asyncio.to_thread(rendering.page, "conversations/conversation.html", context)


async def _titled(door: Door, asked: Filter, limit: int) -> tuple[list[Listed], list[tuple[str, int]], list[int]]:
    """One more than `limit` of the conversations, and what they can be narrowed to."""
    async with door.database.session(door.account) as session:
        found = await reading.listed(session, asked.wanted(), limit=limit + 1, after=asked.after)
        providers, years = await reading.sources(session)
    return found, providers, years


async def _passages(door: Door, asked: Filter) -> list[Recalled]:
    """What a search finds in messages: of the year that is asked for, and not where only titles can be narrowed."""
    if asked.provider or asked.only or asked.after or not asked.words:
        return []
    since = date(asked.year, 1, 1) if asked.year else None
    until = date(asked.year, 12, 31) if asked.year else None
    found = await recall.recall(
        door.database,
        door.account,
        door.settings,
        asked.q,
        most=PASSAGES,
        kinds=(Kind.PASSAGE,),
        since=since,
        until=until,
    )
    return list(found.best)


def _by_month(page: Sequence[Listed]) -> list[tuple[date | None, list[Listed]]]:
    def month(listed: Listed) -> date | None:
        return listed.started_at.date().replace(day=1) if listed.started_at else None

    return [(first, list(group)) for first, group in groupby(page, month)]


def _quoting(version: sections.Version, conversation: uuid.UUID) -> list[tuple[str, Line]]:
    return [
        (section, line)
        for section, line in version.placed()
        if any(isinstance(source, Quote) and source.conversation_id == conversation for source in line.sources)
    ]

"""What is known, with its proof, and what the person changed of it."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors, facts, llm, pipeline
from soulprint.facts import FactView, changing
from soulprint.pipeline import Status
from soulprint.records import FactStatus
from soulprint.records.facts import CATEGORIES
from soulprint.serving import engines, parameters, store
from soulprint.serving.door import At
from soulprint.serving.web import now, rendering
from soulprint.serving.web.contexts import Page
from soulprint.serving.web.now import Known

router = APIRouter()

FACTS = 50
"""On one page."""

LATELY = 10
"""Changes of facts that are shown with a way back."""


class Filter(BaseModel):
    """What the form above the facts asks for; what is left empty narrows nothing."""

    q: Annotated[parameters.Text, Field(max_length=200)] = ""
    category: Annotated[parameters.Text, Field(max_length=100)] = ""
    sure: Annotated[parameters.Text, Field(max_length=20)] = ""
    """A word of `rendering.SURENESS`."""
    status: Annotated[parameters.Text, Field(max_length=20)] = ""
    since: parameters.Given[date] = None
    until: parameters.Given[date] = None
    conversation: parameters.Given[uuid.UUID] = None
    order: Annotated[parameters.Text, Field(max_length=20)] = ""
    """`newest`, else the surest first."""
    after: parameters.Given[parameters.Id] = None
    """The last fact of the page before."""

    @property
    def narrows(self) -> bool:
        return bool(self.model_dump(exclude_defaults=True, exclude={"order", "after"}))

    @property
    def hidden(self) -> int:
        """How many of those are set that are folded away."""
        return sum(bool(each) for each in (self.sure, self.status, self.since, self.until, self.order))

    def wanted(self) -> facts.Wanted:
        least, below = rendering.bounds(self.sure)
        return facts.Wanted(
            category=self.category or None,
            statuses=(self.status,) if self.status else (),
            words=tuple(self.q.split()),
            conversation=self.conversation,
            least=least,
            below=below,
            since=self.since,
            until=self.until,
            newest=self.order == "newest",
        )

    def address(self, after: int | None = None) -> str:
        """Of the facts that are asked for, or of those that come after one."""
        asked = self.model_dump(mode="json", exclude_defaults=True) | {"after": after}
        query = urlencode({name: value for name, value in asked.items() if value})
        return f"/facts?{query}" if query else "/facts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Page):
    """What is known, with its proof, fifty at a time."""

    title: str = "All facts"
    here: str = "memory"
    style: str = "facts"
    waiting: int
    """How many facts wait for the person's word."""
    asked: Filter
    total: int | None
    """Facts that are asked for, on all pages; None for many that a search finds: to count them takes as long again."""
    facts: Sequence[FactView]
    known: Known
    """The same facts, by their ids."""
    made: Sequence[Made]
    """What the person changed lately, newest first."""
    categories: Sequence[str]
    statuses: Sequence[str]
    conversation: str | None
    """The title of the one whose facts are asked for."""
    next: str | None
    """The address of the next page."""
    status: Status | None
    """How far the work is, where there are no facts at all."""


@dataclass(frozen=True, slots=True)
class Made:
    """A change that the person made, and can take back."""

    id: int
    kind: str
    statement: str
    """Of the fact as it is now."""
    was: str | None
    """What a correction took the place of."""
    made_at: datetime


@router.get("/facts")
async def listed(door: At, asked: Annotated[Filter, Query()]) -> HTMLResponse:
    wanted, after = asked.wanted(), asked.after
    async with door.database.session(door.account) as session:
        found = await facts.listed(session, wanted, limit=FACTS + 1, after=after)
        page, more = found[:FACTS], len(found) > FACTS
        context = Facts(
            engine=engines.of(door, llm.Role.EXTRACT),
            waiting=await facts.waiting(session),
            asked=asked,
            total=await _total(session, wanted, after, page, more=more),
            facts=page,
            known=await now.of(session, page),
            made=[] if asked.narrows or after else await _made(session),
            categories=[*CATEGORIES, *door.settings.categories],
            statuses=list(FactStatus),
            conversation=await store.title(session, asked.conversation) if asked.conversation else None,
            next=asked.address(page[-1].id) if more else None,
            status=None,
        )
    if not (page or asked.narrows or after):
        status = await pipeline.status(door.database, door.account, door.settings)
        context = dataclasses.replace(context, status=status)
    return rendering.page("facts/facts.html", context)


async def _total(
    session: AsyncSession, wanted: facts.Wanted, after: int | None, page: Sequence[FactView], *, more: bool
) -> int | None:
    if not (more or after):
        return len(page)
    return None if wanted.words else await facts.count(session, wanted)


@router.get("/facts/{fact_id}")
async def fact(door: At, fact_id: parameters.Id) -> HTMLResponse:
    """One fact as it is now: what a page puts in place of one that the person has changed."""
    async with door.database.session(door.account) as session:
        found = await facts.by_ids(session, [fact_id])
        known = await now.of(session, found)
    if not found:
        raise errors.NotFound(what="fact")
    return HTMLResponse(rendering.fragment("facts/_fact_alone.html", fact=found[0], known=known))


async def _made(session: AsyncSession) -> list[Made]:
    """The last changes of facts that stand."""
    changes = [change for change in await changing.changes(session, LATELY) if change.undone_at is None]
    told = {place for change in changes for place in (change.fact_id, change.former_id) if place}
    said = await store.statements(session, told)
    return [
        Made(change.id, change.kind, said[change.fact_id], said.get(change.former_id or 0), change.created_at)
        for change in changes
        if change.fact_id in said
    ]

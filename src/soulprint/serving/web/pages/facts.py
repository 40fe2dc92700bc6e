"""What is known, with its proof, and what the person changed of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Page):
    """What is known, with its proof, fifty at a time."""

    title: str = "Facts"
    here: str = "facts"
    style: str = "facts"
    status: Status
    facts: Sequence[FactView]
    known: Known
    """The same facts, by their ids."""
    made: Sequence[Made]
    """What the person changed lately, newest first."""
    categories: Sequence[str]
    category: str | None
    """The one that is shown; None for all."""
    statuses: Sequence[str]
    shown: str | None
    """The status that is shown; None for all."""
    after: int | None
    """The last fact of the page before."""
    next: str | None
    """The address of the next page."""

    @property
    def filtered(self) -> bool:
        return bool(self.category or self.shown)

    @property
    def passing(self) -> bool:
        """Whether a full pass is at work."""
        return bool(self.status.full_pass and self.status.full_pass.status == "processing")

    @property
    def first(self) -> str:
        """The address of the first page."""
        return facts_address(self.category, self.shown)


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
async def listed(
    door: At,
    category: parameters.Text | None = None,
    status: parameters.Text | None = None,
    after: parameters.Id | None = None,
) -> HTMLResponse:
    category, status = category or None, status or None
    async with door.database.session(door.account) as session:
        found = await facts.listed(session, category=category, status=status, limit=FACTS + 1, after=after)
        page, more = found[:FACTS], len(found) > FACTS
        known = await now.of(session, page)
        made = [] if category or status or after else await _made(session)
    return rendering.page(
        "facts/facts.html",
        Facts(
            engine=engines.of(door, llm.Role.EXTRACT),
            status=await pipeline.status(door.database, door.account, door.settings),
            facts=page,
            known=known,
            made=made,
            categories=[*CATEGORIES, *door.settings.categories],
            category=category,
            statuses=list(FactStatus),
            shown=status,
            after=after,
            next=facts_address(category, status, page[-1].id) if more else None,
        ),
    )


@router.get("/facts/{fact_id}")
async def fact(door: At, fact_id: parameters.Id) -> HTMLResponse:
    """One fact as it is now: what a page puts in place of one that the person has changed."""
    async with door.database.session(door.account) as session:
        found = await facts.by_ids(session, [fact_id])
        known = await now.of(session, found)
    if not found:
        raise errors.NotFound(what="fact")
    return HTMLResponse(rendering.fragment("facts/_fact_alone.html", fact=found[0], known=known))


def facts_address(category: str | None, shown: str | None, after: int | None = None) -> str:
    """The address of a page of facts."""
    asked = {"category": category, "status": shown, "after": after}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/facts?{query}" if query else "/facts"


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

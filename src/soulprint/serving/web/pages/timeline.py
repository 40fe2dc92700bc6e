"""Facts by when they hold, the latest first, and what took the place of what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from soulprint import facts, llm
from soulprint.facts import Moment
from soulprint.records.facts import CATEGORIES
from soulprint.serving import engines, parameters
from soulprint.serving.door import At
from soulprint.serving.web import rendering
from soulprint.serving.web.contexts import Page

router = APIRouter()

MOMENTS = 60
"""On one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline(Page):
    title: str = "Timeline"
    here: str = "memory"
    style: str = "facts"
    waiting: int
    """How many facts wait for the person's word."""
    category: str | None
    categories: Sequence[str]
    years: Sequence[tuple[int, int, str]]
    """Year, how many facts it has, and the address that begins with it."""
    months: Sequence[tuple[date, Sequence[Moment]]]
    """By their first days, the latest first."""
    next: str | None
    """The address of the next page."""
    later: str | None
    """The address of the first page, where this is another."""


@router.get("/facts/timeline")
async def timeline(
    door: At,
    category: Annotated[parameters.Text, Query(max_length=100)] = "",
    until: date | None = None,
    day: date | None = None,
    after: parameters.Id | None = None,
) -> HTMLResponse:
    place = (day, after) if day and after else None
    async with door.database.session(door.account) as session:
        found = await facts.moments(session, category=category or None, until=until, after=place, limit=MOMENTS + 1)
        page, more = found[:MOMENTS], len(found) > MOMENTS
        context = Timeline(
            engine=engines.of(door, llm.Role.EXTRACT),
            waiting=await facts.waiting(session),
            category=category or None,
            categories=[*CATEGORIES, *door.settings.categories],
            years=[
                (year, number, _address(category=category, until=date(year, 12, 31)))
                for year, number in await facts.years(session, category or None)
            ],
            months=[(month, list(group)) for month, group in groupby(page, lambda moment: moment.day.replace(day=1))],
            next=_address(category=category, day=page[-1].day, after=page[-1].fact.id) if more else None,
            later=_address(category=category) if until or place else None,
        )
    return rendering.page("facts/timeline.html", context)


def _address(**asked: object) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/facts/timeline?{query}" if query else "/facts/timeline"

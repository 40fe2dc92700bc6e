"""The inbox: facts that wait for the person's word, one at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import facts, llm, sections
from soulprint.facts import Doubted, Score
from soulprint.records.sections import Line
from soulprint.sections import Version
from soulprint.serving import engines, parameters
from soulprint.serving.door import At
from soulprint.serving.web import rendering
from soulprint.serving.web.contexts import Page

router = APIRouter()

AHEAD = 12
"""Facts that a page has at once: while one is decided, the next are there already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review(Page):
    title: str = "Review"
    here: str = "memory"
    style: str = "facts"
    waiting: int
    """How many facts wait for the person's word."""
    inbox: Sequence[Doubted]
    """The first of them."""
    resting: Mapping[int, Sequence[Line]]
    """By fact the lines of the profile that rest on it."""


@router.get("/review")
async def review(door: At) -> HTMLResponse:
    async with door.database.session(door.account) as session:
        inbox, resting = await _inbox(session, None)
        context = Review(
            engine=engines.of(door, llm.Role.EXTRACT),
            waiting=await facts.waiting(session),
            inbox=inbox,
            resting=resting,
        )
    return rendering.page("facts/review.html", context)


@router.get("/review/more")
async def more(door: At, score: float, after: parameters.Id) -> HTMLResponse:
    """The facts that come after one, to be put below those that a page has."""
    async with door.database.session(door.account) as session:
        inbox, resting = await _inbox(session, Score(after, score))
    return HTMLResponse(rendering.fragment("facts/_inbox.html", inbox=inbox, resting=resting))


async def _inbox(session: AsyncSession, after: Score | None) -> tuple[Sequence[Doubted], Mapping[int, Sequence[Line]]]:
    version = await sections.current(session)
    lines = version.resting() if version else {}
    inbox = await facts.inbox(session, lines, limit=AHEAD, after=after)
    return inbox, _resting(version, {doubted.fact.id for doubted in inbox}) if version else {}


def _resting(version: Version, ids: set[int]) -> dict[int, list[Line]]:
    found: dict[int, list[Line]] = {fact: [] for fact in ids}
    for line in version.lines():
        for fact in line.facts() & ids:
            found[fact].append(line)
    return found

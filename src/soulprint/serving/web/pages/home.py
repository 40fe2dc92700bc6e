"""The first page: welcome, import, how far the work is, and a glance at the profile."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from soulprint import importing, llm, pipeline, sections
from soulprint.importing import members
from soulprint.llm import offers
from soulprint.llm.offers import Offer
from soulprint.records import Status
from soulprint.records.sections import Line
from soulprint.sections import Version
from soulprint.serving import engines
from soulprint.serving.door import At, Door
from soulprint.serving.engines import Engine
from soulprint.serving.web import contexts, rendering
from soulprint.serving.web.contexts import Page
from soulprint.serving.web.progress import Changed, Progress

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Home(Page):
    """Welcome and import; with a profile, an overview of it."""

    title: str = "Import"
    here: str = "home"
    style: str = "home"
    status: pipeline.Status
    engine: Engine
    progress: Progress
    upload_limit: int
    upload_days: int
    members: dict[str, list[str]]
    """Which members of an archive are read, as patterns."""
    overview: Overview | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The profile at a glance."""

    name: str | None
    version: Version
    glimpses: list[tuple[str, str, Line]]
    """Section, field and its first line; one a section."""
    suggestions: list[str]


@router.get("/")
async def home(door: At) -> HTMLResponse:
    status = await pipeline.status(door.database, door.account, door.settings)
    version = await contexts.version(door)
    return rendering.page(
        "home/home.html",
        Home(
            status=status,
            engine=engines.engine(status.model, door.settings),
            progress=await _progress(door, status),
            upload_limit=door.settings.upload_limit,
            upload_days=door.settings.upload_days,
            members=members.patterns(),
            overview=overview(version) if version else None,
        ),
    )


@router.get("/progress")
async def progress(door: At) -> HTMLResponse:
    """The live part of the first page, asked for again whenever the status has changed."""
    status = await pipeline.status(door.database, door.account, door.settings)
    return HTMLResponse(rendering.fragment("home/_progress.html", progress=await _progress(door, status)))


@router.get("/estimate")
async def estimate(door: At, again: bool = False) -> HTMLResponse:
    """What reading the rest would come to, with the form that begins it: put into the first page when it is asked
    for."""
    expected = await pipeline.estimate(door.database, door.account, door.settings, again=again)
    ceiling = Decimal(str(door.settings.ceiling))
    async with door.database.session(door.account) as session:
        _, spent = await llm.spent_lately(session)
    return HTMLResponse(
        rendering.fragment(
            "home/_estimate.html",
            expected=expected,
            again=again,
            ceiling=ceiling,
            reader=engines.of(door, llm.Role.EXTRACT),
            account_ceiling=door.settings.account_ceiling,
            spent=spent,
            others=await _others(door, expected),
        )
    )


async def _others(door: Door, expected: pipeline.Estimate) -> list[tuple[Offer, Decimal]]:
    """The other models found on this machine, with what each would come to, the cheapest first."""
    if expected.is_nothing:
        return []
    at_work = {stage.model for stage in expected.stages}
    found = [offer for offer in await offers.found(door.settings) if {offer.model} != at_work]
    costs = await asyncio.to_thread(lambda: [expected.with_model(door.settings, offer.model) for offer in found])
    priced = [(offer, cost) for offer, cost in zip(found, costs, strict=True) if cost is not None]
    return sorted(priced, key=lambda one: one[1])


def overview(version: Version) -> Overview:
    return Overview(contexts.person(version), version, list(_glimpses(version)), contexts.suggestions(version))


def _glimpses(version: Version) -> Iterator[tuple[str, str, Line]]:
    for name, section in version.sections.each():
        for field, _, lines in section.fields():
            if lines and field != "name":
                yield name, field, lines[0]
                break


async def _progress(door: Door, status: pipeline.Status) -> Progress:
    last = status.full_pass
    made_it = last is not None and last.version == status.version
    return Progress(
        status=status,
        engine=engines.engine(status.model, door.settings),
        reader=engines.of(door, llm.Role.EXTRACT),
        author=engines.engine(last.model, door.settings) if last else None,
        changed=await _changed(door, last.version) if last and made_it and not status.at_work else None,
        missing=await _missing(door, status),
        threshold=door.settings.full_pass_threshold,
        ceiling=door.settings.ceiling,
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

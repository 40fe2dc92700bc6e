"""The profile to read, what its versions changed, and what providers say beside it."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from soulprint import llm, pipeline, reading, sections
from soulprint.kinds import ClaimKind
from soulprint.measuring.store import Portrait
from soulprint.pipeline import Counts, Status
from soulprint.records import Claim
from soulprint.records.sections import Line, MemoryPart, Section
from soulprint.sections import Change, Heading, Version
from soulprint.serving import engines, imports, parameters
from soulprint.serving.door import At, Door
from soulprint.serving.engines import Engine
from soulprint.serving.web import contexts, plots, rendering
from soulprint.serving.web.contexts import Page
from soulprint.serving.web.plots import Plot
from soulprint.serving.web.progress import Changed

router = APIRouter()

VERSIONS = 30
"""On one page."""

INTRODUCTIONS = {
    "soul": "Who you are in the way you write.",
    "identity": "Who your assistant is to you.",
    "user": "The facts of your life.",
    "agents": "How an assistant should work for you.",
    "tools": "What you come to an assistant for.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Page):
    """The person on one page."""

    title: str = "Profile"
    here: str = "profile"
    style: str = "profile"
    name: str | None
    version: Version
    author: Engine
    """What wrote this version; the engine set now may be another."""
    history: Counts
    sections: list[SectionView]
    memory: list[MemoryPart]
    plots: Sequence[Plot]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Page):
    """How the person writes, in plots and figures."""

    title: str = "Measured"
    here: str = "profile"
    style: str = "profile"
    messages: int
    """Over which all of it was counted."""
    plots: Sequence[Plot]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoProfile(Page):
    title: str = "Profile"
    here: str = "profile"
    style: str = "profile"
    status: Status


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section as it is read."""

    name: str
    introduction: str
    known: list[tuple[str, bool, list[Line]]]
    """Field, whether it is a list, its lines."""
    unknown: list[str]
    """Fields without enough data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff(Page):
    """What a version changed over an earlier one."""

    title: str = "What changed"
    here: str = "profile"
    style: str = "profile"
    versions: Sequence[Heading]
    """The newest first."""
    older: Version | None
    """None, and so is `newer`, while there are not two versions."""
    newer: Version | None
    changed: Changed | None
    groups: list[tuple[str, Changed, list[tuple[str, list[Change]]]]]
    """Section, what was changed in it, and its fields, each with its changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims(Page):
    """What is said about the person beside the talk."""

    title: str = "What providers say about you"
    here: str = "profile"
    style: str = "profile"
    providers: list[tuple[str, list[tuple[ClaimKind, list[Claim]]]]]
    """Provider, and by kind its claims, the newest first."""


@router.get("/profile")
async def profile(door: At) -> HTMLResponse:
    engine = engines.of(door, llm.Role.QUICK)
    version = await contexts.version(door)
    if version is None:
        status = await pipeline.status(door.database, door.account, door.settings)
        return rendering.page("profile/no_profile.html", NoProfile(status=status, engine=engine))
    portrait = await _portrait(door)
    async with door.database.session(door.account) as session:
        history = await pipeline.history(session)
    return rendering.page(
        "profile/profile.html",
        Profile(
            engine=engine,
            name=contexts.person(version),
            version=version,
            author=engines.engine(version.model, door.settings),
            history=history,
            sections=section_views(version),
            memory=[part for part in version.memory if part.lines],
            plots=plots.plots(portrait) if portrait else [],
        ),
    )


@router.get("/profile/measured")
async def measured(door: At) -> HTMLResponse:
    portrait = await _portrait(door)
    return rendering.page(
        "profile/measured.html",
        Measured(
            engine=engines.of(door, llm.Role.QUICK),
            messages=portrait.style.messages if portrait else 0,
            plots=plots.plots(portrait) if portrait else [],
        ),
    )


@router.get("/diff")
async def diff(
    door: At, older: parameters.Number | None = None, newer: parameters.Number | None = None
) -> HTMLResponse:
    async with door.database.session(door.account) as session:
        versions = await sections.versions(session)
        compared = await sections.compared(session, older, newer) if len(versions) > 1 else None
    changes = sections.diff(*compared) if compared else []
    return rendering.page(
        "profile/diff.html",
        Diff(
            engine=engines.of(door, llm.Role.SECTIONS),
            versions=versions,
            older=compared[0] if compared else None,
            newer=compared[1] if compared else None,
            changed=Changed.of(changes),
            groups=by_section(changes),
        ),
    )


@router.get("/claims")
async def claims(door: At) -> HTMLResponse:
    found = await reading.claims(door.database, door.account)
    return rendering.page(
        "profile/claims.html", Claims(engine=engines.of(door, llm.Role.QUICK), providers=imports.claims_by_kind(found))
    )


async def _portrait(door: Door) -> Portrait | None:
    # What measures takes a moment to load, and the first page needs none of it.
    store: Any = await asyncio.to_thread(importlib.import_module, "soulprint.measuring.store")
    async with door.database.session(door.account) as session:
        found: Portrait | None = await store.portrait(session)
    return found


def section_views(version: Version) -> list[SectionView]:
    return [_section_view(name, section) for name, section in version.sections.each()]


def _section_view(name: str, section: Section[Line]) -> SectionView:
    fields = list(section.fields())
    return SectionView(
        name=name,
        introduction=INTRODUCTIONS[name],
        known=[field for field in fields if field[2]],
        unknown=[field for field, _, lines in fields if not lines],
    )


def by_section(changes: Sequence[Change]) -> list[tuple[str, Changed, list[tuple[str, list[Change]]]]]:
    """`changes`, which come in the order they are read, by section and field."""
    grouped = [(section, list(found)) for section, found in groupby(changes, lambda change: change.section)]
    return [(section, Changed.of(found), _by_field(found)) for section, found in grouped]


def _by_field(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    return [(field, list(found)) for field, found in groupby(changes, lambda change: change.field)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions(Page):
    """Every version that was made, the newest first."""

    title: str = "Versions"
    here: str = "profile"
    style: str = "profile"
    versions: Sequence[tuple[Heading, Engine]]
    """Each with what wrote it."""
    current: int | None
    """The number of the one in use."""
    next: int | None
    """The version before which the next page begins."""
    before: int | None


@router.get("/versions")
async def versions(door: At, before: parameters.Number | None = None) -> HTMLResponse:
    async with door.database.session(door.account) as session:
        found = await sections.versions(session, before=before, limit=VERSIONS + 1)
        current = await sections.current_number(session)
    page = found[:VERSIONS]
    return rendering.page(
        "profile/versions.html",
        Versions(
            engine=engines.of(door, llm.Role.SECTIONS),
            versions=[(each, engines.engine(each.model, door.settings)) for each in page],
            current=current,
            next=page[-1].number if len(found) > VERSIONS else None,
            before=before,
        ),
    )

"""What is set, and what could be."""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from soulprint import choices, errors, llm, pipeline
from soulprint.llm import offers
from soulprint.llm.offers import Offer
from soulprint.records import Erasure
from soulprint.serving import engines
from soulprint.serving.door import At
from soulprint.serving.engines import Engine
from soulprint.serving.web import rendering
from soulprint.serving.web.contexts import Page
from soulprint.settings import Settings

router = APIRouter()


ROLES = {
    llm.Role.QUICK: "First profile",
    llm.Role.EXTRACT: "Facts",
    llm.Role.MERGE: "Contradictions",
    llm.Role.MEMORY: "MEMORY",
    llm.Role.SECTIONS: "Full profile",
    llm.Role.CHAT: "Chat",
}
"""Those that `model` stands for, and what they are called."""

LANGUAGES = (
    "Deutsch",
    "English",
    "Español",
    "Français",
    "Italiano",
    "Nederlands",
    "Polski",
    "Português",
    "日本語",
    "中文",
)
"""Suggested; any other can be named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage(Page):
    """What is set, and what could be."""

    title: str = "Settings"
    here: str = "settings"
    style: str = "settings"
    roles: dict[str, Engine]
    offers: list[Offer]
    settings: Settings
    fixed: frozenset[str]
    """What the environment sets, so that it can't be chosen."""
    keys: dict[str, choices.Where]
    """Name of a key -> where it is kept, for those that are set."""
    has_keyring: bool
    known: dict[str, choices.Key] = field(default_factory=lambda: choices.KEYS)
    """Every key that can be set."""
    titles: dict[str, str] = field(default_factory=lambda: {role.value: title for role, title in ROLES.items()})
    languages: tuple[str, ...] = LANGUAGES
    own: bool
    """Whether a step has a model of its own."""
    spent: Decimal
    """US dollars that passes and vectors cost in the last 30 days."""
    zones: list[str]
    local: bool
    """Whether only this machine can reach the page."""
    operated: bool
    """Whether the pages of operators open from here."""
    database: str
    """Where the data is kept."""
    erasures: Sequence[Erasure]
    """Receipts of what was erased, the newest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased(Page):
    title: str = "Erased"
    receipt: Erasure


@router.get("/settings")
async def settings(door: At) -> HTMLResponse:
    async with door.database.session(door.account) as session:
        erasures = await pipeline.erasures(session)
        _, spent = await llm.spent_lately(session)
    roles = engines.by_role(door.settings)
    return rendering.page(
        "settings/settings.html",
        SettingsPage(
            engine=roles[llm.Role.QUICK],
            roles={role.value: engine for role, engine in roles.items()},
            offers=await offers.found(door.settings),
            settings=door.settings,
            fixed=choices.fixed(door.started),
            keys=await choices.held(door.database, door.account, door.started),
            has_keyring=await choices.has_keyring(),
            own=any(getattr(door.settings, f"model_{role}") for role in ROLES),
            spent=spent,
            zones=sorted(zoneinfo.available_timezones()),
            local=door.local,
            operated=door.started.operator_token is None,
            database=door.database.url.render_as_string(hide_password=True) if door.settings.database_url else "",
            erasures=erasures,
        ),
    )


@router.get("/erased/{receipt_id}")
async def erased(door: At, receipt_id: uuid.UUID) -> HTMLResponse:
    """What is shown after everything was erased."""
    async with door.database.session(door.account) as session:
        receipts = [each for each in await pipeline.erasures(session) if each.id == receipt_id]
    if not receipts:
        raise errors.NotFound(what="receipt")
    return rendering.page("settings/erased.html", Erased(receipt=receipts[0]))

"""What is set, and what could be."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from soulprint import errors, llm, pipeline
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


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage(Page):
    """What is set, and what could be."""

    title: str = "Settings"
    here: str = "settings"
    style: str = "settings"
    roles: dict[str, Engine]
    offers: list[Offer]
    settings: Settings
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
    return rendering.page(
        "settings/settings.html",
        SettingsPage(
            engine=engines.of(door, llm.Role.QUICK),
            roles={role.value: engine for role, engine in engines.by_role(door.settings).items()},
            offers=await offers.found(door.settings),
            settings=door.settings,
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

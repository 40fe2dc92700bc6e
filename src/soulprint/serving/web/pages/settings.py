"""What is set, and what could be."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from soulprint import llm
from soulprint.llm import offers
from soulprint.llm.offers import Offer
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


@router.get("/settings")
async def settings(door: At) -> HTMLResponse:
    return rendering.page(
        "settings/settings.html",
        SettingsPage(
            engine=engines.of(door, llm.Role.QUICK),
            roles={role.value: engine for role, engine in engines.by_role(door.settings).items()},
            offers=await offers.found(door.settings),
            settings=door.settings,
            database=door.database.url.render_as_string(hide_password=True) if door.settings.database_url else "",
        ),
    )

"""The pages, one file each: what it shows, then how an address comes to it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from soulprint.serving.web.pages import (
    admin,
    chat,
    conversations,
    facts,
    home,
    memory,
    profile,
    review,
    settings,
    timeline,
)

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
for page in (home, profile, memory, timeline, facts, review, conversations, chat, settings, admin):
    router.include_router(page.router)

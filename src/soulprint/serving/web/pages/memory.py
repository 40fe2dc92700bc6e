"""MEMORY to read: what is worth keeping in mind between conversations, each line with the fact that it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from soulprint import facts, llm, sections
from soulprint.records.sections import MemoryPart
from soulprint.sections import Version
from soulprint.serving import engines
from soulprint.serving.door import At
from soulprint.serving.web import now, rendering
from soulprint.serving.web.contexts import Page
from soulprint.serving.web.now import Known

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory(Page):
    title: str = "Memory"
    here: str = "memory"
    style: str = "facts"
    waiting: int
    """How many facts wait for the person's word."""
    version: Version | None
    parts: Sequence[MemoryPart]
    known: Known
    """The facts that the lines rest on."""


@router.get("/memory")
async def memory(door: At) -> HTMLResponse:
    async with door.database.session(door.account) as session:
        version = await sections.current(session)
        parts = [part for part in version.memory if part.lines] if version else []
        resting = {fact for part in parts for line in part.lines for fact in line.facts()}
        context = Memory(
            engine=engines.of(door, llm.Role.MEMORY),
            waiting=await facts.waiting(session),
            version=version,
            parts=parts,
            known=await now.of(session, await facts.by_ids(session, resting)),
        )
    return rendering.page("facts/memory.html", context)

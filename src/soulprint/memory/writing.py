"""MEMORY of all that is known: facts are read, reduced to what fits, written up by a model or here."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from soulprint import facts, llm
from soulprint.database import Database
from soulprint.facts.shapes import FactView
from soulprint.memory import reduce, store
from soulprint.records.sections import MemoryPart
from soulprint.settings import Settings


@dataclass(frozen=True, slots=True)
class Written:
    """What was written, and from how much."""

    memory: list[MemoryPart]
    facts: int
    """Facts that it was written from."""
    reduced_from: int
    """Facts that there are, active or pinned."""


async def write(db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID) -> Written:
    """MEMORY of all active facts, by the model of the role `memory` or by the local engine; empty parts where there is
    no fact. What an earlier version says plays no part.

    Raises `errors.ModelAnswerUnusable` (prose, a refusal, no bullet that rests on a fact), `errors.ModelUnreachable`,
    `errors.ModelRefused`, `errors.PassStopped`, `errors.CeilingReached` or `errors.AnswerPending`.
    """
    async with db.session(account) as session:
        known = await facts.active(session)
    chosen = await asyncio.to_thread(reduce.reduce, known, settings.memory_tokens)
    if not chosen or llm.is_local(settings, llm.Role.MEMORY):
        local = await _room("local")
        parts = await asyncio.to_thread(local.write, chosen, settings)
    else:
        parts = await _by_model(db, account, settings, run, chosen)
    return Written(parts, len(chosen), len(known))


async def _by_model(
    db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID, chosen: Sequence[FactView]
) -> list[MemoryPart]:
    async with db.session(account) as session:
        histories = await store.histories(session, [fact.id for fact in chosen])
    agent = await _room("agent")
    parts: list[MemoryPart] = await agent.write(db, account, settings, run, chosen, histories)
    return parts


async def _room(name: str) -> Any:
    """A module of this room that takes long to load."""
    return await asyncio.to_thread(importlib.import_module, f"soulprint.memory.{name}")

"""What each stage of the full pass plans and does. The rooms do it; here stands which, in which order."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from soulprint import chunking, facts, indexing, llm, memory, sections
from soulprint.database import Database
from soulprint.pipeline import store
from soulprint.records.sections import MemoryPart
from soulprint.settings import Settings

CHUNK, EXTRACT, MERGE, MEMORY, SECTIONS = "chunk", "extract", "merge", "memory", "sections"

CHUNKED_AT_ONCE = 200
"""Conversations of one task of chunking."""


@dataclass(frozen=True, slots=True)
class Pass:
    """Which run works for whom, and with what."""

    database: Database
    account: uuid.UUID
    run: uuid.UUID
    settings: Settings


@dataclass(frozen=True, slots=True)
class Planned:
    """The tasks of a stage, each by the ids it works on, and what is to be told of the planning."""

    payloads: Sequence[dict[str, Any]]
    counts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    plan: Callable[[Pass], Awaitable[Planned]]
    work: Callable[[Pass, dict[str, Any]], Awaitable[dict[str, Any]]]
    """Does one task; gives what came of it."""
    role: llm.Role | None = None
    """The model's, where a task may ask one."""
    end: Callable[[Pass], Awaitable[dict[str, Any]]] | None = None
    """What is done when all tasks are; gives more counts."""


async def _plan_chunks(this: Pass) -> Planned:
    await indexing.index_all(this.database, this.account)
    stale = await chunking.stale(this.database, this.account, this.settings)
    ids = [str(conversation) for conversation in stale]
    cut = range(0, len(ids), CHUNKED_AT_ONCE)
    return Planned([{"conversations": ids[start : start + CHUNKED_AT_ONCE]} for start in cut])


async def _chunk(this: Pass, payload: dict[str, Any]) -> dict[str, Any]:
    conversations = [uuid.UUID(conversation) for conversation in payload["conversations"]]
    return asdict(await chunking.refresh(this.database, this.account, this.settings, conversations))


async def _plan_windows(this: Pass) -> Planned:
    async with this.database.session(this.account) as session:
        again = (await store.run(session, this.run)).plan.get("again", False)
    plan = await facts.plan(this.database, this.account, this.settings, again=again)
    await facts.pass_over(this.database, this.account, this.settings, this.run, plan.trivial)
    counts = {"trivial": len(plan.trivial), "conversations": plan.conversations, "up_to_date": plan.up_to_date}
    return Planned([window.payload() for window in plan.windows], counts)


async def _extract(this: Pass, payload: dict[str, Any]) -> dict[str, Any]:
    window = facts.Window.of(payload)
    return asdict(await facts.extract(this.database, this.account, this.settings, this.run, window))


async def _plan_merges(this: Pass) -> Planned:
    merged = await facts.consolidate(this.database, this.account)
    counts = {"facts": merged.facts, "merged": merged.merged}
    return Planned([{"groups": groups} for groups in merged.conflicts], counts)


async def _merge(this: Pass, payload: dict[str, Any]) -> dict[str, Any]:
    return asdict(await facts.decide(this.database, this.account, this.settings, this.run, payload["groups"]))


async def _settle(this: Pass) -> dict[str, Any]:
    await facts.settle(this.database, this.account)
    return {}


async def _plan_one(_: Pass) -> Planned:
    return Planned([{}])


async def _memory(this: Pass, _: dict[str, Any]) -> dict[str, Any]:
    written = await memory.write(this.database, this.account, this.settings, this.run)
    parts = [part.model_dump(mode="json") for part in written.memory]
    return {"memory": parts, "facts": written.facts, "reduced_from": written.reduced_from}


async def _sections(this: Pass, _: dict[str, Any]) -> dict[str, Any]:
    async with this.database.session(this.account) as session:
        (written,) = await store.results(session, this.run, MEMORY)
    parts = [MemoryPart.model_validate(part) for part in written["memory"]]
    draft = await sections.draft(this.database, this.account, this.settings, this.run, parts)
    return {"draft": draft.model_dump(mode="json")}


STAGES = {
    CHUNK: Stage(_plan_chunks, _chunk),
    EXTRACT: Stage(_plan_windows, _extract, llm.Role.EXTRACT),
    MERGE: Stage(_plan_merges, _merge, llm.Role.MERGE, _settle),
    MEMORY: Stage(_plan_one, _memory, llm.Role.MEMORY),
    SECTIONS: Stage(_plan_one, _sections, llm.Role.SECTIONS),
}
ORDER = tuple(STAGES)

"""Who writes the sections of the full pass: the model of the role `sections`, or the local engine if that is chosen."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from collections.abc import Sequence

from soulprint import facts, llm
from soulprint.database import Database
from soulprint.facts.shapes import FactView
from soulprint.llm import prompts, tokens
from soulprint.quick_pass import evidence
from soulprint.quick_pass.evidence import NO_SAMPLE, Evidence, Sampling
from soulprint.records import FactStatus
from soulprint.records.sections import Draft, Line, MemoryPart, Sections
from soulprint.sections import edits, local, store
from soulprint.sections.edits import Decided
from soulprint.settings import Settings

CONVERSATIONS = 200
"""The most that a sample is taken from."""

SAMPLE_SHARE = 0.7
"""Of what MEMORY leaves of the prompt's token budget; the rest is for instructions, figures and claims."""

LEAST_SHARE = 0.25
"""Of the whole budget, for the sample, however long MEMORY is."""

PROMPTS = {
    llm.Role.EXTRACT: ("soulprint.facts", "extract"),
    llm.Role.MERGE: ("soulprint.facts", "merge"),
    llm.Role.MEMORY: ("soulprint.memory", "memory"),
    llm.Role.SECTIONS: ("soulprint.sections", "sections"),
}
"""Role -> where its prompt is, for all roles of a pass."""


async def draft(
    db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID, memory: Sequence[MemoryPart]
) -> Draft:
    """The five sections, with MEMORY as it is given. Raises as `sections.draft` does."""
    is_local = llm.is_local(settings, llm.Role.SECTIONS)
    sampling = NO_SAMPLE if is_local else Sampling(_sample_tokens(settings, memory), CONVERSATIONS, is_typed=True)
    known = await evidence.gather(db, account, settings, sampling)
    async with db.session(account) as session:
        found = await facts.active(session)
        former = await facts.listed(session, facts.Wanted(statuses=(FactStatus.SUPERSEDED,))) if is_local else []
        read = await store.conversations_read(session)
        current = await store.current(session)
        decided = edits.decided(await store.edits(session))
    name = current.sections.identity.ai_name[0] if current and current.sections.identity.ai_name else None
    if is_local or (known.is_empty and not found):  # of nothing, a model would only invent
        written = await asyncio.to_thread(local.draft, known, [*found, *former], [*memory])
    else:
        written = await _by_model(db, account, settings, run, known, found, memory, name, decided)
    changed = {"prompts": _prompts(settings), "conversations_read": read}
    return written.model_copy(update={**changed, "sections": _named(written.sections, name)})


async def _by_model(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    run: uuid.UUID,
    known: Evidence,
    found: Sequence[FactView],
    memory: Sequence[MemoryPart],
    name: Line | None,
    decided: Decided,
) -> Draft:
    # What talks to models takes seconds to load, and nobody else should wait for it.
    agent = await asyncio.to_thread(importlib.import_module, "soulprint.sections.agent")
    ai_name = name.text if name else None
    written: Draft = await agent.draft(db, account, settings, run, known, found, memory, ai_name, decided)
    return written


def _sample_tokens(settings: Settings, memory: Sequence[MemoryPart]) -> int:
    held = sum(tokens.count(line.text) for part in memory for line in part.lines)
    budget = settings.sections_tokens
    return round(max((budget - held) * SAMPLE_SHARE, budget * LEAST_SHARE))


def _prompts(settings: Settings) -> dict[str, str]:
    """Name -> hash of every prompt of the pass; the local engine has none."""
    asked = {role: where for role, where in PROMPTS.items() if not llm.is_local(settings, role)}
    return {name: prompts.digest(package, name) for package, name in asked.values()}


def _named(sections: Sections[Line], name: Line | None) -> Sections[Line]:
    """The sections with the name that the person knows their assistant by already."""
    if name is None:
        return sections
    identity = sections.identity.model_copy(update={"ai_name": [name]})
    return sections.model_copy(update={"identity": identity})

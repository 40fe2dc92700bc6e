"""Who writes the first profile: the model of the role `quick`, or the local engine, chosen or standing in."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import uuid

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.quick_pass import local
from soulprint.quick_pass.evidence import Evidence, gather, load
from soulprint.records.sections import Draft
from soulprint.settings import Settings

FAILURES = (errors.ModelUnreachable, errors.ModelRefused, errors.ModelAnswerUnusable)


async def warm() -> None:
    """Load the small models of this process, so that the first profile needn't wait for them. Fails silently: `draft`
    says what is wrong."""
    with contextlib.suppress(errors.SoulprintError):
        await asyncio.to_thread(load)


async def draft(db: Database, account: uuid.UUID, settings: Settings) -> Draft:
    """The first profile by the model of the role `quick`, or by the local engine where that is chosen or where there is
    nothing to read. When the model fails, the local engine stands in and the draft's note says so."""
    evidence = await gather(db, account, settings)
    if evidence.is_empty or llm.is_local(settings, llm.Role.QUICK):
        return await asyncio.to_thread(local.draft, evidence)
    # What talks to models takes seconds to load, and nobody else should wait for it.
    agent = await asyncio.to_thread(importlib.import_module, "soulprint.quick_pass.agent")
    try:
        written: Draft = await agent.draft(db, account, settings, evidence)
    except FAILURES as error:
        return await asyncio.to_thread(_stand_in, evidence, error)
    return written if written.memory else await asyncio.to_thread(_with_memory, written, evidence)


def _with_memory(written: Draft, evidence: Evidence) -> Draft:
    """The model writes the sections; MEMORY stays the person's own words until every conversation is read."""
    return written.model_copy(update={"memory": local.draft(evidence).memory})


def _stand_in(evidence: Evidence, error: errors.SoulprintError) -> Draft:
    standing = local.draft(evidence)
    notes = (str(error), "The local engine wrote this profile instead.", standing.note)
    return standing.model_copy(update={"note": " ".join(note for note in notes if note)})

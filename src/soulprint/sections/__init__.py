"""The versions of a profile. In: a draft from a pass, or MEMORY and facts to draft from. Out: a new version, swapped in
whole, its markdown, and what changed from one version to another."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from collections.abc import Sequence
from typing import Any

from soulprint.database import Database
from soulprint.records.sections import Draft, MemoryPart
from soulprint.sections.diff import Change, Kind, diff, words
from soulprint.sections.editing import after, after_undoing
from soulprint.sections.edits import Place
from soulprint.sections.markdown import counted, flat, markdown, memory_markdown, sections_markdown, shown, title
from soulprint.sections.rewriting import Rewritten, rewrite, undo
from soulprint.sections.store import (
    Heading,
    Version,
    compared,
    current,
    current_number,
    forget_conversations,
    publish,
    unfounded,
    use,
    version,
    versions,
)
from soulprint.settings import Settings

__all__ = [
    "Change",
    "Heading",
    "Kind",
    "Place",
    "Rewritten",
    "Version",
    "after",
    "after_undoing",
    "compared",
    "counted",
    "current",
    "current_number",
    "diff",
    "draft",
    "flat",
    "forget_conversations",
    "markdown",
    "memory_markdown",
    "publish",
    "rewrite",
    "sections_markdown",
    "shown",
    "title",
    "undo",
    "unfounded",
    "use",
    "version",
    "versions",
    "words",
]


async def draft(
    db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID, memory: Sequence[MemoryPart]
) -> Draft:
    """The five sections from MEMORY, the facts behind it and a sample, by the model of the role `sections` or by the
    local engine. The assistant keeps the name it has.

    Raises `errors.ModelAnswerUnusable` (prose, a refusal, nothing that rests on anything), `errors.ModelUnreachable`,
    `errors.ModelRefused`, `errors.PassStopped`, `errors.CeilingReached` or `errors.AnswerPending`.
    """
    # What measures a history takes a third of a second to load, and most commands need none of it.
    drafting: Any = await asyncio.to_thread(importlib.import_module, f"{__name__}.drafting")
    written: Draft = await drafting.draft(db, account, settings, run, memory)
    return written

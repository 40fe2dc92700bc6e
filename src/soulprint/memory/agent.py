"""MEMORY by a language model: one call over the facts, every bullet checked against those it cites."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from pydantic import BaseModel, Field
from pydantic_ai import Agent

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.facts.shapes import FactView
from soulprint.llm import prompts, tokens
from soulprint.llm.prompts import Prompt
from soulprint.measuring import languages
from soulprint.memory import showing
from soulprint.memory.store import History
from soulprint.quick_pass.checking import Checker, DraftLine
from soulprint.records.facts import CATEGORIES
from soulprint.records.sections import Line, MemoryPart, Quote
from soulprint.settings import Settings

MOST_LINES = 80
"""Bullets kept of one group that a model wrote."""

MOST_TOKENS = 5_000
"""Of MEMORY in all."""


class Memory(BaseModel):
    """What an assistant keeps in mind of a person, as bullets."""

    preferences: list[DraftLine] = Field(default=[], description=f"Bullets on {CATEGORIES['preferences']}.")
    projects: list[DraftLine] = Field(default=[], description=f"Bullets on {CATEGORIES['projects']}.")
    dates: list[DraftLine] = Field(default=[], description=f"Bullets on {CATEGORIES['dates']}.")
    beliefs: list[DraftLine] = Field(default=[], description=f"Bullets on {CATEGORIES['beliefs']}.")
    decisions: list[DraftLine] = Field(default=[], description=f"Bullets on {CATEGORIES['decisions']}.")
    others: list[DraftLine] = Field(default=[], description="Bullets on the facts of any other group in the data.")


AGENT = Agent(output_type=Memory, retries=1)


async def write(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    run: uuid.UUID,
    facts: Sequence[FactView],
    histories: Mapping[int, History],
) -> list[MemoryPart]:
    """The parts of MEMORY as the role `memory` writes them from these facts. Raises as `memory.write` does."""
    prompt = await asyncio.to_thread(render, facts, histories, settings)
    model = llm.model(settings, llm.Role.MEMORY, db, account, prompt, run)
    async with llm.answering(model):
        result = await AGENT.run(prompt.text, model=model)
        parts = await asyncio.to_thread(checked, result.output, facts, histories, settings)
        if not any(part.lines for part in parts):
            name = llm.model_name(settings, llm.Role.MEMORY)
            raise errors.ModelAnswerUnusable(model=name, reason="no bullet of it rests on a fact")
    return parts


def render(facts: Sequence[FactView], histories: Mapping[int, History], settings: Settings) -> Prompt:
    """The one prompt: the same for the same facts, whatever their order. All that anybody wrote stands within its
    fence."""
    grouped: defaultdict[str, list[str]] = defaultdict(list)
    for fact in sorted(facts, key=lambda fact: (-fact.confidence, fact.id)):
        grouped[fact.category].append(showing.shown(fact, histories[fact.id]))
    groups = [(name, what, grouped[name]) for name, what in (CATEGORIES | settings.categories).items()]
    return prompts.render(
        "soulprint.memory",
        "memory",
        groups=[group for group in groups if group[2]],
        language=settings.language or _language(facts),
    )


def _language(facts: Sequence[FactView]) -> str | None:
    """The language of most of the facts, by its English name."""
    told = Counter(fact.language for fact in facts if fact.language in languages.NAMES)
    most = min(told, key=lambda code: (-told[code], code or ""), default=None)
    return languages.NAMES[most] if most else None


def checked(
    written: Memory, facts: Sequence[FactView], histories: Mapping[int, History], settings: Settings
) -> list[MemoryPart]:
    """The parts with the bullets that rest on facts and say no more than these, within the size MEMORY may have."""
    checker = Checker(showing.citable(facts, histories), showing.refuses, plain=True)
    category = {fact.id: fact.category for fact in facts}
    found: dict[str, list[Line]] = {name: [] for name in showing.titles(settings)}
    for name, lines in written:
        for line in checker.lines(lines[:MOST_LINES]):
            found[name if name in found else _category(line, category)].append(line)
    _shorten(found)
    return [MemoryPart(title=title, lines=found[name]) for name, title in showing.titles(settings).items()]


def _category(line: Line, category: Mapping[int, str]) -> str:
    """The group that most of the line's facts are of; of two, a custom one."""
    ids = {source.fact_id for source in line.sources if isinstance(source, Quote) and source.fact_id is not None}
    counted = Counter(category[one] for one in ids)
    return min(counted, key=lambda name: (-counted[name], name in CATEGORIES, name))


def _shorten(found: Mapping[str, list[Line]]) -> None:
    """Leave out the last bullets of the longest parts for as long as all together are too long."""
    sizes = {name: [tokens.count(line.text) for line in lines] for name, lines in found.items()}
    total = sum(map(sum, sizes.values()))
    while total > MOST_TOKENS:
        longest = max(sizes, key=lambda name: sum(sizes[name]))
        total -= sizes[longest].pop()
        found[longest].pop()

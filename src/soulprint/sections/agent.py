"""The five sections by a language model: one call over MEMORY and a sample, each line checked against what it cites."""

from __future__ import annotations

import asyncio
import functools
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pydantic_ai import Agent

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.facts.proving import orders, voice
from soulprint.facts.shapes import FactView
from soulprint.llm import prompts
from soulprint.llm.prompts import Prompt
from soulprint.memory import showing
from soulprint.quick_pass import offering
from soulprint.quick_pass.checking import Checker, DraftLine, Ground
from soulprint.quick_pass.evidence import Evidence
from soulprint.quick_pass.offering import Offer
from soulprint.reading.sample import Transcript, one_line
from soulprint.records.sections import Draft, Line, MemoryPart, Quote, Sections
from soulprint.sections.edits import Decided
from soulprint.settings import Settings

AGENT = Agent(output_type=Sections[DraftLine], retries=1)

SPOKEN = frozenset({"agents", "tools"})
"""What tells an assistant how to act rests on what the person said, never on a provider's or project's words alone."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """MEMORY as the prompt shows it: headings, and under each the lines with the ids of their facts."""

    parts: list[tuple[str, list[tuple[str, str]]]]
    citable: dict[str, Ground]


async def draft(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    run: uuid.UUID,
    evidence: Evidence,
    facts: Sequence[FactView],
    memory: Sequence[MemoryPart],
    ai_name: str | None,
    decided: Decided,
) -> Draft:
    """The five sections as the role `sections` writes them. `ai_name` is what the assistant is called already. Raises
    as `sections.draft` does."""
    remembered = remember(memory, facts)
    sample = await asyncio.to_thread(own, evidence.sample or Transcript([], 0, evidence.conversations_total, 0))
    offer = await asyncio.to_thread(offering.offered, evidence, sample)
    prompt = await asyncio.to_thread(render, evidence, sample, offer, remembered, ai_name, decided, settings.language)
    model = llm.model(settings, llm.Role.SECTIONS, db, account, prompt, run)
    name = llm.model_name(settings, llm.Role.SECTIONS)
    async with llm.answering(model) as answers:
        result = await AGENT.run(prompt.text, model=model)
        checker = Checker(offer.citable | remembered.citable, showing.refuses, plain=True, spoken=SPOKEN)
        sections = checker.sections(result.output, functools.partial(offering.named, evidence))
        if not checker.kept:
            raise errors.ModelAnswerUnusable(model=name, reason="no line of it rests on anything that was said")
    return Draft(
        sections=sections,
        memory=[*memory],
        model=name,
        note=checker.note(),
        conversations_read=sample.conversations_read,
        conversations_total=evidence.conversations_total,
        cost_usd=float(answers.paid),
    )


# The prompt


def own(sample: Transcript) -> Transcript:
    """The sample without messages that give a model orders, or in which the person doesn't speak for themself. Linear
    in its size."""
    turns = [turn for turn in sample.turns if _is_own(turn.said.text)]
    return replace(sample, turns=turns, conversations_read=len({turn.said.conversation_id for turn in turns}))


def _is_own(text: str) -> bool:
    whole = (0, len(text))
    return voice.is_own(whole, text) and not orders.is_order(whole, text)


def remember(memory: Sequence[MemoryPart], facts: Sequence[FactView]) -> Remembered:
    """MEMORY's lines as far as they rest on facts that still hold, and these facts."""
    holding = showing.citable(facts, {})
    parts: list[tuple[str, list[tuple[str, str]]]] = []
    citable: dict[str, Ground] = {}
    for part in memory:
        lines = [(keys, one_line(line.text)) for line in part.lines if (keys := [*_keys(line, holding)])]
        parts.append((part.title, [(" ".join(keys), text) for keys, text in lines]))
        for keys, text in lines:
            for key in keys:
                ground = citable.get(key, holding[key])
                citable[key] = replace(ground, text=f"{ground.text}\n{text}")
    return Remembered([part for part in parts if part[1]], citable)


def _keys(line: Line, holding: dict[str, Ground]) -> Iterator[str]:
    ids = dict.fromkeys(source.fact_id for source in line.sources if isinstance(source, Quote))
    return (key for key in (f"f{one}" for one in ids) if key in holding)


def render(
    evidence: Evidence,
    sample: Transcript,
    offer: Offer,
    remembered: Remembered,
    ai_name: str | None,
    decided: Decided,
    language: str | None = None,
) -> Prompt:
    """The one prompt. All that anybody wrote stands within its fences."""
    return prompts.render(
        "soulprint.sections",
        "sections",
        **offering.values(evidence, sample, offer, language),
        memory=remembered.parts,
        ai_name=one_line(ai_name) if ai_name else None,
        written=[one_line(line) for line in decided.written],
        taken_out=[one_line(line) for line in decided.taken_out],
    )

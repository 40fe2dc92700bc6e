"""The first profile by a language model: one call over a sample, every line checked against what it cites."""

from __future__ import annotations

import asyncio
import functools
import uuid

from pydantic_ai import Agent

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.llm import prompts
from soulprint.llm.prompts import Prompt
from soulprint.quick_pass import offering
from soulprint.quick_pass.checking import Checker, DraftLine
from soulprint.quick_pass.evidence import Evidence
from soulprint.quick_pass.offering import Offer
from soulprint.reading.sample import Transcript
from soulprint.records.sections import Draft, Sections
from soulprint.settings import Settings

AGENT = Agent(output_type=Sections[DraftLine], retries=1)


async def draft(db: Database, account: uuid.UUID, settings: Settings, evidence: Evidence) -> Draft:
    """The five sections as the role `quick` writes them, each line with checked sources.

    Raises `errors.ModelAnswerUnusable` (prose, a refusal, nothing in it), `errors.ModelUnreachable`,
    `errors.ModelRefused` or `errors.ModelUnknown`.
    """
    sample = evidence.sample or Transcript([], 0, evidence.conversations_total, 0)
    offer = await asyncio.to_thread(offering.offered, evidence, sample)
    prompt = await asyncio.to_thread(render, evidence, sample, offer, settings.language)
    model = llm.model(settings, llm.Role.QUICK, db, account, prompt)
    name = llm.model_name(settings, llm.Role.QUICK)
    async with llm.answering(model) as answers:
        result = await AGENT.run(prompt.text, model=model)
        checker = Checker(offer.citable)
        sections = checker.sections(result.output, functools.partial(offering.named, evidence))
        if not checker.kept:
            raise errors.ModelAnswerUnusable(model=name, reason="no line of it rests on anything that was said")
    return Draft(
        sections=sections,
        memory=[],
        model=name,
        note=" ".join(filter(None, (evidence.note, checker.note()))) or None,
        prompts={prompt.name: prompt.hash},
        conversations_read=sample.conversations_read,
        conversations_total=evidence.conversations_total,
        cost_usd=float(answers.paid),
    )


def render(evidence: Evidence, sample: Transcript, offer: Offer, language: str | None = None) -> Prompt:
    """The one prompt. All that anybody wrote stands within its fences."""
    return prompts.render("soulprint.quick_pass", "quick", **offering.values(evidence, sample, offer, language))

"""Decides between facts by a language model: one request a batch."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, Field
from pydantic_ai import Agent

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.facts.merging.store import Standing
from soulprint.facts.merging.verdicts import Relation, Verdict
from soulprint.llm import prompts
from soulprint.llm.prompts import Prompt
from soulprint.reading.sample import one_line
from soulprint.settings import Settings

LONGEST = 400
"""Code points of a statement that are shown."""

ATTEMPTS = 2


class Ruling(BaseModel):
    """How two facts of one group stand to each other."""

    relation: Literal["same", "replaces", "both", "contradicts"]
    newer: int = Field(description="The number of one fact: of the one that holds now, where it replaces the other.")
    older: int = Field(description="The number of the other fact of the same group.")


class Rulings(BaseModel):
    rulings: list[Ruling] = Field(description="At least one for each group.")


AGENT = Agent(output_type=Rulings, retries=0)


async def decide(
    db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID | None, groups: Sequence[Sequence[Standing]]
) -> list[Verdict] | None:
    """What the model of the role `merge` says of the groups, unchecked; None where it gave no answer that can be used,
    asked twice.

    Raises `errors.ModelUnreachable`, `errors.ModelRefused`, `errors.PassStopped`, `errors.CeilingReached` or
    `errors.AnswerPending`.
    """
    prompt = render(groups)
    model = llm.model(settings, llm.Role.MERGE, db, account, prompt, run)
    for _ in range(ATTEMPTS):
        try:
            async with llm.answering(model):
                answer = await AGENT.run(prompt.text, model=model)
        except errors.ModelAnswerUnusable:
            continue
        return [Verdict(Relation(each.relation), each.newer, each.older) for each in answer.output.rulings]
    return None


def render(groups: Sequence[Sequence[Standing]]) -> Prompt:
    """The prompt, the same for the same facts."""
    numbered = [(number, [_line(fact) for fact in group]) for number, group in enumerate(groups, start=1)]
    return prompts.render("soulprint.facts", "merge", groups=numbered)


def _line(fact: Standing) -> str:
    known = [
        f"f{fact.id}",
        f"said {fact.said:%Y-%m-%d}" if fact.said else "",
        f"since {fact.true_from}" if fact.true_from else "",
        f"until {fact.true_to}" if fact.true_to else "",
        f"of {one_line(fact.about)}",
    ]
    return f"[{', '.join(part for part in known if part)}] {one_line(fact.statement)[:LONGEST]}"

"""Decides between facts without a model, by their dates and the words they are made of. What it can't tell apart stays
as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from soulprint.facts.meaning import likeness, slots
from soulprint.facts.merging import conflicts
from soulprint.facts.merging.store import Standing
from soulprint.facts.merging.verdicts import Relation, Verdict, is_later


def decide(groups: Sequence[Sequence[Standing]]) -> list[Verdict]:
    """The verdicts on the pairs of which the rules can tell something."""
    return [verdict for group in groups for verdict in _of_group(group)]


def _of_group(group: Sequence[Standing]) -> Iterator[Verdict]:
    for place, one in enumerate(group):
        for other in group[place + 1 :]:
            verdict = _of_pair(one, other) if is_later(one, other) else _of_pair(other, one)
            if verdict is not None:
                yield verdict


def _of_pair(newer: Standing, older: Standing) -> Verdict | None:
    after, before = likeness.read(newer.statement, newer.about), likeness.read(older.statement, older.about)
    if after.subject != before.subject:
        return None
    denies = after.words == before.words and after.figures == before.figures
    if denies and bool(after.negations) != bool(before.negations) and not _is_doubtful(newer.statement):
        relation = Relation.REPLACES if is_later(newer, older) else Relation.CONTRADICTS
        return Verdict(relation, newer.id, older.id)
    subject = conflicts.subject(older.about)
    if subject != conflicts.subject(newer.about) or not is_later(newer, older):
        return None
    if slots.newer_wins(subject, first_person(older.statement), first_person(newer.statement)):
        return Verdict(Relation.REPLACES, newer.id, older.id)
    return None


def _is_doubtful(statement: str) -> bool:
    return slots.is_supposed(statement) or slots.is_past(first_person(statement))


def first_person(statement: str) -> str:
    """A statement without a subject as the person would say it, which is how the rules know it: `Lives in Leeds` as
    `I live in Leeds`. One that has its subject stays as it is."""
    first, _, rest = statement.partition(" ")
    lower = first.lower()
    if lower in _AS_SAID:
        return f"I {_AS_SAID[lower]} {rest}"
    if lower in _PAST or _MOVING.fullmatch(lower):
        return f"I {'am ' if lower.endswith('ing') else ''}{lower} {rest}"
    return statement


_AS_SAID = {
    "is": "am",
    "has": "have",
    "does": "do",
    "goes": "go",
    "doesn't": "don't",
    "lives": "live",
    "works": "work",
    "studies": "study",
    "speaks": "speak",
    "runs": "run",
    "drives": "drive",
    "eats": "eat",
    "drinks": "drink",
    "smokes": "smoke",
    "owns": "own",
    "uses": "use",
    "needs": "need",
    "likes": "like",
    "loves": "love",
    "prefers": "prefer",
    "hates": "hate",
    "dislikes": "dislike",
    "wants": "want",
}
_PAST = frozenset("moved relocated lived worked was had started stopped quit joined left".split())  # noqa: SIM905
_MOVING = re.compile(r"(?:moving|living|working|starting|relocating|studying)")

"""Hits of words and of meaning as one ranking."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from soulprint.kinds import Role
from soulprint.recall.questions import Question
from soulprint.recall.store import Hit, Lexical

MEANING = 1.0
"""What nearness in meaning weighs against words, both in standard deviations. This and what follows is measured, see
evals/recall."""

ASKED_SIDE = 3.5
"""For turns of the side that the question is about."""
OWN_SIDE = 0.5
"""For the person's turns where it isn't said: what they say of themselves is surer than what they were told."""

IN_TIME = 1.5
"""For what was said in the time that the question names."""
ON_THE_DAY = 3.0
BESIDE = 1.0
"""For what was said in the weeks around a day that it names."""

SELDOM = 1e-9

CLEARLY = 3.0
"""Standard deviations, by which something is nearer than most."""


@dataclass(frozen=True, slots=True)
class Near:
    """What is near in meaning, as cosines."""

    cosines: Mapping[int, float] = dataclasses.field(default_factory=dict)
    """Passage -> cosine: the nearest, and all that words found."""
    mean: float = 0.0
    """Of all passages."""
    deviation: float = 1.0


@dataclass(frozen=True, slots=True)
class Ranked:
    """A passage with what speaks for it."""

    hit: Hit
    score: float
    words: tuple[str, ...]
    """Of the question, that stand in it or beside it."""
    is_near: bool
    """Whether its meaning is clearly nearer than most."""
    in_time: bool


def ranked(question: Question, lexical: Lexical, near: Near, others: Sequence[Hit] = ()) -> list[Ranked]:
    """The hits of the words, and `others` that are near in meaning or in time alone, best first: the sum of z-scores,
    which is better here than reciprocal ranks."""
    hits = {hit.id: hit for hit in (*others, *lexical.hits)}
    found = [_ranked(hit, question, lexical, near) for hit in hits.values()]
    found.sort(key=lambda each: (-each.score, each.hit.id))
    return found


def _ranked(hit: Hit, question: Question, lexical: Lexical, near: Near) -> Ranked:
    score = (hit.score - lexical.mean) / max(lexical.deviation, SELDOM) if lexical.deviation else 0.0
    apart = 0.0
    if near.cosines:
        apart = (near.cosines.get(hit.id, near.mean) - near.mean) / max(near.deviation, SELDOM)
        score += MEANING * apart
    in_time = bool(question.time and hit.said_at and question.time.covers(hit.said_at.date()))
    score += _time(hit, question)
    words = tuple(question.terms[place].word for place in sorted(hit.terms))
    return Ranked(hit, score + _side(hit, question), words, apart >= CLEARLY, in_time)


def _time(hit: Hit, question: Question) -> float:
    time = question.time
    if time is None or hit.said_at is None:
        return 0.0
    day = hit.said_at.date()
    if time.covers(day):
        return ON_THE_DAY if time.is_exact else IN_TIME
    return BESIDE if time.is_near(day) else 0.0


def _side(hit: Hit, question: Question) -> float:
    role = Role.USER if hit.by_person else Role.ASSISTANT
    if question.side is None:
        return OWN_SIDE if hit.by_person else 0.0
    return ASKED_SIDE if role == question.side else 0.0

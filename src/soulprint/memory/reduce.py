"""Brings facts down to what a prompt can hold: the best of each subject, level by level."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime

from soulprint.facts.shapes import FactView
from soulprint.llm import tokens

LABEL_TOKENS = 22
"""What stands before a statement in the prompt: its id, when it was said, in how many conversations."""

DATE_TOKENS = 10
"""Since when, or until when, it holds."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)

Rank = tuple[float, int, datetime, int]
"""Confidence, conversations, when it was said last, and the id: more is better."""


def reduce(facts: Sequence[FactView], budget: int) -> list[FactView]:
    """The facts whose lines take at most `budget` tokens, in the order given; all of them where they fit, and at least
    one of any.

    Level by level each topic (a category and what a fact is of) keeps its better half, at least one. When every topic
    is down to one fact, the weaker half of the topics goes. Each level is smaller than the one before, so there are no
    more levels than the number of facts has binary digits, twice; what is kept doesn't depend on the order given.
    Where a level would take away more than it must, the best of what it takes away is put back. The work
    grows with the number of facts (and its logarithm, for sorting).
    """
    sizes = [_size(fact) for fact in facts]
    taken = sum(sizes)
    if taken <= budget or len(facts) <= 1:
        return list(facts)
    ranks = [_rank(fact) for fact in facts]
    level = _topics(facts, ranks)
    while True:
        smaller = _next_level(level)
        dropped = _without(level, smaller)
        taken -= sum(sizes[place] for place in dropped)
        level = smaller
        if taken <= budget or sum(map(len, level)) == 1:
            break
    kept = {place for topic in level for place in topic}
    for place in sorted(dropped, key=lambda place: ranks[place], reverse=True):
        if taken + sizes[place] <= budget:
            taken += sizes[place]
            kept.add(place)
    return [facts[place] for place in sorted(kept)]


def _topics(facts: Sequence[FactView], ranks: Sequence[Rank]) -> list[list[int]]:
    """The places of the facts of each topic, the best first; the topics with the best fact first."""
    topics: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for place in sorted(range(len(facts)), key=lambda place: ranks[place], reverse=True):
        topics[facts[place].category, facts[place].about].append(place)
    return list(topics.values())


def _next_level(level: list[list[int]]) -> list[list[int]]:
    """The better half of each topic; of topics of one fact each, the better half of the topics."""
    if any(len(topic) > 1 for topic in level):
        return [topic[: (len(topic) + 1) // 2] for topic in level]
    return level[: (len(level) + 1) // 2]


def _without(level: list[list[int]], smaller: list[list[int]]) -> list[int]:
    kept = {place for topic in smaller for place in topic}
    return [place for topic in level for place in topic if place not in kept]


def _rank(fact: FactView) -> Rank:
    conversations: set[uuid.UUID] = {quote.conversation_id for quote in fact.sources}
    return fact.confidence, len(conversations), fact.said_last or _LONG_AGO, fact.id


def _size(fact: FactView) -> int:
    """Tokens of the fact's line, as `showing.shown` writes it; making the line itself takes several times as long."""
    dates = (fact.true_from is not None) + (fact.true_to is not None)
    return tokens.count(fact.statement) + LABEL_TOKENS + DATE_TOKENS * dates

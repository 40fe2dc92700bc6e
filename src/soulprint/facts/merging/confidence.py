"""How sure a fact is, computed from its evidence alone: never what a model says of itself."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from soulprint.facts.meaning import slots

PLAIN, BARE, HEDGED = 1.0, 0.75, 0.4
"""How explicit a quote is: the person speaks of themself; they don't use the word; they may be only wishing."""

WEIGHT = 0.9
"""One explicit conversation makes 0.59, two make 0.83, three 0.93."""

OLD = 0.8
"""The share of it that is left however long ago it was said, or when nobody knows."""

HALVING = 730.0
"""Days in which half of what age can take away is gone."""

DISPUTED = 0.5


class Evidence(NamedTuple):
    """One source of a fact."""

    conversation: uuid.UUID
    said_at: datetime | None
    explicit: float


def confidence(sources: Iterable[Evidence], newest: datetime | None, *, disputed: bool = False) -> float:
    """How sure a fact with these sources is, above 0 and at most 1; `newest` is when the newest message of the history
    was sent.

    (1 − e^(−0.9 · s)) · (0.8 + 0.2 · 0.5^(days / 730)), halved where another fact says otherwise. s is the sum, over
    the conversations, of the most explicit quote in each (1 in the first person, 0.75 without it, 0.4 where it is a
    wish or a guess); days lie between the last time it was said and the newest message. Another source never lowers it.
    """
    strongest: dict[uuid.UUID, float] = {}
    said_last: datetime | None = None
    for source in sources:
        strongest[source.conversation] = max(source.explicit, strongest.get(source.conversation, 0.0))
        if source.said_at and (said_last is None or source.said_at > said_last):
            said_last = source.said_at
    # Summed exactly, so that the order of the sources makes no difference in the last digit.
    evidence = 1 - math.exp(-WEIGHT * math.fsum(strongest.values()))
    return evidence * _recency(said_last, newest) * (DISPUTED if disputed else 1.0)


def explicitness(quote: str) -> float:
    """How plainly a quote speaks of the person: `PLAIN`, `BARE` or `HEDGED`."""
    if slots.is_supposed(quote):
        return HEDGED
    return PLAIN if _FIRST_PERSON.search(quote) else BARE


def _recency(said_last: datetime | None, newest: datetime | None) -> float:
    if said_last is None:
        return OLD
    days = max(0.0, (newest - said_last).total_seconds() / 86_400) if newest else 0.0
    return OLD + (1 - OLD) * math.exp2(-days / HALVING)


_FIRST_PERSON = re.compile(
    r"\b(?:i|im|ive|my|me|mine|myself|we|our|us|ich|mein\w{0,2}|mich|mir|wir|uns\w{0,4}|je|j|mon|ma|mes|moi|nous|notre|"
    r"nos|yo|mi|mis|soy|estoy|tengo|vivo|eu|meu|minha|sou|moro|tenho|io|mio|mia|sono|abito|ik|mijn|mij|jag|min|jeg|ja|"
    r"mój|moja|я|мой|моя|мне|меня|мы|мене)\b|[我私僕俺나저]|내 |제 ",
    re.IGNORECASE,
)

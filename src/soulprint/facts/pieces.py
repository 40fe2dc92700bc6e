"""Facts as the pieces that a profile is made of where no language model writes it."""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from soulprint.facts.shapes import FactView
from soulprint.quick_pass import material, patterns
from soulprint.quick_pass.material import Material, Piece
from soulprint.records import Claim, FactStatus
from soulprint.records.sections import Line

MOST = 2_000
"""Facts that are looked at, the surest: a profile has room for some dozens."""

CONFIRMED = 2.0
"""What a fact is worth that the person said is right: more than any other."""

AGAIN = 0.05
"""What each further conversation adds in which it was said."""

_HELD_UNTIL = "(until {:%B %Y})"
_SAID_IN = "(said in {:%B %Y})"
_BEFORE = "(before)"


def of_facts(facts: Sequence[FactView], claims: Sequence[Claim]) -> Material:
    """What a profile can quote: the facts that hold, the surest first, and those that held before, the newest first. Of
    what stood in custom instructions the newest holds."""
    held = [fact for fact in facts if fact.status in (FactStatus.ACTIVE, FactStatus.PINNED)]
    former = [fact for fact in facts if fact.status == FactStatus.SUPERSEDED]
    latest = heapq.nlargest(MOST, map(_former, former), key=lambda piece: (piece.said_at, piece.text))
    source = Material(pieces(held), claims, latest)
    source.former += [_dated(piece) for claim in source.about[1:] for piece in claim]
    source.former.sort(key=lambda piece: piece.said_at, reverse=True)
    del source.about[1:]
    return source


def pieces(facts: Iterable[FactView]) -> list[Piece]:
    """Facts as pieces with all their sources, the best first."""
    surest = heapq.nlargest(MOST, facts, key=lambda fact: (_is_pinned(fact), fact.confidence, -fact.id))
    return sorted(map(_weighed, surest), key=lambda piece: (-piece.worth, piece.text))


def reads_alone(piece: Piece) -> bool:
    """Whether a sentence says something to one who doesn't know what was said before it."""
    count = len(piece.text.split())
    if _POINTING.match(piece.text) or (material.HANGING.match(piece.text) and not material.NAMED.search(piece.text)):
        return False
    return count >= 4 or (count >= 2 and _OF_SELF.match(piece.text) is not None)


def _weighed(fact: FactView) -> Piece:
    piece = _piece(fact, fact.statement)
    again = AGAIN * (len({source.conversation_id for source in fact.sources}) - 1)
    sure = CONFIRMED if _is_pinned(fact) else fact.confidence
    return replace(piece, worth=sure + again + material.telling(piece))


def _former(fact: FactView) -> Piece:
    """What held once, with the time until when, or when it was said."""
    said = fact.said_last
    when = _HELD_UNTIL.format(fact.true_to) if fact.true_to else _SAID_IN.format(said) if said else _BEFORE
    return _piece(fact, f"{_unclosed(fact.statement)} {when}")


def _dated(piece: Piece) -> Piece:
    """What stood in custom instructions that newer ones replaced."""
    when = _SAID_IN.format(piece.said_at) if piece.said_at > material.EPOCH else _BEFORE
    return replace(piece, line=Line(text=f"{_unclosed(piece.text)} {when}", sources=piece.line.sources))


def _unclosed(sentence: str) -> str:
    return sentence.rstrip(" .!,;")


def _piece(fact: FactView, text: str) -> Piece:
    said_at = fact.said_last or material.EPOCH
    conversation = fact.sources[0].conversation_id if fact.sources else fact.id
    line = Line(text=text, sources=tuple(fact.sources))
    return Piece(line, said_at, _category(fact), fact.confidence, conversation)


def _category(fact: FactView) -> str:
    """The category in which measuring would have put the sentence: it knows of instructions, and of plain life."""
    if fact.category == "preferences" and patterns.INSTRUCTS.search(fact.statement):
        return "instruction"
    if fact.category == "decisions" and not patterns.DECIDES.search(fact.statement):
        return "about"
    return fact.category


def _is_pinned(fact: FactView) -> bool:
    return fact.status == FactStatus.PINNED


_POINTING = re.compile(
    r"(?:he|she|they|it|his|her|their|its|that|this|those|these|there|it['’]s|that['’]s|he['’]s|she['’]s|"
    r"er|sie|sein\w*|das (?:ist|war|hat|geht|macht|wird|kann|könnte|sollte|finde?|mag|habe?|hilft|klingt)|"
    r"dies\w*|il|elle|ils|sa|son|ses|ça|c['’]est|cela|ella|eso|esto|ele|ela|isso|lui|lei|hij|zij|dat)\b"
    r"(?! my\b)",
    re.IGNORECASE,
)
"""A sentence whose subject was named before it."""

_OF_SELF = re.compile(
    r"(?:i|i['’]m|i am|we['’]re|ich|je|j['’]\w+|soy|estoy|sou|estou|sono|ik|no|british|american|metric)\b",
    re.IGNORECASE,
)

"""The person's words as lines of a profile: statements and custom instructions, cut to what reads well, not changed."""

from __future__ import annotations

import functools
import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from soulprint.kinds import ClaimKind
from soulprint.llm import masking
from soulprint.measuring import requests, words
from soulprint.measuring.statements import Statement
from soulprint.measuring.topics import Topic
from soulprint.measuring.traits import Trait
from soulprint.quick_pass.evidence import Evidence
from soulprint.records import Claim
from soulprint.records.sections import ClaimText, Line, Measure

LONGEST = 220
"""Code points of a quoted line; a longer sentence is cut where a clause ends."""

SHORTEST = 12

_LEAD = re.compile(
    r"(?:(?:and|but|so|ok|okay|oh|also|well|because|then|anyway|btw|yes|no|und|aber|et|mais|donc|y|pero|e|mas)\b"
    r"[,.:; ]*(?=\S))+",
    re.IGNORECASE,
)
CLAUSE = re.compile(r"[,;:–—]\s|\s(?:and|but|because|so|which|und|aber|et|mais|y|pero|e|mas)\s")
"""Where a clause ends."""
_MARK = re.compile(r"[,;:–—]\s")
_SENTENCE = re.compile(r"(?<=[.!?。])\s+|\n+")
_BULLET = re.compile(r"^[\s\-•*–\d.)]+(?=\S)")
NAMED = re.compile(r"(?<=[\w,] )[A-ZÀ-ÖØ-Þ][a-zà-ÿ]{2,}|\d")
HANGING = re.compile(
    r"^(?:\S+ ){1,5}(?:him|her|it|them|this(?! (?:year|month|week|country))|these(?! days)|those|there)\b",
    re.IGNORECASE,
)
"""A sentence that points at something said before."""
PASSING = re.compile(
    r"\b(?:today|tonight|tomorrow|yesterday|right now|just now|this (?:morning|evening|afternoon|week)|last night)\b",
    re.IGNORECASE,
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
"""When something was said that nobody knows the time of."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of the person's with what it rests on."""

    line: Line
    said_at: datetime
    """The epoch where nobody knows."""
    category: str
    worth: float
    conversation: uuid.UUID | int
    """The conversation it was said in; the claim's id for custom instructions."""

    @property
    def text(self) -> str:
        return self.line.text


class Material:
    """Everything the person said of themself, the best first, each piece given out once."""

    def __init__(self, statements: list[Piece], claims: Sequence[Claim], former: Sequence[Piece] = ()) -> None:
        self.statements = statements
        self.former = list(former)
        """What held once and holds no more, the newest first."""
        self.about = claimed(claims, ClaimKind.ABOUT_ME)
        self.answering = claimed(claims, ClaimKind.HOW_TO_ANSWER)
        self._given: set[str] = set()

    @classmethod
    def of(cls, evidence: Evidence) -> Material:
        """What rules found to quote, each sentence a piece of its own."""
        return cls(_weighed(evidence), evidence.claims)

    def take(self, pieces: Iterable[Piece], wanted: Callable[[Piece], bool], most: int) -> list[Piece]:
        """Up to `most` pieces not given out yet, the best first; they are given out by this."""
        found: list[Piece] = []
        for piece in pieces:
            if len(found) == most:
                break
            if piece.text not in self._given and wanted(piece) and not any(alike(piece, other) for other in found):
                found.append(piece)
                self._given.add(piece.text)
        return found


def matching(*patterns: re.Pattern[str]) -> Callable[[Piece], bool]:
    """Whether a piece has one of the patterns."""
    return lambda piece: any(pattern.search(piece.text) for pattern in patterns)


def newest(pieces: Sequence[Piece]) -> list[Line]:
    """The lines, the newest first."""
    return [piece.line for piece in sorted(pieces, key=lambda piece: piece.said_at, reverse=True)]


def alike(one: Piece, other: Piece) -> bool:
    """Whether two pieces say nearly the same words."""
    a, b = _content(one.text), _content(other.text)
    return len(a & b) >= 0.7 * max(1, min(len(a), len(b)))


@functools.lru_cache(maxsize=8192)
def _content(text: str) -> frozenset[str]:
    (found,) = words.split([text])
    return frozenset(found) - words.STOP or frozenset(found)


def _weighed(evidence: Evidence) -> list[Piece]:
    """The statements as pieces: what is sure, was said again in other conversations and is recent comes first."""
    pieces = [piece for statement in evidence.statements if (piece := _piece(evidence, statement))]
    contents = [_content(piece.text) for piece in pieces]
    oldest, latest = _span(piece.said_at for piece in pieces)
    weighed = []
    for i, piece in enumerate(pieces):
        again = {
            other.conversation
            for other, content in zip(pieces, contents, strict=True)
            if other.conversation != piece.conversation and len(content & contents[i]) >= 2
        }
        fresh = (piece.said_at - oldest).total_seconds() / max(1.0, (latest - oldest).total_seconds())
        worth = piece.worth + 0.05 * min(3, len(again)) + 0.03 * max(0.0, fresh) + telling(piece)
        weighed.append(replace(piece, worth=worth))
    return sorted(weighed, key=lambda piece: (-piece.worth, piece.text))


def telling(piece: Piece) -> float:
    """What makes a sentence worth more or less to a reader who was not there."""
    text = piece.text
    names = 0.05 if NAMED.search(text) else 0.0
    hanging = -0.12 if HANGING.search(text) else 0.0
    passing = -0.08 if PASSING.search(text) and piece.category != "dates" else 0.0
    return names + hanging + passing - (0.05 if not 25 <= len(text) <= 180 else 0.0)


def clause(piece: Piece, position: int) -> Piece:
    """The piece from the clause on that holds `position`; custom instructions stay whole."""
    source, *others = piece.line.sources
    starts = [0, *(match.end() for match in CLAUSE.finditer(piece.text, 0, position + 1) if match.end() <= position)]
    if source.kind != "quote" or not starts[-1] or source.text != piece.text:
        return piece
    start = starts[-1]
    text = piece.text[start:]
    quote = source.model_copy(update={"start": source.start + start, "text": text})
    return replace(piece, line=Line(text=text, sources=(quote, *others)))


def _span(times: Iterable[datetime]) -> tuple[datetime, datetime]:
    known = [time for time in times if time != EPOCH]
    return (min(known), max(known)) if known else (EPOCH, EPOCH)


def _piece(evidence: Evidence, statement: Statement) -> Piece | None:
    start, end = readable(statement.text)
    if end - start < SHORTEST or _is_request(statement, start):
        return None
    quote = evidence.quote(statement, start, end)
    line = Line(text=quote.text, sources=(quote,))
    said_at = quote.said_at or EPOCH
    return Piece(line, said_at, statement.category, statement.probability, quote.conversation_id)


def _is_request(statement: Statement, start: int) -> bool:
    """Whether a sentence that is no instruction opens with what one asks for."""
    opening = statement.text[start:].split(maxsplit=1)
    return statement.category != "instruction" and bool(opening) and opening[0].lower() in requests.VERBS


def readable(text: str) -> tuple[int, int]:
    """Where the part of a sentence starts and ends that reads well by itself: no opening "and", no endless tail."""
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    end = _closed(text, start)
    if end - start > LONGEST:
        end = next(
            _ends(text, start + LONGEST // 3, start + LONGEST), max(text.rfind(" ", start, start + LONGEST), start)
        )
    return start, end


def _ends(text: str, low: int, high: int) -> Iterator[int]:
    """Where a clause ends between two places, the last one at a mark first, then the last one at a conjunction."""
    for pattern in (_MARK, CLAUSE):
        yield from [match.start() for match in pattern.finditer(text, low, high)][-1:]


def _closed(text: str, start: int) -> int:
    """The end of the text, or where a bracket opens that is never closed."""
    opened = text.rfind("(", start)
    end = opened if opened > start + SHORTEST and ")" not in text[opened:] else len(text)
    return len(text[:end].rstrip())


# Custom instructions


def claimed(claims: Sequence[Claim], kind: ClaimKind) -> list[list[Piece]]:
    """The sentences of each custom instruction of a kind, the newest instruction first."""
    return [[*_sentences(claim)] for claim in claims if claim.kind == kind]


def _sentences(claim: Claim) -> Iterator[Piece]:
    for part in _SENTENCE.split(claim.text):
        text = part[bullet.end() :] if (bullet := _BULLET.match(part)) else part
        text = text.strip()
        if len(text) < 5 or len(text) > 2 * LONGEST or masking.find(text):
            continue
        source = ClaimText(claim_id=claim.id, claim_kind=ClaimKind(claim.kind), said_at=claim.said_at, text=text)
        yield Piece(Line(text=text, sources=(source,)), claim.said_at or EPOCH, "claim", 1.0, claim.id)


# Measures


def measured(trait: Trait) -> Line:
    """A measured habit as a line."""
    return Line(text=trait.sentence, sources=(Measure(name=trait.name, value=trait.value, over=trait.over),))


def counted(name: str, value: str, over: int, text: str, *more: Line) -> Line:
    """A figure as a line; `more` are lines whose sources it rests on too."""
    sources = [Measure(name=name, value=value, over=over), *(source for line in more for source in line.sources)]
    return Line(text=text, sources=tuple(sources))


def period(topic: Topic) -> str:
    """`, Feb 2024 – Oct 2025`; empty without dates."""
    if not topic.first or not topic.last:
        return ""
    first, last = f"{topic.first:%b %Y}", f"{topic.last:%b %Y}"
    return f", {first}" if first == last else f", {first} – {last}"

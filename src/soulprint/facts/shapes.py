"""What the room hands from one step to the next: windows to read, findings with their proof, facts as they are read."""

from __future__ import annotations

import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from soulprint.records.sections import Quote

_BETWEEN_WORDS = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """`text` in one case and without punctuation, its words parted by single spaces: what two statements have in common
    that say the same in the same words."""
    return _BETWEEN_WORDS.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement about the person, and the span of a message of theirs that proves it: one row of `fact_sources`."""

    message_id: int
    conversation_id: uuid.UUID
    start: int
    """Code points into the message's text."""
    end: int
    quote: str
    """Exactly the message's text from start to end."""
    category: str
    about: str
    """What it is of, in one to three folded words: `home`, `job`, `sister`."""
    statement: str
    """Without its subject, in the person's own language."""
    language: str | None
    """ISO 639-1; None where it can't be told."""
    said_at: datetime | None
    true_from: date | None
    true_to: date | None


@dataclass(frozen=True, slots=True)
class Span:
    """The turns of a conversation from one position to another, both included."""

    conversation: uuid.UUID
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Window:
    """What one request reads: whole conversations, or a part of one that is larger than a window."""

    spans: tuple[Span, ...]
    tokens: int
    """Of the rendered turns, the instructions not counted."""

    def payload(self) -> dict[str, Any]:
        """The window as JSON: ids and numbers only."""
        spans = [[str(span.conversation), span.first, span.last] for span in self.spans]
        return {"spans": spans, "tokens": self.tokens}

    @classmethod
    def of(cls, payload: Mapping[str, Any]) -> Window:
        """The window that `payload` was made of."""
        spans = tuple(Span(uuid.UUID(one), first, last) for one, first, last in payload["spans"])
        return cls(spans, payload["tokens"])


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be read, and what that comes to."""

    windows: list[Window]
    trivial: list[uuid.UUID]
    """Conversations in which the person says next to nothing."""
    conversations: int
    """To be read in the windows."""
    tokens: int
    """Prompt tokens of all windows, instructions and schema included."""
    chat_tokens: int
    """Tokens of the whole text of these conversations, both sides, nothing cut."""
    stale: int
    """Conversations that another model or prompt has read, and that are read again only when that is asked for."""
    up_to_date: int


@dataclass(frozen=True, slots=True)
class Yield:
    """What reading one window came to."""

    found: int
    kept: int
    dropped: dict[str, int] = field(default_factory=dict)
    """Reason -> findings."""
    failed: int = 0
    """Conversations that could not be read."""


@dataclass(frozen=True, slots=True)
class Consolidation:
    """What merging by code came to, and what is left to decide."""

    facts: int
    """Facts that there are now, of every status."""
    merged: int
    """Findings that joined a fact which was there."""
    conflicts: list[list[list[int]]]
    """Batches of groups of facts that can't all hold now, or may say the same: one batch is one call."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What deciding one batch came to, in facts."""

    merged: int
    superseded: int
    disputed: int
    undecided: int = 0
    """Groups on which there was no usable answer: they stay as they are."""
    ignored: int = 0
    """Verdicts that can't be so."""


@dataclass(frozen=True, slots=True)
class FactView:
    """A fact as it is read, with what proves it."""

    id: int
    category: str
    about: str
    statement: str
    language: str | None
    confidence: float
    status: str
    """A `records.FactStatus`."""
    origin: str
    said_first: datetime | None
    said_last: datetime | None
    true_from: date | None
    true_to: date | None
    superseded_by: int | None
    """The id of the fact that took its place."""
    sources: list[Quote]
    """Each with this fact's id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which facts are asked for, and in which order. What is left out narrows nothing."""

    category: str | None = None
    statuses: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Each stands in the statement, the subject or a quote, whole or as part of a word, in any case."""
    conversation: uuid.UUID | None = None
    """In which something was said that proves them."""
    least: float = 0.0
    """The least confidence."""
    below: float | None = None
    """Less confidence than this."""
    since: date | None = None
    """Said on this day or later."""
    until: date | None = None
    """Said on this day or earlier."""
    newest: bool = False
    """What was said last comes first; else what is surest."""


ALL = Wanted()


@dataclass(frozen=True, slots=True)
class Doubted:
    """A fact that waits for the person's word, and why it comes when it does."""

    fact: FactView
    lines: int
    """Of the profile in use that rest on it."""
    score: float
    """Impact times doubt."""
    rivals: list[FactView]
    """Facts that say otherwise, where it is disputed."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A fact on the timeline."""

    day: date
    """Since when it holds, else when it was said first."""
    fact: FactView
    before: list[FactView]
    """What it took the place of."""

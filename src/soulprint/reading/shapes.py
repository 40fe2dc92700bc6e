"""What the stages read: a message the person wrote, the conversation it stands in, and a conversation of both sides."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from soulprint.records import Conversation, Message


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the person's own words: on the branch that was open last, and not blank."""

    message_id: int
    conversation_id: uuid.UUID
    position: int
    text: str
    sent_at: datetime | None
    modality: str
    """A `kinds.Modality`, one of `kinds.OWN`."""
    zone_known: bool = True
    """Whether `sent_at` tells the hour: some exports write times without a zone."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation without its messages."""

    id: uuid.UUID
    title: str | None
    started_at: datetime | None
    provider: str
    message_count: int
    """Messages with text on the branch, of both sides."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message of either side."""

    message_id: int
    position: int
    role: str
    """A `kinds.Role`."""
    text: str
    sent_at: datetime | None
    """In UTC; None where nobody knows."""
    modality: str
    """A `kinds.Modality`."""


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation with what both sides said, on the branch that was open last."""

    talk: Talk
    content_hash: bytes
    """The conversation's: another one means that it has changed."""
    turns: tuple[Utterance, ...]
    """In order, without blank ones; none where nothing was said in text."""

    def said_at(self, turn: Utterance) -> datetime | None:
        """When the turn was said, or else when the conversation began."""
        return turn.sent_at or self.talk.started_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which conversations are looked for. What is left out narrows nothing."""

    words: tuple[str, ...] = ()
    """Each stands in the title, whole or as part of a word, in any case."""
    provider: str | None = None
    year: int | None = None
    """In which it was begun."""
    with_facts: bool = False
    """Only those that something was learned from."""
    unread: bool = False
    """Only those that were not read in full for facts."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A conversation in a list."""

    id: uuid.UUID
    title: str | None
    provider: str
    origin: str
    started_at: datetime | None
    messages: int
    opening: str | None
    """The beginning of what the person said first, where there is no title."""
    facts: int
    """That something said in it proves."""
    is_read: bool
    """For facts, in full, as it is now."""


@dataclass(frozen=True, slots=True)
class Held:
    """A conversation, and the part of it that was asked for."""

    conversation: Conversation
    messages: Sequence[Message]
    window: range
    """Which of the messages on its branch these are."""
    total: int
    """Messages on its branch."""

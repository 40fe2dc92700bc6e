"""What a conversation is cut into, and how large."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Tier:
    """A size of chunks, in tokens."""

    limit: int
    """The most a chunk holds, labels and overlap included."""
    overlap: int
    """The most of a chunk that the next one opens with. It takes whole pieces, each of half as much at most but for the
    label, and nothing at all where a long word leaves no room."""


TIERS = {"micro": Tier(300, 50), "medium": Tier(2_000, 200), "macro": Tier(8_000, 400)}


@dataclass(frozen=True, slots=True)
class Part:
    """A turn, or the part of it, that stands in a chunk: code points `start` to `end` of its message's text."""

    message_id: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """One chunk of a conversation."""

    id: uuid.UUID
    """The same for the same conversation, tier and number."""
    tier: str
    number: int
    content: str
    """Its parts, an empty line between them, each after a label like `[2024-05-03 USER]`."""
    parts: tuple[Part, ...]
    tokens: int
    """Counted piece by piece, which comes to a few per cent more than its content has as a whole."""
    sent_at: datetime | None
    """When its first message was sent, else when the conversation began, where anybody knows."""


@dataclass(frozen=True, slots=True)
class Chunked:
    """What a refresh came to."""

    conversations: int
    """Those that were cut, with text or without."""
    chunks: int

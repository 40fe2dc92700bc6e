"""What the stages read: a message the person wrote, and the conversation it stands in."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the person: on the branch that was open last, and not blank."""

    message_id: int
    conversation_id: uuid.UUID
    position: int
    text: str
    sent_at: datetime | None
    modality: str
    """A `records.Modality`."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation without its messages."""

    id: uuid.UUID
    title: str | None
    started_at: datetime | None
    provider: str
    message_count: int
    """Messages with text on the branch, of both sides."""

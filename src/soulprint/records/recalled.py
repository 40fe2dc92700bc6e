"""What recall finds, in the shape that answers, prompts and threads share."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from soulprint.kinds import Role


class Kind(StrEnum):
    """What can be recalled."""

    PASSAGE = "passage"
    FACT = "fact"
    SECTION = "section"
    """A line of the profile."""


class Turn(BaseModel):
    """A span of a message of the history."""

    model_config = ConfigDict(frozen=True)

    message_id: int
    provider_id: str
    """The message's id in the export."""
    role: Role
    said_at: datetime | None
    start: int
    """Code points into the message's text."""
    end: int
    text: str
    """Exactly the message's text from start to end."""


class Recalled(BaseModel):
    """Something that bears on a question: turns of one conversation, a fact, or a line of the profile."""

    model_config = ConfigDict(frozen=True)

    kind: Kind
    score: float
    """Higher is better; comparable within one answer of recall."""
    why: str
    """What it was found by, for a person to read: `“Lyon”, “moved”; near in meaning`."""
    text: str
    """For a passage its turns, each after its speaker; a fact's statement; a line of the profile."""
    said: tuple[Turn, ...] = ()
    """The turns of a passage in their order; the proofs of a fact or a line, the best first."""
    conversation_id: uuid.UUID | None = None
    """The passage's, or that of the first proof."""
    title: str | None = None
    """The conversation's, or the category of a fact, or section and field of a line."""
    date: datetime | None = None
    """When it was said, a fact when it was said last."""
    fact_id: int | None = None
    status: str | None = None
    """A fact's `FactStatus`."""
    instead: str | None = None
    """What holds now in the place of a superseded fact."""

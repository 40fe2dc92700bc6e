"""Messages for tests of what is measured."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from soulprint.kinds import Modality
from soulprint.reading import Said, Talk

NOON = datetime(2024, 5, 12, 12, tzinfo=UTC)
_numbers = itertools.count(1)


def say(
    text: str,
    *,
    conversation: int = 1,
    sent_at: datetime | None = NOON,
    modality: Modality = Modality.TEXT,
    position: int = 0,
) -> Said:
    """One message of the person."""
    return Said(next(_numbers), uuid.UUID(int=conversation), position, text, sent_at, modality)


def talk(number: int, title: str | None, started_at: datetime | None = NOON) -> Talk:
    """One conversation with the id `number`."""
    return Talk(uuid.UUID(int=number), title, started_at, "chatgpt", 2)


def talks_of(titles: Sequence[str | None]) -> dict[uuid.UUID, Talk]:
    """Conversations with the ids 1, 2, … and these titles."""
    return {(made := talk(number, title)).id: made for number, title in enumerate(titles, 1)}

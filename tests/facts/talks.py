"""Dialogues for tests: plain functions with defaults."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from soulprint.kinds import Modality, Role
from soulprint.reading import Dialogue, Talk, Utterance
from tests.rows import NOON


def make_dialogue(
    *turns: str | tuple[Role, str],
    title: str | None = "A talk",
    started_at: datetime | None = NOON,
    modality: Modality = Modality.TEXT,
    number: int = 1,
) -> Dialogue:
    """A dialogue of these turns; a bare text is the person's. Its messages are numbered from `number` * 1000."""
    said: Sequence[tuple[Role, str]] = [turn if isinstance(turn, tuple) else (Role.USER, turn) for turn in turns]
    utterances = tuple(
        Utterance(
            message_id=number * 1000 + place,
            position=place,
            role=role,
            text=text,
            sent_at=started_at + timedelta(days=place) if started_at else None,
            modality=modality if role == Role.USER else Modality.TEXT,
        )
        for place, (role, text) in enumerate(said)
    )
    talk = Talk(uuid.UUID(int=number), title, started_at, "chatgpt", len(utterances))
    return Dialogue(talk, uuid.UUID(int=number).bytes, utterances)


def answer(text: str) -> tuple[Role, str]:
    """An assistant's turn."""
    return Role.ASSISTANT, text

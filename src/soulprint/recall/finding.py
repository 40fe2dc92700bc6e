"""The one function of the room."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from soulprint.database import Database
from soulprint.recall import store
from soulprint.records.recalled import Recalled, Turn
from soulprint.settings import Settings

KINDS = ("passage", "fact", "section")


@dataclass(frozen=True, slots=True)
class Found:
    """What bears on a question."""

    best: list[Recalled]
    """Best first."""
    secrets: frozenset[str] = frozenset()
    """What the messages around the passages tell to be secret: no model may see it."""


async def recall(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    question: str,
    *,
    most: int = 10,
    words: int | None = None,
    kinds: Collection[str] = KINDS,
    since: date | None = None,
    until: date | None = None,
) -> Found:
    """What bears on `question`: at most `most` passages, of `words` words in all where that is given, with the facts and
    the lines of the profile that fit; nothing said before `since` or after `until`."""
    async with db.session(account) as session:
        passages = await store.search(session, question, most)
    best = [
        Recalled(
            kind="passage",
            score=each.score,
            why="",
            text=each.quote.text,
            conversation_id=each.quote.conversation_id,
            title=each.quote.title,
            date=each.quote.said_at,
            said=(
                Turn(
                    message_id=each.quote.message_id,
                    provider_id="",
                    role=each.quote.role,
                    said_at=each.quote.said_at,
                    start=each.quote.start,
                    end=each.quote.end,
                    text=each.quote.text,
                ),
            ),
        )
        for each in passages
    ]
    return Found(best, frozenset().union(*(each.secrets for each in passages)))

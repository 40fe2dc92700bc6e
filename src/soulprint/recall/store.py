"""All SQL of the room: full-text search over the messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import lexemes
from soulprint.kinds import Role
from soulprint.llm import masking
from soulprint.recall.terms import terms, window
from soulprint.records.sections import Quote

SEARCH = text(resources.files("soulprint.recall").joinpath("search.sql").read_text())

PASSAGE = 600
"""How many characters of a message a passage shows."""


REACH = 5_000
"""How many characters around a passage are searched for what makes something in it a secret."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A message that bears on the question, cut to the part that does."""

    quote: Quote
    score: float
    secrets: frozenset[str] = frozenset()
    """What the message around it tells to be secret: the passage alone may not show it."""


async def search(session: AsyncSession, question: str, limit: int = 8) -> list[Passage]:
    """The `limit` messages of the session's account that fit `question` best, best first; none when nothing fits."""
    words = terms(question)
    if not words:
        return []
    rows = await session.execute(SEARCH, {"queries": [lexemes.query(word) for word in words], "most": limit})
    return [_passage(row, words) for row in rows]


def _passage(row: Row[Any], words: Sequence[str]) -> Passage:
    start, end = window(row.text, words, PASSAGE)
    around = max(0, start - REACH)
    secrets = [(around + one.start, around + one.end) for one in masking.find(row.text[around : end + REACH])]
    start = next((till for since, till in secrets if since < start < till), start)
    end = max(start, next((since for since, till in secrets if since < end < till), end))
    quote = Quote(
        message_id=row.id,
        conversation_id=row.conversation_id,
        title=row.title,
        said_at=row.sent_at or row.started_at,
        role=Role(row.role),
        start=start,
        end=end,
        text=row.text[start:end],
    )
    told = frozenset(row.text[since:till] for since, till in secrets)
    return Passage(quote=quote, score=float(row.rank), secrets=told)

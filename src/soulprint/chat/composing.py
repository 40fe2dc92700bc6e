"""What bears on a question is gathered: what recall finds, the profile in use, and the person's clock. No model is
asked for it but the embedder, once."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from soulprint import lexemes, recall, sections
from soulprint.chat.context import Context
from soulprint.database import Database
from soulprint.kinds import Role
from soulprint.measuring.words import GRAMMAR
from soulprint.records.recalled import Kind
from soulprint.sections import Version
from soulprint.settings import Settings

PASSAGES = 12
"""How many passages of the history an answer is given at the most."""

WORDS = 1200
"""How many words they have in all."""

TELLING = 2
"""A question with fewer words that tell of a subject goes on with the one before it: `And when was that?`"""


async def gathered(
    db: Database, account: uuid.UUID, settings: Settings, question: str, history: Sequence[tuple[Role, str]]
) -> Context:
    """All that an answer to `question` is made from; read anew each time, so that a new version is used at once."""
    found, version = await asyncio.gather(
        recall.recall(
            db,
            account,
            settings,
            searched(question, history),
            most=PASSAGES,
            words=WORDS,
            kinds=(Kind.PASSAGE, Kind.FACT),
        ),
        _version(db, account),
    )
    return Context(question, list(history), version, found.best, now(settings), found.secrets)


def searched(question: str, history: Sequence[tuple[Role, str]]) -> str:
    """The words that are searched for: the question's, with those of the one before where it says too little."""
    telling = [word for word in lexemes.words(question) if word not in GRAMMAR and len(word) > 1]
    before = next((text for role, text in reversed(history) if role == Role.USER), "")
    return f"{before}\n{question}" if len(telling) < TELLING and before else question


def now(settings: Settings) -> datetime:
    """The time by the person's clock: that of the zone they have set, else of this machine."""
    return datetime.now(ZoneInfo(settings.zone)) if settings.zone else datetime.now().astimezone()


async def _version(db: Database, account: uuid.UUID) -> Version | None:
    async with db.session(account) as session:
        return await sections.current(session)

"""Full passes for tests: histories to read, and waiting for their end."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from soulprint import pipeline
from soulprint.database import Database
from soulprint.records import Conversation
from soulprint.settings import Settings
from tests import rows

SAID = (
    ("I live in Leeds with my sister Marta.", "I work as a nurse at St James's."),
    ("I moved to Lyon in May 2024.", "I'm allergic to hazelnuts."),
    ("I prefer short answers in British English.", "My daughter Ana was born in March 2021."),
    ("I am training for the Leeds marathon.", "I decided to quit my job at the hospital."),
    ("I believe that everyone should learn to cook.", "I hate small talk in the morning."),
)
"""Two messages of each conversation."""


async def add_history(
    database: Database, account: uuid.UUID, said: Sequence[Sequence[str]] = SAID
) -> list[Conversation]:
    """A conversation a month, each message answered at length."""
    answer = "That is good to know. Here is what I would suggest, in several steps, one after another. " * 3
    conversations = []
    async with database.session(account) as session:
        for place, texts in enumerate(said):
            started = rows.NOON + timedelta(days=30 * place)
            conversation, _ = await rows.add_conversation(
                session, account, texts, answered=[answer] * len(texts), title=f"Talk {place}", started_at=started
            )
            conversations.append(conversation)
    return conversations


async def until(met: Callable[[], Awaitable[bool]], patience: float = 30.0) -> None:
    """Wait until something is so that nobody tells."""
    async with asyncio.timeout(patience):
        while True:
            if await met():
                return
            await asyncio.sleep(0.02)


async def passed(database: Database, account: uuid.UUID, settings: Settings, **options: object) -> pipeline.PassState:
    """Start a full pass and wait until it has ended in whatever way. Needs a worker."""
    await pipeline.start(database, account, settings, **options)  # type: ignore[arg-type]
    return await ended(database, account, settings)


async def ended(database: Database, account: uuid.UUID, settings: Settings) -> pipeline.PassState:
    async with asyncio.timeout(60):
        async for status in pipeline.watch(database, account, settings):
            if status.full_pass and status.full_pass.status != "processing":
                return status.full_pass
    raise AssertionError

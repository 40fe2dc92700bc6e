"""Has what waits in the outbox sent before a short-lived process ends; what doesn't arrive is left to a worker."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress

from soulprint import errors, notices
from soulprint.database import Database
from soulprint.pipeline import store
from soulprint.settings import Settings

POLL = 0.2
"""Seconds between two looks."""

LONGEST = 45.0
"""Seconds to wait for first attempts: a mail server is given 30."""


async def tell(db: Database, account: uuid.UUID, settings: Settings) -> None:
    """Send each notice that waits, once. Needs no worker."""
    async with db.session(account) as session:
        waiting = await store.waiting_notices(session)
    for notice in waiting:
        with suppress(errors.NoticeUndelivered):
            await notices.deliver(db, account, settings, notice)


async def told(db: Database, account: uuid.UUID) -> None:
    """Wait until the worker of this process has tried to send each notice at least once."""
    with suppress(TimeoutError):
        async with asyncio.timeout(LONGEST):
            async for untried in _untried(db, account):
                if not untried:
                    return


async def _untried(db: Database, account: uuid.UUID) -> AsyncIterator[bool]:
    """Whether there is a notice that nobody has tried to send, now and again and again."""
    while True:
        async with db.session(account) as session:
            yield bool(await store.waiting_notices(session, tried=False))
        await asyncio.sleep(POLL)

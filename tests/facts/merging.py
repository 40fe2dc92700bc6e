"""Findings merged into facts as a pass does it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from soulprint import facts
from soulprint.database import Database
from soulprint.settings import Settings
from tests import rows


async def add(db: Database, account: uuid.UUID, statement: str, about: str, said_at: datetime, **values: Any) -> None:
    async with db.session(account) as session:
        await rows.add_finding(session, account, statement, about, said_at=said_at, **values)


async def merged(db: Database, account: uuid.UUID, settings: Settings) -> facts.Decided:
    """All of merging, as a pass does it. Gives what the last batch came to."""
    done = await facts.consolidate(db, account)
    decided = facts.Decided(0, 0, 0)
    for batch in done.conflicts:
        decided = await facts.decide(db, account, settings, None, batch)
    await facts.settle(db, account)
    return decided


async def by_statement(db: Database, account: uuid.UUID) -> dict[str, facts.FactView]:
    async with db.session(account) as session:
        return {fact.statement: fact for fact in await facts.listed(session)}

"""Who is asking. In: an open database. Out: the account that a request works for, always chosen by the server."""

from __future__ import annotations

import uuid

from sqlalchemy.dialects.postgresql import insert

from soulprint.database import Database
from soulprint.records import Account

LOCAL = uuid.UUID("50756c50-7269-4e74-8000-000000000001")
"""The one account of an installation for a single person."""


async def local(database: Database) -> uuid.UUID:
    """The account of the person at this machine, made when it is missing."""
    async with database.session() as session:
        await session.execute(insert(Account).values(id=LOCAL).on_conflict_do_nothing())
    return LOCAL

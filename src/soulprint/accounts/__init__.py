"""Who is asking. In: an open database. Out: the account that a request works for, always chosen by the server; and its
changes, one at a time."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.database import Database
from soulprint.records import Account, UserProfile

LOCAL = uuid.UUID("50756c50-7269-4e74-8000-000000000001")
"""The one account of an installation for a single person."""


async def local(database: Database) -> uuid.UUID:
    """The account of the person at this machine, made when it is missing."""
    async with database.session() as session:
        await session.execute(insert(Account).values(id=LOCAL).on_conflict_do_nothing())
    return LOCAL


async def alone(session: AsyncSession, account: uuid.UUID) -> None:
    """Let nobody else change the profile of the account, or by their word a fact, until the transaction ends. Asked for
    before anything is read that the change rests on: two at once would each undo what the other did."""
    await session.execute(insert(UserProfile).values(user_id=account).on_conflict_do_nothing())
    await session.execute(select(UserProfile.user_id).where(UserProfile.user_id == account).with_for_update())

"""Conversations as the stages need them. In: rows of an account. Out: the person's messages in batches, the
conversations they stand in, the claims beside them, and samples that fit a token budget."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors, records
from soulprint.database import Database
from soulprint.reading import store
from soulprint.reading.shapes import Said, Talk

__all__ = ["Said", "Talk", "claims", "conversation", "said", "talks"]


async def said(db: Database, account: uuid.UUID) -> AsyncGenerator[list[Said], None]:
    """The person's own messages, on the branch and not blank, in batches ordered by conversation and position."""
    async with db.session(account) as session, aclosing(store.said(session, account)) as batches:
        async for batch in batches:
            yield batch


async def talks(db: Database, account: uuid.UUID) -> dict[uuid.UUID, Talk]:
    """Every conversation by its id, oldest first, undated ones last."""
    async with db.session(account) as session:
        return await store.talks(session)


async def claims(db: Database, account: uuid.UUID) -> list[records.Claim]:
    """Custom instructions, provider memories and project instructions, newest first."""
    async with db.session(account) as session:
        return await store.claims(session)


async def conversation(
    session: AsyncSession,
    id: uuid.UUID,  # noqa: A002
) -> tuple[records.Conversation, list[records.Message]]:
    """One conversation and its messages in the order they are read. Raises `errors.NotFound`."""
    found = await store.conversation(session, id)
    if found is None:
        raise errors.NotFound(what="conversation")
    return found

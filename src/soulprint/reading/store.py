"""All SQL of reading: the person's messages in batches, and what stands around them."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import database
from soulprint.reading.shapes import Said, Talk
from soulprint.records import Claim, Conversation, Message

BATCH = 2000
"""Messages held at once: some hundred kilobytes as people write, and few round trips."""

SAID = """
select id, conversation_id, position, text, sent_at, modality
from messages
where user_id = %s and role = 'user' and on_branch
order by conversation_id, position, id
"""


async def said(session: AsyncSession, account: uuid.UUID) -> AsyncGenerator[list[Said], None]:
    """The person's messages in batches, ordered by conversation and position, times in UTC. The server keeps the
    result, so that memory stays flat whatever the size of the history."""
    connection = await database.driver_connection(session)
    await session.execute(text("set local time zone 'UTC'"))
    async with connection.cursor(name="said", binary=True) as cursor:
        await cursor.execute(SAID, (account,))
        while rows := await cursor.fetchmany(BATCH):
            yield [Said(*row) for row in rows if row[3] and not row[3].isspace()]


async def talks(session: AsyncSession) -> dict[uuid.UUID, Talk]:
    """Every conversation of the account, oldest first, undated ones last."""
    query = select(
        Conversation.id, Conversation.title, Conversation.started_at, Conversation.provider, Conversation.message_count
    ).order_by(Conversation.started_at.nulls_last(), Conversation.id)
    return {row.id: Talk(*row) for row in (await session.execute(query)).all()}


async def claims(session: AsyncSession) -> list[Claim]:
    """What stands beside the conversations, newest first."""
    query = select(Claim).order_by(Claim.said_at.desc().nulls_last(), Claim.id.desc())
    return list(await session.scalars(query))


async def conversation(session: AsyncSession, id: uuid.UUID) -> tuple[Conversation, list[Message]] | None:  # noqa: A002
    """One conversation with its messages as they stand on the branch, or None where the account has none such."""
    found = await session.get(Conversation, id)
    if found is None:
        return None
    query = select(Message).where(Message.conversation_id == id, Message.on_branch).order_by(Message.position)
    return found, list(await session.scalars(query))

"""All SQL of reading: the person's messages in batches, and what stands around them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import database
from soulprint.kinds import OWN
from soulprint.reading.shapes import Dialogue, Said, Talk, Utterance
from soulprint.records import Claim, Conversation, Message

SAID = """
select messages.id, conversation_id, position, text, sent_at, modality, zone_known
from messages join conversations on conversations.id = conversation_id
where messages.user_id = %s and role = 'user' and on_branch and modality = any(%s)
order by conversation_id, position, messages.id
"""

SIZES = """
select conversation_id, coalesce(sum(octet_length(text)), 0)::bigint
from messages
where conversation_id = any(%s) and on_branch
group by conversation_id
"""
"""Postgres knows the length of a text without unpacking it."""

TURNS = """
select conversation_id, id, position, role, text, sent_at, modality
from messages
where conversation_id = any(%s) and on_branch
order by conversation_id, position, id
"""


async def said(session: AsyncSession, account: uuid.UUID) -> AsyncGenerator[list[Said], None]:
    """The person's own words in batches, ordered by conversation and position, times in UTC. The server keeps the
    result, so that memory stays flat whatever the size of the history."""
    async with aclosing(database.streamed(session, SAID, account, [*OWN])) as batches:
        async for rows in batches:
            yield [Said(*row) for row in rows if row[3] and not row[3].isspace()]


async def talks(session: AsyncSession) -> dict[uuid.UUID, Talk]:
    """Every conversation of the account, oldest first, undated ones last."""
    query = select(
        Conversation.id, Conversation.title, Conversation.started_at, Conversation.provider, Conversation.message_count
    ).order_by(Conversation.started_at.nulls_last(), Conversation.id)
    return {row.id: Talk(*row) for row in (await session.execute(query)).all()}


async def sizes(session: AsyncSession, conversations: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Bytes of text on the branch of each conversation that has any messages there."""
    connection = await database.driver_connection(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(SIZES, ([*conversations],))
        return dict(await cursor.fetchall())


async def dialogues(session: AsyncSession, conversations: Sequence[uuid.UUID]) -> list[Dialogue]:
    """The conversations with both sides, in the order given, times in UTC. Those the account doesn't have are left out.

    The hashes are read before the messages: should an import change a conversation in between, its hash tells of the
    older state, and whoever notes it reads the conversation again.
    """
    heads = select(
        *(Conversation.id, Conversation.title, Conversation.started_at, Conversation.provider),
        *(Conversation.message_count, Conversation.content_hash),
    ).where(Conversation.id == func.any([*conversations]))
    await session.execute(text("set local time zone 'UTC'"))
    found = {row.id: row for row in await session.execute(heads)}
    turns = await _turns(session, conversations)
    return [
        Dialogue(Talk(*found[each][:5]), found[each].content_hash, tuple(turns.get(each, ())))
        for each in conversations
        if each in found
    ]


async def unchanged(session: AsyncSession, dialogues: Sequence[Dialogue]) -> set[uuid.UUID]:
    """Those of the conversations that are still as they were read. They stay so until the end of the transaction, and
    nobody else writes what follows from them meanwhile."""
    ids = [dialogue.talk.id for dialogue in dialogues]
    query = select(Conversation.id, Conversation.content_hash).where(Conversation.id == func.any(ids))
    rows = await session.execute(query.order_by(Conversation.id).with_for_update(key_share=True))
    hashes = {row.id: row.content_hash for row in rows}
    return {each.talk.id for each in dialogues if hashes.get(each.talk.id) == each.content_hash}


async def _turns(session: AsyncSession, conversations: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[Utterance]]:
    turns: defaultdict[uuid.UUID, list[Utterance]] = defaultdict(list)
    connection = await database.driver_connection(session)
    async with connection.cursor(binary=True) as cursor:
        await cursor.execute(TURNS, ([*conversations],))
        for conversation, *rest in await cursor.fetchall():
            utterance = Utterance(*rest)
            if utterance.text and not utterance.text.isspace():
                turns[conversation].append(utterance)
    return turns


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

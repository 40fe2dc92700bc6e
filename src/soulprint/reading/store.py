"""All SQL of reading: the person's messages in batches, and what stands around them."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, exists, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import database
from soulprint.kinds import OWN
from soulprint.reading.shapes import Asked, Dialogue, Listed, Said, Talk, Utterance
from soulprint.records import DONE, Claim, Conversation, Extraction, FactSource, Message

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


async def conversation(session: AsyncSession, id: uuid.UUID) -> Conversation | None:  # noqa: A002
    return await session.get(Conversation, id)


async def length(session: AsyncSession, conversation: uuid.UUID) -> int:
    """Messages on its branch."""
    branch = select(func.count()).where(Message.conversation_id == conversation, Message.on_branch)
    return await session.scalar(branch) or 0


async def place(session: AsyncSession, conversation: uuid.UUID, message: int) -> int | None:
    """How many messages of the branch stand before one of it; None where it isn't on it."""
    here = select(Message.position).where(
        Message.id == message, Message.conversation_id == conversation, Message.on_branch
    )
    position = await session.scalar(here)
    if position is None:
        return None
    before = select(func.count()).where(
        Message.conversation_id == conversation, Message.on_branch, Message.position < position
    )
    return await session.scalar(before) or 0


async def window(session: AsyncSession, conversation: uuid.UUID, window: range) -> list[Message]:
    """The messages of these places on its branch."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation, Message.on_branch)
        .order_by(Message.position, Message.id)
        .offset(window.start)
        .limit(len(window))
    )
    return list(await session.scalars(query))


# Lists


async def listed(session: AsyncSession, asked: Asked, *, limit: int, after: uuid.UUID | None = None) -> list[Listed]:
    """The conversations that are asked for, those begun last first and undated ones last; at most `limit`, those that
    follow the conversation `after`."""
    last = await session.get(Conversation, after) if after else None
    if after and last is None:
        return []
    found: list[uuid.UUID] = []
    if last is None or last.started_at is not None:
        dated = select(Conversation.id).where(*_conditions(asked), Conversation.started_at.is_not(None))
        if last is not None:
            here = tuple_(Conversation.started_at, Conversation.id)
            dated = dated.where(Conversation.started_at <= last.started_at, here < (last.started_at, last.id))
        order = (Conversation.started_at.desc(), Conversation.id.desc())
        found += await session.scalars(dated.order_by(*order).limit(limit))
    if len(found) < limit and asked.year is None:
        undated = select(Conversation.id).where(*_conditions(asked), Conversation.started_at.is_(None))
        if last is not None and last.started_at is None:
            undated = undated.where(Conversation.id < last.id)
        found += await session.scalars(undated.order_by(Conversation.id.desc()).limit(limit - len(found)))
    rows = await session.execute(text(LISTED), {"ids": found})
    return [Listed(*row) for row in rows]


async def sources(session: AsyncSession) -> tuple[list[tuple[str, int]], list[int]]:
    """The providers with their numbers of conversations, the largest first; and the years, the latest first."""
    count = func.count()
    providers = select(Conversation.provider, count).group_by(Conversation.provider).order_by(count.desc())
    span = select(func.min(Conversation.started_at), func.max(Conversation.started_at))
    first, last = (await session.execute(span)).one()
    years = [*range(last.year, first.year - 1, -1)] if first and last else []
    return [(row[0], row[1]) for row in await session.execute(providers)], years


async def neighbours(session: AsyncSession, here: Conversation) -> tuple[uuid.UUID | None, uuid.UUID | None]:
    """The conversations begun before and after a dated one."""
    if here.started_at is None:
        return None, None
    order = (Conversation.started_at, Conversation.id)
    place, at = tuple_(*order), (here.started_at, here.id)
    before = select(Conversation.id).where(Conversation.started_at <= here.started_at, place < at)
    after = select(Conversation.id).where(Conversation.started_at >= here.started_at, place > at)
    return (
        await session.scalar(before.order_by(*(each.desc() for each in order)).limit(1)),
        await session.scalar(after.order_by(*order).limit(1)),
    )


async def read_by(session: AsyncSession, conversation: uuid.UUID) -> Extraction | None:
    """How it was read for facts last."""
    return await session.get(Extraction, conversation)


def _conditions(asked: Asked) -> Iterator[ColumnElement[bool]]:
    for word in asked.words:
        yield func.lower(Conversation.title).contains(word.lower(), autoescape=True)
    if asked.provider:
        yield Conversation.provider == asked.provider
    if asked.year:
        yield Conversation.started_at >= datetime(asked.year, 1, 1, tzinfo=UTC)
        yield Conversation.started_at < datetime(asked.year + 1, 1, 1, tzinfo=UTC)
    if asked.with_facts:
        yield exists().where(FactSource.conversation_id == Conversation.id, FactSource.fact_id.is_not(None))
    if asked.unread:
        yield ~exists().where(
            Extraction.conversation_id == Conversation.id,
            Extraction.content_hash == Conversation.content_hash,
            Extraction.outcome.in_(DONE),
        )


LISTED = """
select id, title, provider, origin, started_at, message_count,
    case when coalesce(title, '') = '' then (
        select left(text, 120) from messages
        where conversation_id = conversations.id and role = 'user' and on_branch order by position limit 1
    ) end,
    (select count(distinct fact_id) from fact_sources where conversation_id = conversations.id),
    exists (
        select from extractions where conversation_id = conversations.id
            and extractions.content_hash = conversations.content_hash and outcome in ('read', 'trivial')
    )
from unnest(cast(:ids as uuid[])) with ordinality as chosen (chosen_id, place)
    join conversations on conversations.id = chosen_id
order by place
"""

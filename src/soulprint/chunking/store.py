"""All SQL of chunking. COPY can't write to tables with row-level security, so rows go through a temporary table."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import database
from soulprint.chunking.shapes import Chunk
from soulprint.reading import Dialogue

STALE = text(r"""
select id from conversations
where exists (
    select from unnest(cast(:tiers as text[])) tier where not exists (
        select from conversation_chunks
        where conversation_id = conversations.id and chunk_tier = tier and number = 0
            and conversation_chunks.content_hash = conversations.content_hash
    )
) and exists (
    select from messages where conversation_id = conversations.id and on_branch and text ~ '\S'
)
order by started_at nulls last, id
""")

CREATE_INCOMING = """
create temporary table incoming_chunks on commit drop as
select id, conversation_id, number, title, content, message_count, chunk_tier, created_at, first_message_id,
    last_message_id, tokens, content_hash
from conversation_chunks with no data
"""
COPY = "copy incoming_chunks from stdin"
DELETE = "delete from conversation_chunks where conversation_id = any(%s)"
INSERT = """
insert into conversation_chunks (id, user_id, conversation_id, number, title, content, message_count, chunk_tier,
    is_recent, created_at, first_message_id, last_message_id, tokens, content_hash)
select id, %s, conversation_id, number, title, content, message_count, chunk_tier,
    coalesce(created_at, now()) > now() - interval '6 months', coalesce(created_at, now()), first_message_id,
    last_message_id, tokens, content_hash
from incoming_chunks
"""
DROP = "drop table incoming_chunks"

AGE = text("""
update conversation_chunks set is_recent = false
where is_recent and created_at <= now() - interval '6 months'
""")


async def stale(session: AsyncSession, tiers: Iterable[str]) -> list[uuid.UUID]:
    """Conversations with text that lack chunks of one of the tiers as they now are, oldest first."""
    return [*await session.scalars(STALE, {"tiers": sorted(tiers)})]


async def replace(session: AsyncSession, account: uuid.UUID, cut: Sequence[tuple[Dialogue, Sequence[Chunk]]]) -> None:
    """Put these chunks in the place of all that the conversations had."""
    connection = await database.driver_connection(session)
    async with connection.cursor() as cursor:
        await cursor.execute(DELETE, ([dialogue.talk.id for dialogue, _ in cut],))
        await cursor.execute(CREATE_INCOMING)
        async with cursor.copy(COPY) as copy:
            for dialogue, chunks in cut:
                for chunk in chunks:
                    await copy.write_row(_row(dialogue, chunk))
        await cursor.execute(INSERT, (account,))
        await cursor.execute(DROP)


async def age(session: AsyncSession) -> None:
    """Note which chunks are recent no more."""
    await session.execute(AGE)


def _row(dialogue: Dialogue, chunk: Chunk) -> tuple[object, ...]:
    return (
        chunk.id,
        dialogue.talk.id,
        chunk.number,
        dialogue.talk.title,
        chunk.content,
        len(chunk.parts),
        chunk.tier,
        chunk.sent_at,
        chunk.parts[0].message_id,
        chunk.parts[-1].message_id,
        chunk.tokens,
        dialogue.content_hash,
    )

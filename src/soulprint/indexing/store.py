"""All SQL of indexing. COPY can't write to tables with row-level security, so rows go through a temporary table."""

from __future__ import annotations

import struct
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import database
from soulprint.indexing.making import AROUND, Indexed, Made
from soulprint.kinds import Role
from soulprint.records import Conversation, SearchTotals

GAP = len(AROUND) // 2
"""Numbers left free after a conversation, so that none of the next one counts as a neighbour."""

STALE = text("select id from conversations where indexed_hash is distinct from content_hash order by started_at, id")

NUMBERS = "passages_id_seq"
RESERVE = "select setval(%s, nextval(%s) + %s) - %s"

DELETE = "delete from passages where conversation_id = any(%s)"
CREATE_INCOMING = """
create temporary table incoming_passages on commit drop as
select id, conversation_id, message_id, by_person, span_start, span_end, said_at, words, context_words, search
from passages with no data;
alter table incoming_passages alter column search set storage external
"""
COPY = "copy incoming_passages from stdin (format binary)"
INSERT = """
insert into passages (id, user_id, conversation_id, message_id, by_person, span_start, span_end, said_at, words,
    context_words, search)
select id, %s, conversation_id, message_id, by_person, span_start, span_end, said_at, words, context_words, search
from incoming_passages
"""
DROP = "drop table incoming_passages"
NOTE = """
update conversations set indexed_hash = noted.hash
from unnest(%s::uuid[], %s::bytea[]) as noted (id, hash) where noted.id = conversations.id
"""
SETTINGS = "set local work_mem = '64MB'; set local synchronous_commit = off"

ADDRESSED = 30
"""Names kept of each side, the most frequent."""

COUNT = text("select count(*), coalesce(avg(context_words), 0), coalesce(max(id), 0) from passages")
KNOWN = text("select coalesce(sum(1), 0) from passages where id <= :last")

FORGET_WORDS = text("delete from vocabulary")
WORDS = text(r"""
insert into vocabulary (user_id, word, passages)
select :account, word, ndoc from ts_stat(format(
    'select search from passages where user_id = %L and id > %s', cast(:account as text), cast(:last as bigint)
))
where length(word) between 3 and 40 and word !~ '\d'
on conflict (user_id, word) do update set passages = vocabulary.passages + excluded.passages
""")


async def stale(session: AsyncSession) -> list[uuid.UUID]:
    """Conversations that aren't indexed as they now are, oldest first."""
    return [*await session.scalars(STALE)]


async def progress(session: AsyncSession) -> tuple[int, int]:
    """Conversations that are indexed as they now are, and all."""
    done = func.count().filter(Conversation.indexed_hash == Conversation.content_hash)
    found = (await session.execute(select(done, func.count()).select_from(Conversation))).one()
    return found[0], found[1]


async def replace(session: AsyncSession, account: uuid.UUID, conversations: Sequence[Indexed]) -> None:
    """Put these passages in the place of all that the conversations had, and note what is known of the whole."""
    ids = [each.conversation_id for each in conversations]
    count = sum(len(each.passages) + GAP for each in conversations)
    connection = await database.driver_connection(session)
    async with connection.cursor() as cursor:
        await cursor.execute(SETTINGS)
        await cursor.execute(DELETE, (ids,))
        if count:
            await cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (NUMBERS,))
            reserved = await (await cursor.execute(RESERVE, (NUMBERS, NUMBERS, count, count))).fetchone()
            assert reserved is not None
            await cursor.execute(CREATE_INCOMING)
            async with cursor.copy(COPY) as copy:
                await copy.write(b"".join(_encoded(conversations, reserved[0])))
            await cursor.execute(INSERT, (account,))
            await cursor.execute(DROP)
        await cursor.execute(NOTE, (ids, [each.content_hash for each in conversations]))
    await _note(session, account, conversations)


async def _note(session: AsyncSession, account: uuid.UUID, conversations: Sequence[Indexed]) -> None:
    """Which languages and names have come up."""
    totals = await session.get(SearchTotals, account, with_for_update=True)
    if totals is None:
        totals = SearchTotals(user_id=account, passages=0, context_words=0.0, last_id=0, languages=[], names={})
        session.add(totals)
    met = {each.language for each in conversations if each.language}
    totals.languages = sorted(met.union(totals.languages))
    for side in Role:
        known: Counter[str] = Counter(totals.names.get(side, {}))
        known.update(name for each in conversations for name in each.names.get(side, ()))
        totals.names = {**totals.names, side.value: dict(known.most_common(ADDRESSED))}
    await session.flush()


async def settle(session: AsyncSession, account: uuid.UUID) -> None:
    """Count what a search knows of all passages, and add the words that are new; all of them anew where passages have
    gone, so that none outlives the last text that holds it."""
    totals = await session.get(SearchTotals, account, with_for_update=True)
    if totals is None:
        return
    count, average, newest = (await session.execute(COUNT)).one()
    known = await session.scalar(KNOWN, {"last": totals.last_id})
    if known != totals.passages:
        await session.execute(FORGET_WORDS)
        totals.last_id = 0
    if newest > totals.last_id:
        await session.execute(WORDS, {"account": account, "last": totals.last_id})
    totals.passages, totals.context_words, totals.last_id = count, float(average), newest
    await session.flush()


def _encoded(conversations: Sequence[Indexed], first: int) -> Iterator[bytes]:
    """The rows as Postgres' binary COPY takes them, numbered from `first` on."""
    number = first
    yield _HEADER
    for each in conversations:
        for passage in each.passages:
            yield _row(number, each.conversation_id, passage)
            number += 1
        number += GAP
    yield _TRAILER


def _row(number: int, conversation: uuid.UUID, passage: Made) -> bytes:
    start = _START(10, 8, number, 16, conversation.bytes, 8, passage.message_id, 1, passage.by_person)
    time = _NULL if passage.said_at is None else _TIME(8, (passage.said_at - _EPOCH) // _UNIT)
    end = _END(4, passage.words, 8, passage.context_words, len(passage.search))
    return b"".join((start, _SPAN(4, passage.start, 4, passage.end), time, end, passage.search))


_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_START = struct.Struct(">hiqi16siqi?").pack
_SPAN = struct.Struct(">iiii").pack
_TIME = struct.Struct(">iq").pack
_END = struct.Struct(">iiidi").pack
_NULL = struct.pack(">i", -1)
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_UNIT = timedelta(microseconds=1)

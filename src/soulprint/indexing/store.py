"""All SQL of indexing. COPY can't write to tables with row-level security, so rows go through temporary tables."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import database
from soulprint.indexing.making import AROUND, Indexed, Made
from soulprint.kinds import Role
from soulprint.records import Conversation, SearchTotals

GAP = len(AROUND) // 2
"""Numbers left free after a conversation, so that none of the next one counts as a neighbour."""

MOST = 255
"""How often a stem counts in one passage, at the most."""

STALE = text("select id from conversations where indexed_hash is distinct from content_hash order by started_at, id")

NUMBERS = "passages_id_seq"
LOCK = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"
RESERVE = "select setval(%s, nextval(%s) + %s) - %s"

SETTINGS = "set local work_mem = '64MB'; set local synchronous_commit = off"
DELETE = "delete from passages where conversation_id = any(%s)"

PASSAGE = "id, conversation_id, message_id, by_person, span_start, span_end, said_at, words, context_words"
CREATE_PASSAGES = f"create temporary table made on commit drop as select {PASSAGE} from passages with no data"  # noqa: S608
COPY_PASSAGES = "copy made from stdin"
INSERT_PASSAGES = f"insert into passages (user_id, {PASSAGE}) select %s, {PASSAGE} from made"  # noqa: S608

CREATE_POSTINGS = "create temporary table found on commit drop as select word, places from postings with no data"
COPY_POSTINGS = "copy found from stdin"
INSERT_POSTINGS = "insert into postings (user_id, block_id, word, places) select %s, %s, word, places from found"
INSERT_BLOCK = "insert into search_blocks (id, user_id, passages, numbers, first) values (%s, %s, %s, %s, %s)"

DROP = "drop table made, found"
NOTE = """
update conversations set indexed_hash = noted.hash
from unnest(%s::uuid[], %s::bytea[]) as noted (id, hash) where noted.id = conversations.id
"""

ADDRESSED = 30
"""Names kept of each side, the most frequent."""

COUNT = text("select count(*), coalesce(avg(context_words), 0) from passages")

THINNED = """
select id, live from (
    select id, passages, (
        select count(*) from passages where passages.id >= block.id and passages.id < block.id + numbers
    ) as live
    from search_blocks as block
) as counted
where live < passages
"""
PRUNE = """
create temporary table kept on commit drop as
select block_id, word, array_agg(place order by place) as places
from postings, unnest(places) as place
where block_id = any(%(blocks)s) and exists (select from passages where id = block_id + (place >> 8))
group by block_id, word;
delete from postings where block_id = any(%(blocks)s);
insert into postings (user_id, word, block_id, places) select %(account)s, word, block_id, places from kept;
drop table kept;
delete from search_blocks where id = any(%(blocks)s) and not exists (
    select from passages where passages.id >= search_blocks.id and passages.id < search_blocks.id + numbers
);
update search_blocks set passages = counted.live
from unnest(%(blocks)s::bigint[], %(live)s::integer[]) as counted (id, live) where counted.id = search_blocks.id
"""


async def stale(session: AsyncSession) -> list[uuid.UUID]:
    """Conversations that aren't indexed as they now are, oldest first."""
    return [*await session.scalars(STALE)]


async def progress(session: AsyncSession) -> tuple[int, int]:
    """Conversations that are indexed as they now are, and all."""
    done = func.count().filter(Conversation.indexed_hash == Conversation.content_hash)
    found = (await session.execute(select(done, func.count()).select_from(Conversation))).one()
    return found[0], found[1]


async def replace(session: AsyncSession, account: uuid.UUID, conversations: Sequence[Indexed]) -> None:
    """Put these passages in the place of all that the conversations had, as one block, and note what is known of the
    whole."""
    ids = [each.conversation_id for each in conversations]
    block = Block(conversations)
    connection = await database.driver_connection(session)
    async with connection.cursor() as cursor:
        await cursor.execute(SETTINGS)
        await cursor.execute(DELETE, (ids,))
        if block.passages:
            await _write(cursor, account, block)
        await cursor.execute(NOTE, (ids, [each.content_hash for each in conversations]))
    await _note(session, account, conversations)


class Block:
    """Conversations as one block: their passages numbered, and where in it each stem occurs."""

    def __init__(self, conversations: Sequence[Indexed]) -> None:
        self.passages: list[tuple[int, uuid.UUID, Made]] = []
        """Each with its number and its conversation."""
        self.first: list[int] = []
        self.postings: defaultdict[bytes, list[int]] = defaultdict(list)
        self.numbers = 0
        for each in conversations:
            if each.passages:
                self._add(each)

    def _add(self, conversation: Indexed) -> None:
        self.first.append(self.numbers)
        for number, passage in enumerate(conversation.passages, self.numbers):
            self.passages.append((number, conversation.conversation_id, passage))
            for stem, count in passage.counts.items():
                self.postings[stem].append(number << 8 | min(count, MOST))
        self.numbers += len(conversation.passages) + GAP


async def _write(cursor: psycopg.AsyncCursor[Any], account: uuid.UUID, block: Block) -> None:
    await cursor.execute(LOCK, (NUMBERS,))
    reserved = await (await cursor.execute(RESERVE, (NUMBERS, NUMBERS, block.numbers, block.numbers))).fetchone()
    assert reserved is not None
    first: int = reserved[0]
    await cursor.execute(CREATE_PASSAGES)
    await cursor.execute(CREATE_POSTINGS)
    async with cursor.copy(COPY_PASSAGES) as copy:
        await copy.write("".join(_passage_rows(block, first)).encode())
    async with cursor.copy(COPY_POSTINGS) as copy:
        await copy.write(b"".join(_posting_rows(block)))
    await cursor.execute(INSERT_BLOCK, (first, account, len(block.passages), block.numbers, block.first))
    await cursor.execute(INSERT_PASSAGES, (account,))
    await cursor.execute(INSERT_POSTINGS, (account, first))
    await cursor.execute(DROP)


def _passage_rows(block: Block, first: int) -> Iterator[str]:
    for number, conversation, made in block.passages:
        said_at = made.said_at.isoformat() if made.said_at else r"\N"
        row = (first + number, conversation, made.message_id, made.by_person, made.start, made.end, said_at)
        yield "\t".join(map(str, (*row, made.words, made.context_words))) + "\n"


def _posting_rows(block: Block) -> Iterator[bytes]:
    """Stems are letters and digits: nothing in them needs an escape. In order, as the index wants them."""
    for stem in sorted(block.postings):
        yield b"%b\t{%b}\n" % (stem, ",".join(map(str, block.postings[stem])).encode())


async def _note(session: AsyncSession, account: uuid.UUID, conversations: Sequence[Indexed]) -> None:
    """Which languages and names have come up."""
    totals = await session.get(SearchTotals, account, with_for_update=True)
    if totals is None:
        totals = SearchTotals(user_id=account, passages=0, context_words=0.0, languages=[], names={})
        session.add(totals)
    met = {each.language for each in conversations if each.language}
    totals.languages = sorted(met.union(totals.languages))
    for side in Role:
        known: Counter[str] = Counter(totals.names.get(side, {}))
        known.update(name for each in conversations for name in each.names.get(side, ()))
        totals.names = {**totals.names, side.value: dict(known.most_common(ADDRESSED))}
    await session.flush()


async def settle(session: AsyncSession, account: uuid.UUID) -> None:
    """Take out of the postings what is there no more, so that no word outlives the last text that holds it, and count
    what a search knows of all passages."""
    connection = await database.driver_connection(session)
    async with connection.cursor() as cursor:
        thinned = await (await cursor.execute(THINNED)).fetchall()
        if thinned:
            blocks, live = zip(*thinned, strict=True)
            await _run_all(cursor, PRUNE, {"account": account, "blocks": [*blocks], "live": [*live]})
    totals = await session.get(SearchTotals, account, with_for_update=True)
    if totals is not None:
        count, average = (await session.execute(COUNT)).one()
        totals.passages, totals.context_words = count, float(average)
        await session.flush()


async def _run_all(cursor: psycopg.AsyncCursor[Any], statements: str, values: dict[str, object]) -> None:
    """One after the other: with values, the driver takes one at a time."""
    for statement in statements.split(";"):
        await cursor.execute(statement, values)

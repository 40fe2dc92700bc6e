"""All SQL of merging: what findings become part of, and how facts stand to each other."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, delete, exists, func, not_, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import database
from soulprint.records import Fact, FactSource, FactStatus, Message


class Known(NamedTuple):
    """A fact as findings are held against it."""

    id: int
    about: str
    statement: str


class Told(NamedTuple):
    """A source as it is given to a fact."""

    id: int
    fact_id: int | None
    about: str
    statement: str
    quote: str


class Standing(NamedTuple):
    """A fact that holds, or may."""

    id: int
    about: str
    statement: str
    language: str | None
    status: str
    is_fixed: bool
    is_fresh: bool
    """Whether it came, or came back, since facts were settled last."""
    said: datetime | None
    """Last, in UTC; of what the person entered, when they did."""
    true_from: date | None
    true_to: date | None


class Join(NamedTuple):
    """That a source joins a fact."""

    source: int
    fact: int
    founds: bool
    """Whether the fact is new, and this the source that its statement is taken from."""


class Supersession(NamedTuple):
    """A fact that gave way, or did."""

    id: int
    about: str
    status: str
    superseded_by: int | None
    said: datetime | None


class Proof(NamedTuple):
    """A fact with one of its sources; a fact has as many rows as sources, all next to one another."""

    fact: int
    status: str
    source: int
    conversation: uuid.UUID
    quote: str
    engine: str
    said_at: datetime | None
    true_from: date | None
    true_to: date | None


class Settled(NamedTuple):
    """What a fact's sources make of it."""

    fact: int
    best: int
    """The source that its statement is taken from."""
    confidence: float
    said_first: datetime | None
    said_last: datetime | None
    true_from: date | None
    true_to: date | None


async def known(session: AsyncSession, account: uuid.UUID) -> AsyncGenerator[list[Known], None]:
    """All facts in batches, those first that the person entered, pinned or rejected: no pass changes them."""
    async for rows in database.streamed(session, KNOWN, account):
        yield [Known(*row) for row in rows]


async def told(session: AsyncSession, account: uuid.UUID) -> AsyncGenerator[list[Told], None]:
    """All sources in batches, those said first first, in an order that doesn't depend on when they were written."""
    async for rows in database.streamed(session, TOLD, account):
        yield [Told(*row) for row in rows]


async def standing(
    session: AsyncSession, account: uuid.UUID, ids: Sequence[int] | None = None
) -> AsyncGenerator[list[Standing], None]:
    """The facts that are active, disputed or pinned, in batches, by id; of those named by `ids` where that is given."""
    async for rows in database.streamed(session, STANDING, account, None if ids is None else [*ids]):
        yield [Standing(*row) for row in rows]


async def proofs(session: AsyncSession, account: uuid.UUID) -> AsyncGenerator[list[Proof], None]:
    """The sources of all facts that passes may change, in batches, each fact's next to one another."""
    async for rows in database.streamed(session, PROOFS, account):
        yield [Proof(*row) for row in rows]


async def has_findings(session: AsyncSession) -> bool:
    """Whether there are findings that no fact has."""
    return bool(await session.scalar(select(exists().where(FactSource.fact_id.is_(None)))))


async def count_facts(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(Fact)) or 0


async def new_ids(session: AsyncSession, count: int) -> list[int]:
    """Numbers for facts to be, ascending."""
    drawn = text("select nextval(pg_get_serial_sequence('facts', 'id')) from generate_series(1, :count)")
    return sorted((await session.scalars(drawn, {"count": count})).all())


async def join(session: AsyncSession, account: uuid.UUID, joins: Sequence[Join]) -> None:
    """Give sources to facts, and make the facts that are new. A source that is gone, or has a fact, is left out.

    A superseded fact that was said again after what took its place is active again.
    """
    connection = await database.driver_connection(session)
    async with connection.cursor() as cursor:
        await cursor.execute(CREATE_JOINS)
        async with cursor.copy("copy joins from stdin") as copy:
            for each in joins:
                await copy.write_row(each)
        await cursor.execute("analyze joins")
        await cursor.execute(FOUND, {"account": account})
        await cursor.execute(JOIN)
        await cursor.execute(TOUCH)
        await cursor.execute(RETURN_TO_ACTIVE)
        await cursor.execute("drop table joins")


async def merge(session: AsyncSession, merges: Sequence[tuple[int, int]]) -> None:
    """Give the sources of each second fact to the first, and remove the second. Nobody merges what is fixed away."""
    for into, gone in merges:
        await session.execute(update(FactSource).where(FactSource.fact_id == gone).values(fact_id=into))
        await session.execute(update(Fact).where(Fact.superseded_by == gone).values(superseded_by=into))
        await session.execute(delete(Fact).where(Fact.id == gone))
    if merges:
        await session.execute(text(SPAN), {"ids": sorted({into for into, _ in merges})})


async def supersede(session: AsyncSession, pairs: Sequence[tuple[int, int]]) -> None:
    """Let each first fact give way to the second."""
    for older, newer in pairs:
        values = {"status": FactStatus.SUPERSEDED, "superseded_by": newer}
        await session.execute(update(Fact).where(Fact.id == older, _is_free()).values(values))


async def set_status(session: AsyncSession, ids: Collection[int], status: FactStatus) -> None:
    if ids:
        changed = update(Fact).where(Fact.id == func.any([*ids]), _is_free())
        await session.execute(changed.values(status=status, superseded_by=None))


def _is_free() -> ColumnElement[bool]:
    """Whether passes may change the fact."""
    return and_(Fact.status.notin_([FactStatus.PINNED, FactStatus.REJECTED]), Fact.origin != "person")


async def supersessions(session: AsyncSession) -> list[Supersession]:
    """The facts that are superseded, and those that took their place or may: whatever shares their subject."""
    await session.execute(text("set local time zone 'UTC'"))
    return [Supersession(*row) for row in await session.execute(text(SUPERSESSIONS))]


async def disputed(session: AsyncSession) -> list[tuple[int, str, str, bool]]:
    """Id, subject and statement of the disputed facts and of those that passes may not change, and whether they are of
    the latter: what disputes a fact is of one of the two kinds."""
    query = select(Fact.id, Fact.about, Fact.statement, not_(_is_free())).order_by(Fact.id)
    query = query.where(
        or_(Fact.status == FactStatus.DISPUTED, and_(Fact.status != FactStatus.REJECTED, not_(_is_free())))
    )
    return [(id_, about, statement, fixed) for id_, about, statement, fixed in await session.execute(query)]


async def newest_message(session: AsyncSession) -> datetime | None:
    """When the newest message of the history was sent."""
    return await session.scalar(select(func.max(Message.sent_at)).where(Message.on_branch))


async def settle(session: AsyncSession, settled: Sequence[Settled]) -> None:
    """Write what sources make of facts, where it isn't so already."""
    connection = await database.driver_connection(session)
    async with connection.cursor() as cursor:
        await cursor.execute(CREATE_SETTLED)
        async with cursor.copy("copy settled from stdin") as copy:
            for each in settled:
                await copy.write_row(each)
        await cursor.execute("analyze settled")
        await cursor.execute(SETTLE)
        await cursor.execute("drop table settled")


async def end_superseded(session: AsyncSession) -> None:
    """Date the end of superseded facts: when what took their place became true, else when that was said."""
    await session.execute(text("set local time zone 'UTC'"))
    await session.execute(text(END_SUPERSEDED))


KNOWN = """
select id, about, statement
from facts where user_id = %s
order by (status in ('pinned', 'rejected') or origin = 'person') desc, id
"""

TOLD = """
select id, fact_id, about, statement, quote
from fact_sources where user_id = %s
order by said_at nulls first, message_id, span_start, span_end, statement collate "C", id
"""

STANDING = """
select id, about, statement, language, status, status = 'pinned' or origin = 'person', confidence = 0,
    case when origin = 'person' then coalesce(said_last, created_at) else said_last end, true_from, true_to
from facts
where user_id = %s and status in ('active', 'disputed', 'pinned') and (id = any(%s) is not false)
order by id
"""

CREATE_JOINS = "create temporary table joins (source bigint, fact bigint, founds boolean) on commit drop"

FOUND = """
insert into facts (id, user_id, category, about, statement, language, confidence, true_to)
select joins.fact, %(account)s, category, about, statement, language, 0, true_to
from joins join fact_sources on fact_sources.id = joins.source and fact_sources.fact_id is null
where joins.founds
for update of fact_sources
"""
"""The founders are held, so that no fact is left without a source. With no confidence: that is computed when facts are
settled, and marks till then what is fresh."""

JOIN = """
update fact_sources set fact_id = joins.fact
from joins
where fact_sources.id = joins.source and fact_sources.fact_id is null
    and exists (select from facts where facts.id = joins.fact)
"""

TOUCH = """
update facts
set said_first = least(facts.said_first, told.first), said_last = greatest(facts.said_last, told.last),
    true_from = least(facts.true_from, told.since), updated_at = now()
from (
    select fact, min(said_at) as first, max(said_at) as last, min(true_from) as since
    from joins join fact_sources on fact_sources.id = joins.source and fact_sources.fact_id = joins.fact
    group by fact
) as told
where facts.id = told.fact and facts.status not in ('pinned', 'rejected') and facts.origin <> 'person'
"""

RETURN_TO_ACTIVE = """
update facts set status = 'active', superseded_by = null, true_to = null, confidence = 0, updated_at = now()
from facts as newer
where facts.id in (select fact from joins) and facts.status = 'superseded' and facts.origin <> 'person'
    and newer.id = facts.superseded_by and facts.said_last > newer.said_last
"""

SPAN = """
update facts
set said_first = told.first, said_last = told.last, true_from = told.since, updated_at = now()
from (
    select fact_id, min(said_at) as first, max(said_at) as last, min(true_from) as since
    from fact_sources where fact_id = any(:ids) group by fact_id
) as told
where facts.id = told.fact_id and facts.status not in ('pinned', 'rejected') and facts.origin <> 'person'
"""

SUPERSESSIONS = """
select id, about, status, superseded_by, said_last
from facts
where status in ('active', 'pinned', 'superseded', 'rejected') and (
    status = 'superseded'
    or id in (select superseded_by from facts where status = 'superseded')
    or about in (select about from facts where status = 'superseded')
)
order by id
"""

PROOFS = """
select facts.id, facts.status, fact_sources.id, conversation_id, quote, engine, fact_sources.said_at,
    fact_sources.true_from, fact_sources.true_to
from facts join fact_sources on fact_sources.fact_id = facts.id
where facts.user_id = %s and facts.status not in ('pinned', 'rejected') and facts.origin <> 'person'
order by facts.id, fact_sources.id
"""

CREATE_SETTLED = """
create temporary table settled (
    fact bigint, best bigint, confidence double precision, said_first timestamptz, said_last timestamptz,
    true_from date, true_to date
) on commit drop
"""

SETTLE = """
update facts
set category = best.category, about = best.about, statement = best.statement, language = best.language,
    confidence = settled.confidence, said_first = settled.said_first, said_last = settled.said_last,
    true_from = settled.true_from, updated_at = now(),
    true_to = case when facts.status = 'superseded' then facts.true_to else settled.true_to end
from settled join fact_sources as best on best.id = settled.best
where facts.id = settled.fact and best.fact_id = facts.id
    and facts.status not in ('pinned', 'rejected') and facts.origin <> 'person'
    and (facts.category, facts.about, facts.statement, facts.language, facts.confidence, facts.said_first,
            facts.said_last, facts.true_from, case when facts.status = 'superseded' then null else facts.true_to end)
        is distinct from (best.category, best.about, best.statement, best.language, settled.confidence,
            settled.said_first, settled.said_last, settled.true_from,
            case when facts.status = 'superseded' then null else settled.true_to end)
"""

END_SUPERSEDED = """
update facts
set true_to = ended.day, updated_at = now()
from (
    select older.id, coalesce(
        case when newer.true_from > older.true_from or older.true_from is null then newer.true_from end,
        case when newer.said_first > older.said_last then newer.said_first else newer.said_last end::date
    ) as day
    from facts as older join facts as newer on newer.id = older.superseded_by
    where older.status = 'superseded' and older.origin <> 'person'
) as ended
where facts.id = ended.id and facts.true_to is distinct from ended.day
"""

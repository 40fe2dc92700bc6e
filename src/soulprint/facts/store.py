"""All SQL by which facts are read. Of findings: `finding.store`; of what becomes of them: `merging.store`."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts.shapes import ALL, FactView, Wanted
from soulprint.records import Fact, FactSource
from soulprint.records.sections import Quote


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact stands in a list."""

    id: int
    confidence: float
    said_last: datetime | None


async def views(
    session: AsyncSession,
    wanted: Wanted = ALL,
    *,
    limit: int | None = None,
    after: Place | None = None,
    sources: int | None = None,
) -> list[FactView]:
    """The facts that are wanted, those behind the place `after`, with their newest `sources` (None: all)."""
    order = NEWEST if wanted.newest else SUREST
    query = select(*VIEWED).where(*_conditions(wanted)).order_by(*order).limit(limit)
    if after is not None:
        query = query.where(_behind(after, newest=wanted.newest))
    await session.execute(text("set local time zone 'UTC'"))
    # Rows and not records: of a long history there are hundreds of thousands.
    rows = (await session.execute(query)).mappings().all()
    quotes: dict[int, list[Quote]] = {}
    for start in range(0, len(rows), BATCH):
        quotes |= await _quotes(session, [row["id"] for row in rows[start : start + BATCH]], sources)
    return [FactView(**row, sources=quotes.get(row["id"], [])) for row in rows]


async def count(session: AsyncSession, wanted: Wanted) -> int:
    return await session.scalar(select(func.count()).select_from(Fact).where(*_conditions(wanted))) or 0


async def place(session: AsyncSession, fact: int) -> Place | None:
    """None where there is no such fact."""
    row = (await session.execute(select(Fact.id, Fact.confidence, Fact.said_last).where(Fact.id == fact))).one_or_none()
    return Place(*row) if row else None


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.category is not None:
        yield Fact.category == wanted.category
    if wanted.statuses:
        yield Fact.status.in_(sorted(wanted.statuses))
    if wanted.least:
        yield Fact.confidence >= wanted.least
    if wanted.below is not None:
        yield Fact.confidence < wanted.below
    if wanted.since:
        yield Fact.said_last >= datetime.combine(wanted.since, time(), UTC)
    if wanted.until:
        yield Fact.said_first < datetime.combine(wanted.until, time(), UTC) + timedelta(days=1)
    if wanted.conversation:
        yield Fact.id.in_(select(FactSource.fact_id).where(FactSource.conversation_id == wanted.conversation))
    for word in wanted.words:
        # A look through all: row security lets no index of words be used.
        quoted = select(FactSource.fact_id).where(FactSource.sought.contains(word.lower(), autoescape=True))
        yield or_(Fact.sought.contains(word.lower(), autoescape=True), Fact.id.in_(quoted))


def _behind(place: Place, *, newest: bool) -> ColumnElement[bool]:
    if not newest:
        return or_(Fact.confidence < place.confidence, and_(Fact.confidence == place.confidence, Fact.id > place.id))
    if place.said_last is None:
        return and_(Fact.said_last.is_(None), Fact.id < place.id)
    return or_(
        Fact.said_last < place.said_last,
        and_(Fact.said_last == place.said_last, Fact.id < place.id),
        Fact.said_last.is_(None),
    )


@dataclass(frozen=True, slots=True)
class Score:
    """A fact's place in the inbox."""

    fact: int
    value: float


@dataclass(frozen=True, slots=True)
class Measures:
    """What scores are made of; `reviewing` says why."""

    disputed: float
    sure: float
    weights: Mapping[str, float]
    lines: Mapping[int, int]


async def doubted(session: AsyncSession, by: Measures, *, limit: int, after: Score | None) -> list[Score]:
    """The facts that wait for the person's word, the highest score first; those behind the place `after`."""
    values = {
        "disputed": by.disputed,
        "sure": by.sure,
        "weights": json.dumps(dict(by.weights)),
        "facts": [*by.lines],
        "lines": [*by.lines.values()],
        "limit": limit,
        "score": after.value if after else None,
        "after": after.fact if after else None,
    }
    return [Score(*row) for row in await session.execute(text(DOUBTED), values)]


async def doubted_count(session: AsyncSession, sure: float) -> int:
    return await session.scalar(text(WAITING), {"sure": sure}) or 0


async def rivals(session: AsyncSession, disputed: Collection[int]) -> dict[int, list[FactView]]:
    """By disputed fact the others of its subject that are disputed too."""
    if not disputed:
        return {}
    rows = (await session.execute(text(RIVALS), {"facts": [*disputed]})).all()
    views = {fact.id: fact for fact in await by_ids(session, {rival for _, rival in rows})}
    return {fact: [views[rival] for of, rival in rows if of == fact] for fact in disputed}


async def days(
    session: AsyncSession, *, category: str | None, until: date | None, after: tuple[date, int] | None, limit: int
) -> list[tuple[date, int]]:
    """Day and id of facts that hold or held, the latest first: those until a day, and behind the place `after`."""
    values = {"category": category, "until": until, "limit": limit, "day": None, "after": None}
    if after:
        values |= {"day": after[0], "after": after[1]}
    return [(day, id) for day, id in await session.execute(text(DAYS), values)]  # noqa: A001


async def years(session: AsyncSession, category: str | None) -> list[tuple[int, int]]:
    """The years of the timeline, the latest first, each with how many facts it has."""
    rows = await session.execute(text(YEARS), {"category": category})
    return [(int(year), number) for year, number in rows]


async def replaced(session: AsyncSession, facts: Collection[int]) -> dict[int, list[FactView]]:
    """By fact what it took the place of."""
    if not facts:
        return {}
    query = select(Fact.id, Fact.superseded_by).where(Fact.superseded_by.in_([*facts])).order_by(Fact.said_first)
    rows = (await session.execute(query)).all()
    views = {fact.id: fact for fact in await by_ids(session, {row.id for row in rows})}
    return {fact: [views[row.id] for row in rows if row.superseded_by == fact] for fact in facts}


async def by_ids(session: AsyncSession, facts: Collection[int]) -> list[FactView]:
    """These facts with all their sources, in the order of their ids."""
    await session.execute(text("set local time zone 'UTC'"))
    rows = (await session.execute(select(*VIEWED).where(Fact.id.in_([*facts])).order_by(Fact.id))).mappings().all()
    quotes = await _quotes(session, [row["id"] for row in rows], None)
    return [FactView(**row, sources=quotes.get(row["id"], [])) for row in rows]


async def _quotes(session: AsyncSession, facts: list[int], most: int | None) -> dict[int, list[Quote]]:
    """The newest sources of each fact, newest first."""
    rows = await session.execute(text(QUOTES), {"facts": facts, "most": most})
    quotes: dict[int, list[Quote]] = {}
    for fact, message, conversation, title, said_at, start, end, quote in rows:
        found = Quote(
            message_id=message,
            conversation_id=conversation,
            title=title,
            said_at=said_at,
            start=start,
            end=end,
            text=quote,
            fact_id=fact,
        )
        quotes.setdefault(fact, []).append(found)
    return quotes


SUREST = (Fact.confidence.desc(), Fact.id)
NEWEST = (Fact.said_last.desc().nulls_last(), Fact.id.desc())

BATCH = 2000
"""Rows held at once."""

WAITS = """
(status = 'disputed' or (status = 'active' and confidence < :sure and not exists (
    select from fact_changes
    where fact_changes.fact_id = facts.id and fact_changes.kind = 'confirmed' and undone_at is null
)))
"""

WAITING = f"select count(*) from facts where {WAITS}"  # noqa: S608 (nothing in it is from outside)

DOUBTED = f"""
with resting as (
    select * from unnest(cast(:facts as bigint[]), cast(:lines as integer[])) as resting (fact_id, lines)
), scored as (
    select facts.id, (1 + coalesce(resting.lines, 0))
        * coalesce(cast(cast(:weights as jsonb) ->> category as double precision), 1)
        * greatest(1 - confidence, case when status = 'disputed' then cast(:disputed as double precision) end) as score
    from facts left join resting on resting.fact_id = facts.id
    where {WAITS}
)
select id, score from scored
where cast(:after as bigint) is null or score < :score or (score = :score and id > :after)
order by score desc, id limit :limit
"""  # noqa: S608

RIVALS = """
select facts.id, rival.id
from facts join facts as rival using (user_id, category, about)
where facts.id = any(:facts) and rival.id <> facts.id and rival.status = 'disputed'
order by rival.confidence desc, rival.id
"""

DAY = "coalesce(true_from, cast(said_first at time zone 'UTC' as date))"

DAYS = f"""
select {DAY} as day, id from facts
where status <> 'rejected' and {DAY} is not null
    and (cast(:category as text) is null or category = :category)
    and (cast(:until as date) is null or {DAY} <= :until)
    and (cast(:day as date) is null or ({DAY}, id) < (:day, :after))
order by day desc, id desc limit :limit
"""  # noqa: S608

YEARS = f"""
select extract(year from {DAY}) as year, count(*) from facts
where status <> 'rejected' and {DAY} is not null and (cast(:category as text) is null or category = :category)
group by year order by year desc
"""  # noqa: S608

VIEWED = (
    *(Fact.id, Fact.category, Fact.about, Fact.statement, Fact.language, Fact.confidence, Fact.status, Fact.origin),
    *(Fact.said_first, Fact.said_last, Fact.true_from, Fact.true_to, Fact.superseded_by),
)
"""The fields of `FactView`."""

QUOTES = """
select fact_id, message_id, conversation_id, title, said_at, span_start, span_end, quote
from (
    select fact_sources.*, row_number() over (
        partition by fact_id order by fact_sources.said_at desc nulls last, fact_sources.id desc
    ) as place
    from fact_sources where fact_id = any(:facts)
) as newest join conversations on conversations.id = newest.conversation_id
where place <= coalesce(cast(:most as bigint), place)
order by fact_id, place
"""

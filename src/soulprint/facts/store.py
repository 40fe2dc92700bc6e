"""All SQL by which facts are read. Of findings: `finding.store`; of what becomes of them: `merging.store`."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import and_, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts.shapes import FactView
from soulprint.records import Fact
from soulprint.records.sections import Quote


async def views(
    session: AsyncSession,
    *,
    category: str | None = None,
    statuses: Collection[str] = (),
    limit: int | None = None,
    after: tuple[float, int] | None = None,
    sources: int | None = None,
) -> list[FactView]:
    """Facts with their newest `sources` (None: all), the surest first; those that come after a fact of this confidence
    and id."""
    query = select(*VIEWED).order_by(Fact.confidence.desc(), Fact.id).limit(limit)
    if category is not None:
        query = query.where(Fact.category == category)
    if statuses:
        query = query.where(Fact.status.in_(sorted(statuses)))
    if after is not None:
        query = query.where(or_(Fact.confidence < after[0], and_(Fact.confidence == after[0], Fact.id > after[1])))
    await session.execute(text("set local time zone 'UTC'"))
    # Rows and not records: of a long history there are hundreds of thousands.
    rows = (await session.execute(query)).mappings().all()
    quotes: dict[int, list[Quote]] = {}
    for start in range(0, len(rows), BATCH):
        quotes |= await _quotes(session, [row["id"] for row in rows[start : start + BATCH]], sources)
    return [FactView(**row, sources=quotes.get(row["id"], [])) for row in rows]


async def by_ids(session: AsyncSession, facts: Collection[int]) -> list[FactView]:
    """These facts with all their sources, in the order of their ids."""
    await session.execute(text("set local time zone 'UTC'"))
    rows = (await session.execute(select(*VIEWED).where(Fact.id.in_([*facts])).order_by(Fact.id))).mappings().all()
    quotes = await _quotes(session, [row["id"] for row in rows], None)
    return [FactView(**row, sources=quotes.get(row["id"], [])) for row in rows]


async def confidence_of(session: AsyncSession, fact: int) -> float | None:
    """None where there is no such fact."""
    return await session.scalar(select(Fact.confidence).where(Fact.id == fact))


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


BATCH = 2000
"""Rows held at once."""

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

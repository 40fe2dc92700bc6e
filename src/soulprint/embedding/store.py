"""All SQL of the room: which passages lack a vector, vectors, and the nearest to one. Exact, within one account."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.database import Database


class Unread(NamedTuple):
    """A passage without a vector."""

    id: int
    text: str


class Near(NamedTuple):
    """A passage and how near it is."""

    id: int
    cosine: float


class Spread(NamedTuple):
    """How near passages are in general."""

    mean: float
    deviation: float


SAMPLE = 400
"""Passages by which is told how near they are in general."""

POSSIBLE = text("select to_regclass('passage_vectors') is not null")

BEGIN = text("""
update search_totals set vectors_by = :model where user_id = :account and (
    vectors_by is null
    or not exists (select from passage_vectors where model = vectors_by)
)
""")
FINISH = text("update search_totals set vectors_by = :model where user_id = :account")
FORGET_OTHERS = text("delete from passage_vectors where model <> :model")

UNREAD = text("""
select passages.id, substring(messages.text, span_start + 1, span_end - span_start)
from passages join messages on messages.id = message_id
where (cast(:before as bigint) is null or passages.id < :before) and not exists (
    select from passage_vectors where passage_id = passages.id and model = :model
)
order by passages.id desc
limit :most
""")

# A passage may have gone while its vector was made.
KEEP = text("""
insert into passage_vectors (passage_id, model, user_id, embedding)
select passages.id, :model, :account, cast(made.embedding as halfvec)
from unnest(cast(:ids as bigint[]), cast(:vectors as text[])) as made (id, embedding)
join passages on passages.id = made.id
on conflict do nothing
""")

PROGRESS = text("""
select (select count(*) from passage_vectors where model = :model), (select count(*) from passages)
""")

SERVING = text("select vectors_by from search_totals")

NEAREST = text("""
select passage_id, -(embedding <#> cast(:vector as halfvec)) as cosine
from passage_vectors
where model = :model
order by embedding <#> cast(:vector as halfvec)
limit :most
""")
NEAREST_IN_TIME = text("""
select passage_id, -(embedding <#> cast(:vector as halfvec)) as cosine
from passage_vectors join passages on passages.id = passage_id
where model = :model
    and said_at >= coalesce(cast(:since as timestamptz), '-infinity')
    and said_at < coalesce(cast(:until as timestamptz), 'infinity')
order by embedding <#> cast(:vector as halfvec)
limit :most
""")
COSINES = text("""
select passage_id, -(embedding <#> cast(:vector as halfvec)) as cosine
from passage_vectors
where model = :model and passage_id = any(:ids)
""")
SPREAD = text("""
select avg(cosine), coalesce(stddev(cosine), 0)
from (
    select -(embedding <#> cast(:vector as halfvec)) as cosine
    from passage_vectors where model = :model and passage_id % :step = 0
    limit :most
) as sample
""")


async def is_possible(db: Database) -> bool:
    """Whether this database can hold vectors: it has pgvector, and had it when its tables were made."""
    async with db.session() as session:
        return bool(await session.scalar(POSSIBLE))


async def begin(session: AsyncSession, account: uuid.UUID, model: str) -> None:
    """Let the first vectors be searched at once. Those that replace another model's wait until all are made."""
    await session.execute(BEGIN, {"model": model, "account": account})


async def finish(session: AsyncSession, account: uuid.UUID, model: str) -> None:
    """Let the vectors of `model` be searched, and delete all others."""
    await session.execute(FINISH, {"model": model, "account": account})
    await session.execute(FORGET_OTHERS, {"model": model})


async def unread(session: AsyncSession, model: str, before: int | None, most: int) -> list[Unread]:
    """Passages without a vector of `model`, the newest first, those numbered below `before`."""
    rows = await session.execute(UNREAD, {"model": model, "before": before, "most": most})
    return [Unread(*row) for row in rows]


async def keep(
    session: AsyncSession, account: uuid.UUID, model: str, vectors: Sequence[tuple[int, Sequence[float]]]
) -> int:
    """Write the vectors of these passages; gives how many were written."""
    values = {
        "model": model,
        "account": account,
        "ids": [number for number, _ in vectors],
        "vectors": [_written(vector) for _, vector in vectors],
    }
    result = await session.execute(KEEP, values)
    return int(result.rowcount)  # type: ignore[attr-defined]


async def progress(session: AsyncSession, model: str) -> tuple[int, int]:
    """Passages with a vector of `model`, and all."""
    done, total = (await session.execute(PROGRESS, {"model": model})).one()
    return done, total


async def serving(session: AsyncSession) -> str | None:
    """The embedder whose vectors are searched."""
    found: str | None = await session.scalar(SERVING)
    return found


async def nearest(
    session: AsyncSession,
    model: str,
    vector: Sequence[float],
    most: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Near]:
    """The passages nearest to `vector`, of length 1, that were said in this time; nearest first."""
    values = {"model": model, "vector": _written(vector), "most": most}
    if since is None and until is None:
        rows = await session.execute(NEAREST, values)
    else:
        rows = await session.execute(NEAREST_IN_TIME, values | {"since": since, "until": until})
    return [Near(*row) for row in rows]


async def cosines(
    session: AsyncSession, model: str, vector: Sequence[float], passages: Collection[int]
) -> dict[int, float]:
    """How near each of these passages is, those that have a vector."""
    rows = await session.execute(COSINES, {"model": model, "vector": _written(vector), "ids": [*passages]})
    return {row.passage_id: row.cosine for row in rows}


async def spread(session: AsyncSession, model: str, vector: Sequence[float], passages: int) -> Spread | None:
    """How near passages are in general, by a sample of `passages` in all; None where none has a vector."""
    step = max(1, passages // SAMPLE)
    values = {"model": model, "vector": _written(vector), "step": step, "most": SAMPLE}
    mean, deviation = (await session.execute(SPREAD, values)).one()
    return Spread(float(mean), float(deviation)) if mean is not None else None


def _written(vector: Sequence[float]) -> str:
    return "[" + ",".join(f"{part:.6g}" for part in vector) + "]"

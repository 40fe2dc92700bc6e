"""All SQL of the room: which passages lack a vector, vectors, and the nearest to one, within one account."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.database import Database, vectors


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


class Standing(NamedTuple):
    """What a search has to know of the vectors of a model."""

    dimensions: int | None
    """None where there are none."""
    is_indexed: bool
    """Whether there is an index of the nearest."""


CANDIDATES = 8
"""For each passage that is sought, those that are compared by all their numbers. Of the nearest turns of LoCoMo, 8 find
97 to 99 of 100, 4 find 90 to 97 (MiniLM)."""

FEWEST_CANDIDATES = 800
"""So many are compared in any case: all, in a small history."""

SAMPLE = 400
"""Passages by which is told how near they are in general."""

IS_POSSIBLE = text("select to_regclass('passage_vectors') is not null")

BEGIN = text("""
update search_totals set vectors_by = :model where user_id = :account and vectors_by is distinct from :model and (
    :at_once or vectors_by is null or not exists (select from passage_vectors where model = vectors_by)
)
""")
FINISH = text(
    "update search_totals set vectors_by = :model where user_id = :account and vectors_by is distinct from :model"
)
# Two ranges of the index, which is not read for `<>`.
FORGET_OTHERS = (
    text("delete from passage_vectors where user_id = :account and model < :model"),
    text("delete from passage_vectors where user_id = :account and model > :model"),
)

UNREAD = text("""
select passages.id, substring(messages.text, span_start + 1, span_end - span_start)
from passages join messages on messages.id = message_id
where (cast(:before as bigint) is null or passages.id < :before) and not exists (
    select from passage_vectors where passage_id = passages.id and model = :model
)
order by passages.id desc
limit :most
""")

# A passage may have gone while its vector was made, or be going just now.
KEEP = text("""
with here as materialized (select id from passages where id = any(:ids) for key share)
insert into passage_vectors (passage_id, model, user_id, embedding)
select here.id, :model, :account, cast(made.embedding as halfvec)
from unnest(cast(:ids as bigint[]), cast(:vectors as text[])) as made (id, embedding) join here on here.id = made.id
on conflict do nothing
""")

PROGRESS = text("""
select (select count(*) from passage_vectors where model = :model and bits is not null), (select count(*) from passages)
""")

MISSING = text("""
select (select count(*) from passages) - (select count(*) from passage_vectors where model = :model)
""")

SERVING = text("select vectors_by from search_totals")

STANDING = text("""
select (select vector_dims(embedding) from passage_vectors where model = :model and bits is not null limit 1),
    exists (select from pg_index where indexrelid = to_regclass(:index) and indisvalid)
""")

NEAREST = """
select passage_id, -(embedding <#> cast(:vector as halfvec)) as cosine
from passage_vectors
where model = :model and passage_id = any(array(
    select passage_id from passage_vectors {of_time}
    order by bits <~> binary_quantize(cast(:vector as halfvec))
    limit :candidates
))
order by cosine desc
limit :most
"""
ANY_TIME = "where model = :model and bits is not null"
IN_TIME = """
join passages on passages.id = passage_id
where model = :model and bits is not null
    and said_at >= coalesce(cast(:since as timestamptz), '-infinity')
    and said_at < coalesce(cast(:until as timestamptz), 'infinity')
"""
NEAREST_EVER = text(NEAREST.format(of_time=ANY_TIME))
NEAREST_IN_TIME = text(NEAREST.format(of_time=IN_TIME))

SEARCH_INDEX = text("select set_config('hnsw.ef_search', '400', true), set_config('hnsw.iterative_scan', :order, true)")
NEAREST_INDEXED = """
select passage_id, -(embedding::halfvec({dimensions}) <#> cast(:vector as halfvec({dimensions}))) as cosine
from passage_vectors
where model = {model}
order by embedding::halfvec({dimensions}) <#> cast(:vector as halfvec({dimensions}))
limit :most
"""

COSINES = text("""
select passage_id, -(embedding <#> cast(:vector as halfvec)) as cosine
from passage_vectors
where model = :model and passage_id = any(:ids) and embedding is not null
""")
SPREAD = text("""
with ends as materialized (
    select min(passage_id) as first, max(passage_id) as last from passage_vectors
    where model = :model and bits is not null
), sample as materialized (
    select distinct passage_id
    from ends cross join generate_series(0, :most - 1) as place cross join lateral (
        select passage_id from passage_vectors
        where model = :model and bits is not null and passage_id >= first + (last - first) * place / (:most - 1)
        order by passage_id
        limit 1
    ) as next
)
select avg(cosine), coalesce(stddev(cosine), 0)
from (
    select -(embedding <#> cast(:vector as halfvec)) as cosine
    from passage_vectors where model = :model and passage_id = any(array(select passage_id from sample))
) as compared
""")

INDEXES = text("""
select relname, indisvalid from pg_index join pg_class on pg_class.oid = indexrelid
where indrelid = to_regclass('passage_vectors') and starts_with(relname, 'ix_passage_vectors_near_')
""")


async def is_possible(db: Database) -> bool:
    """Whether this database can hold vectors: it has pgvector. The table is made where only that was missing."""
    async with db.session() as session:
        if await session.scalar(IS_POSSIBLE):
            return True
        return await (await session.connection()).run_sync(vectors.make)


async def begin(session: AsyncSession, account: uuid.UUID, model: str, *, at_once: bool) -> None:
    """Let the first vectors be searched at once. Those that replace another model's wait until all are made, unless
    that one must not be asked any more."""
    await session.execute(BEGIN, {"model": model, "account": account, "at_once": at_once})


async def finish(session: AsyncSession, account: uuid.UUID, model: str) -> None:
    """Let the vectors of `model` be searched, and delete all others."""
    await session.execute(FINISH, {"model": model, "account": account})
    for statement in FORGET_OTHERS:
        await session.execute(statement, {"model": model, "account": account})


async def unread(session: AsyncSession, model: str, before: int | None, most: int) -> list[Unread]:
    """Passages without a vector of `model`, the newest first, those numbered below `before`."""
    rows = await session.execute(UNREAD, {"model": model, "before": before, "most": most})
    return [Unread(*row) for row in rows]


async def keep(
    session: AsyncSession, account: uuid.UUID, model: str, made: Sequence[tuple[int, Sequence[float] | None]]
) -> int:
    """Write the vectors of these passages, None where the model makes none; gives how many were written."""
    values = {
        "model": model,
        "account": account,
        "ids": [number for number, _ in made],
        "vectors": [written(vector) if vector is not None else None for _, vector in made],
    }
    result = await session.execute(KEEP, values)
    return int(result.rowcount)  # type: ignore[attr-defined]


async def progress(session: AsyncSession, model: str) -> tuple[int, int]:
    """Passages with a vector of `model`, and all."""
    done, total = (await session.execute(PROGRESS, {"model": model})).one()
    return done, total


async def missing(session: AsyncSession, model: str) -> int:
    """Passages of which it isn't known yet what `model` makes of them."""
    return await session.scalar(MISSING, {"model": model}) or 0


async def serving(session: AsyncSession) -> str | None:
    """The embedder whose vectors are searched."""
    found: str | None = await session.scalar(SERVING)
    return found


async def standing(session: AsyncSession, model: str) -> Standing:
    """How the vectors of `model` stand."""
    return Standing(*(await session.execute(STANDING, {"model": model, "index": index_name(model)})).one())


async def nearest(
    session: AsyncSession,
    model: str,
    vector: Sequence[float],
    most: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Near]:
    """The passages nearest to `vector`, of length 1, that were said in this time; nearest first. None where the vectors
    of `model` are of another length: its provider has another model under this name now.

    Of all passages the signs of their numbers are compared, and all numbers of those that have most in common.
    """
    now = await standing(session, model)
    if now.dimensions != len(vector):
        return []
    values = {"model": model, "vector": written(vector), "most": most}
    if since is None and until is None and now.is_indexed:
        return await _nearest_indexed(session, values, now.dimensions)
    values["candidates"] = max(FEWEST_CANDIDATES, CANDIDATES * most)
    if since is None and until is None:
        rows = await session.execute(NEAREST_EVER, values)
    else:
        rows = await session.execute(NEAREST_IN_TIME, values | {"since": since, "until": until})
    return [Near(*row) for row in rows]


async def _nearest_indexed(session: AsyncSession, values: dict[str, object], dimensions: int) -> list[Near]:
    await session.execute(SEARCH_INDEX, {"order": "relaxed_order"})
    query = NEAREST_INDEXED.format(dimensions=dimensions, model=_quoted(str(values["model"])))
    rows = await session.execute(text(query), {name: values[name] for name in ("vector", "most")})
    return sorted((Near(*row) for row in rows), key=lambda near: -near.cosine)


async def cosines(
    session: AsyncSession, model: str, vector: Sequence[float], passages: Collection[int]
) -> dict[int, float]:
    """How near each of these passages is, those that have a vector."""
    if not passages:
        return {}
    rows = await session.execute(COSINES, {"model": model, "vector": written(vector), "ids": [*passages]})
    return {row.passage_id: row.cosine for row in rows}


async def spread(session: AsyncSession, model: str, vector: Sequence[float]) -> Spread | None:
    """How near passages are in general, by a sample from beginning to end; None where none has a vector that can be
    compared with this one."""
    if (await standing(session, model)).dimensions != len(vector):
        return None
    mean, deviation = (await session.execute(SPREAD, {"model": model, "vector": written(vector), "most": SAMPLE})).one()
    return Spread(float(mean), float(deviation)) if mean is not None else None


def written(vector: Sequence[float]) -> str:
    """The vector as Postgres reads it."""
    return "[" + ",".join(f"{part:.6g}" for part in vector) + "]"


# The index of the nearest


def index_name(model: str) -> str:
    """What the index of a model's vectors is called."""
    return f"ix_passage_vectors_near_{hashlib.sha256(model.encode()).hexdigest()[:12]}"


async def indexes(session: AsyncSession) -> dict[str, bool]:
    """The indexes of the nearest, and whether each can be used."""
    return {row[0]: row[1] for row in await session.execute(INDEXES)}


def making_index(model: str, dimensions: int, memory: str) -> tuple[str, ...]:
    """The statements that make the index of a model's vectors, while all goes on; each by itself."""
    return (
        f"set maintenance_work_mem = '{memory}'",
        f"create index concurrently if not exists {index_name(model)} on passage_vectors "
        f"using hnsw ((embedding::halfvec({dimensions})) halfvec_ip_ops) where model = {_quoted(model)}",
        "reset maintenance_work_mem",
    )


def _quoted(value: str) -> str:
    if not re.fullmatch(r"[\w.:@/+-]+", value):
        raise ValueError(f"{value!r} is not the name of a model")
    return f"'{value}'"

from __future__ import annotations

import random
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from soulprint import embedding, indexing
from soulprint.database import Database
from soulprint.embedding import store, upkeep
from soulprint.records import Passage
from tests.rows import NOON, add_conversation

pytestmark = pytest.mark.anyio

MODEL = "openai:small@8"
DIMENSIONS = 8
TURNS = 60


def unit(draw: random.Random) -> list[float]:
    drawn = [draw.gauss(0, 1) for _ in range(DIMENSIONS)]
    length = sum(part * part for part in drawn) ** 0.5
    return [part / length for part in drawn]


def cosine(one: list[float], other: list[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


async def embedded(database: Database, account: uuid.UUID, seed: int = 1) -> dict[int, list[float]]:
    """Passages a minute apart with vectors drawn at random; gives these by the passages' ids."""
    async with database.session(account) as session:
        await add_conversation(session, account, [f"turn {number}" for number in range(TURNS)])
    await indexing.index_all(database, account)
    draw = random.Random(seed)
    async with database.session(account) as session:
        ids = [*await session.scalars(select(Passage.id).order_by(Passage.id))]
        made = {number: unit(draw) for number in ids}
        assert await store.keep(session, account, MODEL, [*made.items()]) == TURNS
    return made


async def test_the_nearest_come_first(database: Database, account: uuid.UUID) -> None:
    made = await embedded(database, account)
    vector = unit(random.Random(2))
    expected = sorted(made, key=lambda number: -cosine(made[number], vector))
    async with database.session(account) as session:
        found = await embedding.nearest(session, MODEL, vector, 10)
        known = await embedding.cosines(session, MODEL, vector, expected[:3])
    assert [near.id for near in found] == expected[:10]
    assert [near.cosine for near in found] == pytest.approx([cosine(made[n], vector) for n in expected[:10]], abs=1e-3)
    assert known == pytest.approx({number: cosine(made[number], vector) for number in expected[:3]}, abs=1e-3)


async def test_only_what_was_said_in_time_is_near(database: Database, account: uuid.UUID) -> None:
    made = await embedded(database, account)
    since, until = NOON + timedelta(minutes=10), NOON + timedelta(minutes=20)
    async with database.session(account) as session:
        found = await embedding.nearest(session, MODEL, unit(random.Random(2)), TURNS, since, until)
        later = await embedding.nearest(session, MODEL, unit(random.Random(2)), TURNS, since=until)
    assert {near.id for near in found} == {*sorted(made)[10:20]}
    assert {near.id for near in later} == {*sorted(made)[20:]}


async def test_what_another_account_said_is_never_near(
    database: Database, account: uuid.UUID, stranger: uuid.UUID
) -> None:
    theirs, ours = await embedded(database, stranger), await embedded(database, account, seed=3)
    vector = next(iter(theirs.values()))
    async with database.session(account) as session:
        assert {near.id for near in await embedding.nearest(session, MODEL, vector, 500)} == {*ours}
        assert await embedding.cosines(session, MODEL, vector, [*theirs]) == {}
    async with database.session() as session:
        assert await embedding.nearest(session, MODEL, vector, 500) == []


async def test_a_passage_without_a_vector_is_not_near(database: Database, account: uuid.UUID) -> None:
    made = await embedded(database, account)
    first = next(iter(made))
    async with database.session(account) as session:
        await session.execute(text("update passage_vectors set embedding = null where passage_id = :id"), {"id": first})
        found = await embedding.nearest(session, MODEL, made[first], 500)
        assert {near.id for near in found} == {*made} - {first}
        assert await embedding.cosines(session, MODEL, made[first], [first]) == {}
        assert await store.progress(session, MODEL) == (TURNS - 1, TURNS)
        assert await store.missing(session, MODEL) == 0


async def test_how_near_passages_are_in_general_is_told_by_a_sample(database: Database, account: uuid.UUID) -> None:
    made = await embedded(database, account)
    vector = unit(random.Random(2))
    cosines = [cosine(each, vector) for each in made.values()]
    mean = sum(cosines) / len(cosines)
    async with database.session(account) as session:
        spread = await embedding.spread(session, MODEL, vector)
        assert await embedding.spread(session, "local", vector) is None
    assert spread is not None
    assert spread.mean == pytest.approx(mean, abs=1e-3)
    deviation = (sum((each - mean) ** 2 for each in cosines) / (len(cosines) - 1)) ** 0.5
    assert spread.deviation == pytest.approx(deviation, abs=1e-3)


async def test_a_vector_of_another_length_is_near_to_nothing(database: Database, account: uuid.UUID) -> None:
    await embedded(database, account)
    async with database.session(account) as session:
        assert await embedding.nearest(session, MODEL, [1.0, 0.0], 5) == []
        assert await embedding.spread(session, MODEL, [1.0, 0.0]) is None


async def test_a_large_history_gets_an_index(
    database: Database, account: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await embedded(database, account)
    vector = unit(random.Random(2))
    await upkeep.tend(database, account, MODEL, TURNS)
    async with database.session(account) as session:
        assert not (await store.standing(session, MODEL)).is_indexed
        before = await embedding.nearest(session, MODEL, vector, 10)
    monkeypatch.setattr(upkeep, "INDEXED_FROM", TURNS)
    monkeypatch.setattr(upkeep, "MANY", 1)
    await upkeep.tend(database, account, MODEL, TURNS)
    await upkeep.tend(database, account, MODEL, TURNS)
    async with database.session(account) as session:
        assert (await store.standing(session, MODEL)).is_indexed
        await session.execute(text("set local enable_seqscan = off"))
        after = await embedding.nearest(session, MODEL, vector, 10)
        assert len(made) == TURNS
    assert after == before
    await database.run_alone(f"drop index concurrently {store.index_name(MODEL)}")


async def test_an_index_that_was_not_finished_is_made_anew(
    database: Database, account: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    await embedded(database, account)
    name = store.index_name(MODEL)
    with pytest.raises(IntegrityError):
        await database.run_alone(f"create unique index concurrently {name} on passage_vectors (model)")
    async with database.session(account) as session:
        assert await store.indexes(session) == {name: False}
    monkeypatch.setattr(upkeep, "INDEXED_FROM", TURNS)
    await upkeep.tend(database, account, MODEL, 1)
    async with database.session(account) as session:
        assert await store.indexes(session) == {name: True}
    await database.run_alone(f"drop index concurrently {name}")


@pytest.mark.parametrize("name", ["openai:x'; drop table passages; --", "a b", ""])
def test_no_name_of_a_model_is_taken_for_sql(name: str) -> None:
    with pytest.raises(ValueError, match="not the name of a model"):
        store.making_index(name, 8, "64MB")


async def test_the_table_is_made_when_the_extension_comes(database: Database, account: uuid.UUID) -> None:
    made = await embedded(database, account)
    first = next(iter(made))
    assert await embedding.is_possible(database)
    async with database.session() as session:
        await session.execute(text("drop table passage_vectors"))
    assert await embedding.is_possible(database)
    async with database.session(account) as session:
        assert await store.keep(session, account, MODEL, [*made.items()]) == TURNS
        found = await embedding.nearest(session, MODEL, made[first], 1)
    assert [near.id for near in found] == [first]

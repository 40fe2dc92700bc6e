"""What follows for a fact from its sources, and from what becomes of other facts."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from soulprint import facts
from soulprint.database import Database
from soulprint.facts.merging import settling
from soulprint.facts.merging.store import Supersession
from soulprint.records import Conversation, Fact, FactSource, FactStatus
from soulprint.settings import Settings
from tests.facts import merging
from tests.facts.merging import add, by_statement

pytestmark = pytest.mark.anyio

LEEDS = datetime(2022, 3, 1, 9, tzinfo=UTC)
PARIS = datetime(2023, 3, 1, 9, tzinfo=UTC)
LYON = datetime(2024, 5, 20, 9, tzinfo=UTC)


async def merged(db: Database, account: uuid.UUID, settings: Settings) -> dict[str, facts.FactView]:
    """All of merging, as a pass does it. Gives the facts by statement."""
    await merging.merged(db, account, settings)
    return await by_statement(db, account)


@pytest.fixture
async def moves(database: Database, account: uuid.UUID, settings: Settings) -> dict[str, facts.FactView]:
    """Leeds, then Paris, then Lyon."""
    await add(database, account, "I live in Leeds", "home", LEEDS)
    await add(database, account, "I moved to Paris", "home", PARIS)
    await add(database, account, "I moved to Lyon", "home", LYON, true_from=date(2024, 5, 12))
    return await merged(database, account, settings)


async def test_each_home_ends_when_the_next_one_begins(moves: dict[str, facts.FactView]) -> None:
    leeds, paris, lyon = moves["I live in Leeds"], moves["I moved to Paris"], moves["I moved to Lyon"]
    assert (leeds.superseded_by, leeds.true_to) == (paris.id, date(2023, 3, 1))
    assert (paris.superseded_by, paris.true_to) == (lyon.id, date(2024, 5, 12))
    assert (lyon.superseded_by, lyon.true_to, lyon.status) == (None, None, "active")


@pytest.mark.parametrize("how", ["deleted", "rejected"])
async def test_what_gave_way_to_a_fact_that_is_gone_gives_way_to_the_next(
    database: Database, account: uuid.UUID, settings: Settings, moves: dict[str, facts.FactView], how: str
) -> None:
    await lose(database, account, moves["I moved to Paris"], how)
    await facts.settle(database, account)
    after = await by_statement(database, account)
    leeds = after["I live in Leeds"]
    assert (leeds.status, leeds.superseded_by) == ("superseded", moves["I moved to Lyon"].id)
    assert leeds.true_to == date(2024, 5, 12)


@pytest.mark.parametrize("how", ["deleted", "rejected"])
async def test_what_gave_way_to_a_fact_that_is_gone_holds_again(
    database: Database, account: uuid.UUID, settings: Settings, moves: dict[str, facts.FactView], how: str
) -> None:
    await lose(database, account, moves["I moved to Lyon"], how)
    await facts.settle(database, account)
    after = await by_statement(database, account)
    paris = after["I moved to Paris"]
    assert (paris.status, paris.superseded_by, paris.true_to) == ("active", None, None)
    assert after["I live in Leeds"].superseded_by == paris.id
    await facts.settle(database, account)
    assert await by_statement(database, account) == after


async def lose(db: Database, account: uuid.UUID, fact: facts.FactView, how: str) -> None:
    async with db.session(account) as session:
        if how == "rejected":
            await session.execute(update(Fact).where(Fact.id == fact.id).values(status=FactStatus.REJECTED))
        else:
            within = select(FactSource.conversation_id).where(FactSource.fact_id == fact.id)
            await session.execute(delete(Conversation).where(Conversation.id.in_(within)))


async def test_settling_writes_nothing_where_nothing_changed(
    database: Database, account: uuid.UUID, settings: Settings, moves: dict[str, facts.FactView]
) -> None:
    async def touched() -> list[datetime]:
        async with database.session(account) as session:
            return list(await session.scalars(select(Fact.updated_at).order_by(Fact.id)))

    before = await touched()
    await facts.settle(database, account)
    assert await touched() == before


async def test_the_plainest_then_the_newest_source_words_the_fact(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    for days, statement, quote in (
        (0, "Works as a night nurse", "I work as a night nurse"),
        (10, "Works as night nurse", "I work as a night nurse still"),
        (20, "Is working as a night nurse", "maybe I could go on working as a night nurse"),
    ):
        await add(database, account, statement, "job", LEEDS + timedelta(days=days), quote=quote)
    [fact] = (await merged(database, account, settings)).values()
    assert (fact.statement, len(fact.sources)) == ("Works as night nurse", 3)


async def test_a_fact_is_the_surer_the_more_conversations_say_it(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await add(database, account, "Likes green tea", "tea", LYON)
    before = (await merged(database, account, settings))["Likes green tea"].confidence
    await add(database, account, "Likes green tea", "tea", LYON)
    assert (await merged(database, account, settings))["Likes green tea"].confidence > before


async def test_a_dispute_ends_with_one_of_its_sides(database: Database, account: uuid.UUID, settings: Settings) -> None:
    await add(database, account, "Likes green tea", "tea", LYON)
    await add(database, account, "Doesn't like green tea", "tea", LYON)
    found = await merged(database, account, settings)
    assert found["Likes green tea"].status == "disputed"
    await lose(database, account, found["Doesn't like green tea"], "deleted")
    await facts.settle(database, account)
    after = (await by_statement(database, account))["Likes green tea"]
    assert after.status == "active"
    assert after.confidence == pytest.approx(2 * found["Likes green tea"].confidence)


async def test_many_facts_are_settled_in_batches(
    database: Database, account: uuid.UUID, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "BATCH", 2)
    for number in range(9):
        await add(database, account, f"Owns {number} boats", "boats", LYON + timedelta(days=number))
    found = await merged(database, account, settings)
    assert len(found) == 9
    assert all(fact.confidence > 0.5 for fact in found.values())


def test_of_a_ring_the_last_said_holds() -> None:
    ring = [
        Supersession(number, "tea", "superseded", number % 3 + 1, LYON + timedelta(days=number)) for number in (1, 2, 3)
    ]
    assert settling._mended(ring) == ([], [3])
    assert settling._mended([*ring[:2], ring[2]._replace(status="active", superseded_by=None)]) == ([], [])

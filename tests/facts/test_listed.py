"""Facts as they are looked through: what is searched for, when they hold, and which wait for the person's word."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soulprint import errors, facts
from soulprint.database import Database
from soulprint.facts import Score, Wanted, changing, reviewing
from soulprint.records import Fact, Message
from soulprint.records.facts import CATEGORIES
from tests.rows import add_conversation, add_fact

pytestmark = pytest.mark.anyio


@pytest.fixture
async def said(database: Database, account: uuid.UUID) -> list[Message]:
    async with database.session(account) as session:
        texts = ["I moved to Lyon, 100 % sure", "Théo repairs bikes", "I like ROWING_boats"]
        return (await add_conversation(session, account, texts))[1]


async def listed(database: Database, account: uuid.UUID, wanted: Wanted) -> list[str]:
    async with database.session(account) as session:
        found = [fact.statement for fact in await facts.listed(session, wanted)]
        assert await facts.count(session, wanted) == len(found)
        return found


@pytest.fixture
async def three(database: Database, account: uuid.UUID, said: list[Message]) -> list[Fact]:
    async with database.session(account) as session:
        return [
            await add_fact(session, said[:1], "Lives in Lyon", confidence=0.9),
            await add_fact(session, said[1:2], "Has a brother", about="théo", category="beliefs", confidence=0.5),
            await add_fact(
                session, said[2:], "Rows", category="dates", confidence=0.4, status="disputed", said_last=None
            ),
        ]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["Lives in Lyon", "Has a brother", "Rows"]),
        (Wanted(newest=True), ["Has a brother", "Lives in Lyon", "Rows"]),
        (Wanted(words=("LYON", "sure")), ["Lives in Lyon"]),
        (Wanted(words=("thé",)), ["Has a brother"]),
        (Wanted(words=("bikes",)), ["Has a brother"]),
        (Wanted(words=("100 %",)), ["Lives in Lyon"]),
        (Wanted(words=("g_b",)), ["Rows"]),
        (Wanted(words=("%",)), ["Lives in Lyon"]),
        (Wanted(words=("bikes", "lyon")), []),
        (Wanted(category="beliefs"), ["Has a brother"]),
        (Wanted(statuses=("disputed",)), ["Rows"]),
        (Wanted(least=0.5, below=0.9), ["Has a brother"]),
        (Wanted(until=date(2024, 5, 11)), []),
        (Wanted(since=date(2024, 5, 12)), ["Lives in Lyon", "Has a brother"]),
        (Wanted(conversation=uuid.UUID(int=1)), []),
    ],
)
@pytest.mark.usefixtures("three")
async def test_what_is_wanted_is_found(
    database: Database, account: uuid.UUID, wanted: Wanted, expected: list[str]
) -> None:
    assert await listed(database, account, wanted) == expected


@pytest.mark.parametrize("newest", [False, True])
async def test_pages_follow_each_other_whatever_is_the_same(
    database: Database, account: uuid.UUID, said: list[Message], newest: bool
) -> None:
    async with database.session(account) as session:
        for number in range(12):
            day = datetime(2024, 1, 1 + number % 3, tzinfo=UTC) if number % 4 else None
            await add_fact(session, said[:1], f"Thing {number}", confidence=number % 3 / 3, said_last=day)
        wanted = Wanted(newest=newest)
        whole = await facts.listed(session, wanted)
        pages, after = [], None
        while page := await facts.listed(session, wanted, limit=5, after=after):
            pages += page
            after = page[-1].id
    assert [fact.id for fact in pages] == [fact.id for fact in whole]
    assert len(whole) == 12


async def test_what_matters_and_is_doubted_waits_first(
    database: Database, account: uuid.UUID, said: list[Message]
) -> None:
    async with database.session(account) as session:
        sure = await add_fact(session, said, "Is sure", confidence=0.95)
        home = await add_fact(session, said, "Lives in Lyon", confidence=0.6)
        rower = await add_fact(session, said, "Rows", category="preferences", confidence=0.6)
        quoted = await add_fact(session, said, "Bakes", category="preferences", confidence=0.6)
        one = await add_fact(session, said, "Left", about="side", status="disputed", confidence=0.95)
        other = await add_fact(session, said, "Right", about="side", status="disputed", confidence=0.7)
        await add_fact(session, said, "Was rejected", status="rejected", confidence=0.3)
        await add_fact(session, said, "Is pinned", status="pinned", confidence=0.3)
        lines = {quoted.id: 2}
        found = await facts.inbox(session, lines, limit=10)
        assert [each.fact.id for each in found] == [one.id, other.id, quoted.id, home.id, rower.id]
        assert sure.id not in {each.fact.id for each in found}
        assert [rival.statement for rival in found[0].rivals] == ["Right"]
        assert found[2].score == pytest.approx(0.4 * 3)
        assert await facts.waiting(session) == 5
        rest = await facts.inbox(session, lines, limit=10, after=Score(quoted.id, found[2].score))
        assert [each.fact.id for each in rest] == [home.id, rower.id]


async def test_what_is_confirmed_waits_no_more_until_that_is_taken_back(
    database: Database, account: uuid.UUID, said: list[Message]
) -> None:
    async with database.session(account) as session:
        home = await add_fact(session, said, "Lives in Lyon", confidence=0.6)
        change = await changing.confirm(session, account, home.id)
        assert (change.kind, change.fact.status) == ("confirmed", "active")
        assert await facts.waiting(session) == 0
        await changing.undo(session, account, change.id)
        assert await facts.waiting(session) == 1


async def test_to_confirm_one_of_two_that_contradict_decides(
    database: Database, account: uuid.UUID, said: list[Message]
) -> None:
    async with database.session(account) as session:
        home = await add_fact(session, said, "Lives in Lyon", status="disputed")
        change = await changing.confirm(session, account, home.id)
        assert (change.kind, change.fact.status) == ("pinned", "pinned")
        await changing.undo(session, account, change.id)
        assert (await facts.by_ids(session, [home.id]))[0].status == "disputed"


@pytest.mark.parametrize("act", [changing.confirm, changing.pin, changing.reject])
async def test_what_was_rejected_elsewhere_is_not_decided_again(
    database: Database, account: uuid.UUID, said: list[Message], act: object
) -> None:
    async with database.session(account) as session:
        home = await add_fact(session, said, "Lives in Lyon", status="rejected")
        with pytest.raises(errors.FactDecided, match="rejected already"):
            await act(session, account, home.id)  # type: ignore[operator]


async def test_the_timeline_tells_what_took_the_place_of_what(
    database: Database, account: uuid.UUID, said: list[Message]
) -> None:
    async with database.session(account) as session:
        new = await add_fact(session, said[:1], "Lives in Lyon", true_from=date(2024, 5, 1))
        old = await add_fact(
            session, said[:1], "Lives in Leeds", status="superseded", superseded_by=new.id, true_from=date(2021, 2, 1)
        )
        await add_fact(session, said[:1], "Never said when", said_first=None)
        await add_fact(session, said[:1], "Is wrong", status="rejected")
        told = await add_fact(session, said[:1], "Rows", category="preferences")
        found = await facts.moments(session, limit=10)
        assert [(each.day, each.fact.id) for each in found] == [
            (date(2024, 5, 12), told.id),
            (date(2024, 5, 1), new.id),
            (date(2021, 2, 1), old.id),
        ]
        assert [each.statement for each in found[1].before] == ["Lives in Leeds"]
        assert await facts.years(session, None) == [(2024, 2), (2021, 1)]
        assert await facts.years(session, "preferences") == [(2024, 1)]
        rest = await facts.moments(session, limit=10, after=(date(2024, 5, 1), new.id))
        assert [each.fact.id for each in rest] == [old.id]
        until = await facts.moments(session, limit=10, until=date(2022, 12, 31))
        assert [each.fact.id for each in until] == [old.id]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(q=st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20))
@pytest.mark.usefixtures("three")
async def test_no_search_breaks(database: Database, account: uuid.UUID, q: str) -> None:
    await listed(database, account, Wanted(words=tuple(q.split())))


def test_the_weights_are_of_categories_that_are_known() -> None:
    assert set(reviewing.WEIGHTS) <= set(CATEGORIES)

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from soulprint import indexing, sections
from soulprint.chat import composing
from soulprint.database import Database
from soulprint.kinds import Role
from soulprint.records import VersionKind
from soulprint.records.recalled import Kind
from soulprint.settings import Settings
from tests.rows import add_conversation, add_fact, make_draft

pytestmark = pytest.mark.anyio

KAYAK = [(Role.USER, "Where did I learn to kayak?"), (Role.ASSISTANT, "In Wales.")]


async def test_all_that_bears_on_a_question_is_gathered(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with database.session(account) as session:
        _, messages = await add_conversation(session, account, ["I moved to Lyon. The wifi password is Kiwi-Moa77."])
        fact = await add_fact(session, messages, "Lives in Lyon")
        await sections.publish(session, account, make_draft(), VersionKind.QUICK)
    await indexing.index_all(database, account)
    context = await composing.gathered(database, account, settings, "When did I move to Lyon?", KAYAK)
    assert {source.kind for source in context.sources} == {Kind.PASSAGE, Kind.FACT}
    assert fact.id in {source.fact_id for source in context.sources}
    assert context.version is not None
    assert (context.version.conversations_read, context.version.conversations_total) == (3, 4)
    assert context.history == KAYAK
    assert "Kiwi-Moa77" in "".join(context.secrets)


async def test_without_a_history_there_is_nothing(database: Database, account: uuid.UUID, settings: Settings) -> None:
    context = await composing.gathered(database, account, settings, "Who am I?", [])
    assert (context.sources, context.version) == ([], None)


async def test_a_question_that_goes_on_finds_what_the_one_before_is_about(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["I learned to kayak on the Dee in 2019"])
        await add_conversation(session, account, ["That was when we met"])
    await indexing.index_all(database, account)
    context = await composing.gathered(database, account, settings, "And when was that?", KAYAK)
    assert "kayak on the Dee" in context.sources[0].text


@pytest.mark.parametrize(
    ("question", "goes_on"),
    [
        ("And when was that?", True),
        ("Why?", True),
        ("Und wann war das?", True),
        ("Et pourquoi ?", True),
        ("When did I buy the red boat?", False),
        ("What is my cat called?", False),
    ],
)
def test_a_question_that_says_too_little_goes_on_with_the_one_before(question: str, goes_on: bool) -> None:
    assert composing.searched(question, []) == question
    asked = f"{KAYAK[0][1]}\n{question}" if goes_on else question
    assert composing.searched(question, KAYAK) == asked


def test_today_is_by_the_clock_of_the_person(settings: Settings) -> None:
    there = composing.now(settings.model_copy(update={"zone": "Pacific/Auckland"}))
    assert there.tzinfo == ZoneInfo("Pacific/Auckland")
    assert abs((there - datetime.now(UTC)).total_seconds()) < 60
    assert composing.now(settings).tzinfo is not None

from __future__ import annotations

import uuid

import pytest

from soulprint import facts, sections
from soulprint.chat import orders
from soulprint.database import Database
from soulprint.records import FactStatus, ThreadMessage, VersionKind
from soulprint.settings import Settings
from tests.rows import add_conversation, add_fact, make_draft

pytestmark = pytest.mark.anyio

REMEMBERED = [
    ("Remember that I live in Lyon.", "I live in Lyon."),
    ("please remember: my sister is called Ana", "my sister is called Ana"),
    ("Remember I hate coriander", "I hate coriander"),
    ("don't forget that my exam is in May", "my exam is in May"),
    ("Note that I work nights", "I work nights"),
    ("Merk dir, dass ich Vegetarierin bin", "ich Vegetarierin bin"),
    ("Vergiss nicht, dass ich umziehe", "ich umziehe"),
    ("Retiens que j'ai deux chats", "j'ai deux chats"),
    ("Recuerda que vivo en Madrid", "vivo en Madrid"),
    ("Ricorda che sono allergico alle noci", "sono allergico alle noci"),
    ("Lembra que moro em Lisboa", "moro em Lisboa"),
]

TALK = [
    "Do you remember that film?",
    "Remember that time we went to Wales",
    "I can't forget that day",
    "I remember that I lived in Leeds",
    "Note that this function returns None",
    "Keep in mind that the column is nullable",
    "Don't forget to add tests",
    "Forget it",
    "That's wrong, isn't it?",
    "Remember to be polite",
    "What did I forget about Lyon?",
    "Vergiss es",
    "Das ist falsch berechnet",
    "undo the last commit",
    "Ich kann das nicht vergessen",
    "C'est faux de dire cela",
    "",
    "remember",
]


async def order(
    database: Database, account: uuid.UUID, settings: Settings, text: str, *cited: int
) -> orders.Done | None:
    sources = [{"kind": "fact", "fact_id": fact} for fact in cited]
    last = ThreadMessage(role="assistant", text="You live in Leeds [1].", sources=sources) if cited else None
    return await orders.carried_out(database, account, settings, text, last)


async def known(database: Database, account: uuid.UUID) -> dict[str, str]:
    async with database.session(account) as session:
        return {fact.statement: fact.status for fact in await facts.listed(session)}


@pytest.mark.parametrize(("text", "statement"), REMEMBERED)
async def test_what_is_to_be_remembered_is_a_fact_at_once(
    database: Database, account: uuid.UUID, settings: Settings, text: str, statement: str
) -> None:
    done = await order(database, account, settings, text)
    assert done is not None
    assert statement in done.reply
    assert await known(database, account) == {statement: FactStatus.PINNED}


@pytest.mark.parametrize("text", TALK)
async def test_talk_is_no_order(database: Database, account: uuid.UUID, settings: Settings, text: str) -> None:
    assert await order(database, account, settings, text) is None
    assert await known(database, account) == {}


@pytest.fixture
async def leeds(database: Database, account: uuid.UUID) -> int:
    """A fact, and a profile that tells it."""
    async with database.session(account) as session:
        _, messages = await add_conversation(session, account, ["I live in Leeds", "I keep bees"])
        fact = await add_fact(session, messages[:1], "Lives in Leeds")
        await add_fact(session, messages[1:], "Keeps bees", about="bees", category="projects")
        await sections.publish(session, account, make_draft(), VersionKind.FULL)
        return fact.id


@pytest.mark.parametrize("text", ["Forget that I live in Leeds", "vergiss, dass Leeds lives", "Oublie que Leeds lives"])
async def test_a_fact_is_forgotten_by_its_words(
    database: Database, account: uuid.UUID, settings: Settings, leeds: int, text: str
) -> None:
    done = await order(database, account, settings, text)
    assert done is not None
    assert "Lives in Leeds" in done.reply
    assert (await known(database, account))["Lives in Leeds"] == FactStatus.REJECTED
    undone = await order(database, account, settings, "undo")
    assert undone == orders.Done("Taken back.", [])
    assert (await known(database, account))["Lives in Leeds"] == FactStatus.ACTIVE


@pytest.mark.usefixtures("leeds")
async def test_what_is_not_known_is_not_forgotten(database: Database, account: uuid.UUID, settings: Settings) -> None:
    done = await order(database, account, settings, "Forget that I play the harp")
    assert done is not None
    assert (done.changes, "nothing of the kind" in done.reply) == ([], True)


async def test_the_fact_of_the_last_answer_is_corrected(
    database: Database, account: uuid.UUID, settings: Settings, leeds: int
) -> None:
    assert await order(database, account, settings, "That's wrong: I live in Lyon") is None
    done = await order(database, account, settings, "That's wrong: I live in Lyon", leeds)
    assert done is not None
    assert "I live in Lyon" in done.reply
    found = await known(database, account)
    assert (found["Lives in Leeds"], found["I live in Lyon"]) == (FactStatus.REJECTED, FactStatus.PINNED)
    async with database.session(account) as session:
        version = await sections.current(session)
    assert version is not None
    assert version.kind == VersionKind.EDITED
    assert "I live in Lyon" in [line.text for part in version.memory for line in part.lines]
    await order(database, account, settings, "undo")
    assert "I live in Lyon" not in await known(database, account)
    async with database.session(account) as session:
        assert await sections.current_number(session) == 1


async def test_of_several_facts_it_is_asked_which(
    database: Database, account: uuid.UUID, settings: Settings, leeds: int
) -> None:
    done = await order(database, account, settings, "That's wrong", leeds, leeds + 1)
    assert done is not None
    assert "- Lives in Leeds\n- Keeps bees" in done.reply
    assert done.changes == []

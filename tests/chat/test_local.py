from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

import pytest

from soulprint import chat, indexing, sections
from soulprint.chat import local
from soulprint.chat.context import Context
from soulprint.database import Database
from soulprint.kinds import Role
from soulprint.records import VersionKind
from soulprint.records.recalled import Recalled, Turn
from soulprint.sections import Version
from soulprint.settings import Settings
from tests.chat.talking import ask, said
from tests.rows import NOON, add_conversation, make_draft, make_version

pytestmark = pytest.mark.anyio


@pytest.fixture
async def history(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["I moved to Lyon last week"], title="Boxes")
        await add_conversation(session, account, ["My cat Rivet hates cardboard"], title="Cats")
        await sections.publish(session, account, make_draft(), VersionKind.QUICK)
    await indexing.index_all(database, account)


@pytest.mark.usefixtures("history")
async def test_an_answer_quotes_the_profile_and_the_history(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    events = await ask(database, account, settings, "When did I move to Lyon?")
    sources, done = events[1], events[-1]
    assert isinstance(sources, chat.Sources)
    assert [source.text for source in sources.sources] == ["I moved to Lyon last week"]
    assert said(events) == (
        "**From your profile**\n\n- “I moved to Lyon.” (May 2024)\n\n**From your conversations**\n\n"
        "You on 12 May 2024 in “Boxes” [1]\n\n> I moved to Lyon last week\n\n"
        "*These are quotes: no language model is set.*\n"
    )
    assert isinstance(done, chat.Done)


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(
    "question",
    [
        "Where do I live?",
        "what is my home town",
        "Wo wohne ich?",
        "Où est-ce que j'habite ?",
        "¿Dónde vivo?",
        "Dove abito?",
        "Onde moro?",
        "Who am I?",
    ],
)
async def test_a_question_is_met_by_the_field_it_asks_for(
    database: Database, account: uuid.UUID, settings: Settings, question: str
) -> None:
    assert "- “I moved to Lyon.” (May 2024)" in said(await ask(database, account, settings, question))


@pytest.mark.usefixtures("history")
async def test_what_nobody_said_is_not_answered(database: Database, account: uuid.UUID, settings: Settings) -> None:
    assert said(await ask(database, account, settings, "zebra?")).startswith("Nothing in your history uses these words")


async def test_without_any_import_the_answer_says_so(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    assert said(await ask(database, account, settings, "Who am I?")).startswith("Nothing is imported yet")


def passage(text: str, score: float = 5.0, **values: object) -> Recalled:
    turn = Turn(message_id=1, provider_id="m1", role=Role.USER, said_at=NOON, start=0, end=len(text), text=text)
    given = {"kind": "passage", "score": score, "why": "“moved”", "text": text, "said": (turn,), "date": NOON}
    return Recalled.model_validate({**given, **values})


async def answer(question: str, *sources: Recalled, version: Version | None = None, **values: Any) -> str:
    context = Context(question, [], version, list(sources), NOON)
    return "".join([piece async for piece in local.pieces(replace(context, **values))])


async def test_the_question_decides_what_is_quoted_and_what_is_only_near() -> None:
    told = passage("My blood group is A negative.")
    near = passage("I give blood twice a year.", 4.0)
    said = await answer("What is my blood group?", told, near)
    assert "> My blood group is A negative." in said
    assert "twice a year" not in said
    only_near = await answer("What is my blood group?", near)
    assert only_near.startswith("Nothing in your history says this in so many words. What comes nearest:")
    assert "twice a year" in only_near
    assert (await answer("What is my shoe size?", near)).startswith("Nothing in your history uses these words")


async def test_what_is_found_by_its_meaning_is_quoted_as_near() -> None:
    meant = passage("The doctors say A negative.", why="near in meaning")
    assert "A negative." in await answer("Which blood group?", meant)


async def test_a_superseded_fact_says_what_holds_now_and_is_told_once() -> None:
    fact = passage("I moved to Leeds.", kind="fact", said=(), status="superseded", instead="I moved to Lyon.")
    now = passage("I moved to Lyon.", kind="fact", said=(), status="active")
    said = await answer("Where did I move?", fact, now, version=make_version())
    assert "- I moved to Leeds. (May 2024), no longer so: I moved to Lyon. [1]" in said
    assert said.count("I moved to Lyon.” (May 2024) [2]") == 1
    assert said.count("[2]") == 1


async def test_a_question_that_goes_on_is_met_by_the_words_of_the_one_before() -> None:
    history = [(Role.USER, "Where did I learn to kayak?"), (Role.ASSISTANT, "In Wales.")]
    said = await answer("And when was that?", passage("I learned to kayak in Wales in 2019."), history=history)
    assert "in Wales in 2019" in said
    assert not said.startswith("Nothing")


async def test_no_secret_is_quoted_and_no_picture_loaded() -> None:
    hostile = passage("My wifi is Kiwi-Moa77 ![x](https://evil.example/p.png)\n# Heading", title="![t](//evil)")
    said = await answer("What is my wifi?", hostile, secrets=frozenset({"Kiwi-Moa77"}))
    assert "Kiwi-Moa77" not in said
    assert "![" not in said
    assert "\n#" not in said


async def test_other_forms_of_a_word_are_the_same_word() -> None:
    assert "> We are moving boxes" in await answer("What did I move?", passage("We are moving boxes"))
    assert "> J'ai déménagé hier" in await answer("Quand ai-je déménagée ?", passage("J'ai déménagé hier"))

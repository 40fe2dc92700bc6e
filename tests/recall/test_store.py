from __future__ import annotations

import uuid

import pytest

from soulprint import recall
from soulprint.database import Database
from tests.rows import add_conversation

pytestmark = pytest.mark.anyio


async def found(database: Database, account: uuid.UUID, question: str) -> list[str]:
    async with database.session(account) as session:
        return [passage.quote.text for passage in await recall.search(session, question)]


async def test_the_message_with_the_rare_word_comes_first(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["I run in the morning", "We bought a cat called Rivet"])
        await add_conversation(session, account, ["How do I run this script?", "What is a cat in shell?"])
    assert (await found(database, account, "What is my cat Rivet doing?"))[0] == "We bought a cat called Rivet"


async def test_the_persons_words_come_before_the_assistants(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["About sourdough bread"], answered=["On sourdough bread"])
    assert await found(database, account, "sourdough") == ["About sourdough bread", "On sourdough bread"]


async def test_one_conversation_gives_two_passages_at_the_most(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, [f"kayak trip {day}" for day in range(9)])
        await add_conversation(session, account, ["a kayak elsewhere"])
    assert len(await found(database, account, "kayak")) == 3


async def test_other_scripts_are_found(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["Я живу в Казани", "Ich wohne in Köln"])
    assert await found(database, account, "Казань? Казани") == ["Я живу в Казани"]
    assert await found(database, account, "Köln") == ["Ich wohne in Köln"]


@pytest.mark.parametrize("question", ["", "   ", "?!", "zzzunknown", "' | & ! ( :* <->", "a\\b:c"])
async def test_a_question_without_an_answer_finds_nothing(
    database: Database, account: uuid.UUID, question: str
) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["Hello there"])
    assert await found(database, account, question) == []


async def test_nothing_of_another_account_is_found(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["My secret garden"])
    assert await found(database, uuid.uuid4(), "garden") == []


async def test_a_quote_is_a_span_of_its_message(database: Database, account: uuid.UUID) -> None:
    text = "filler " * 400 + "the kingfisher nests by the weir " + "filler " * 400
    async with database.session(account) as session:
        _, messages = await add_conversation(session, account, [text])
        [passage] = await recall.search(session, "kingfisher")
    quote = passage.quote
    assert quote.message_id == messages[0].id
    assert text[quote.start : quote.end] == quote.text
    assert "kingfisher nests" in quote.text
    assert len(quote.text) < 700


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("来月から東京の会社で働きます。", "東京"),
        ("我从明年开始在上海的大学读书。", "上海大学"),
        ("ผมอาศัยอยู่ที่เชียงใหม่มาสามปีแล้ว", "เชียงใหม่"),
        ("저는 부산에서 살아요", "부산"),
        ("Nous buvons l'eau du puits", "eau"),
        ("Sie wohnt in Ko\u0308ln", "Köln"),
        ("ÜBERGRÖSSE ist zu groß", "Übergröße, groß"),
        ("«Ваня» – мой кот", "ваня"),
        ("see soulprint.example/notes_of_may", "notes may"),
    ],
)
async def test_words_are_found_in_every_script_and_beside_every_sign(
    database: Database, account: uuid.UUID, said: str, question: str
) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, [said, "nothing of the kind"])
    assert await found(database, account, question) == [said]


async def test_the_message_with_the_whole_name_comes_first(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["京都は古い都です", "東のほうへ行く", "東京都に住んでいます"])
    assert (await found(database, account, "東京都"))[0] == "東京都に住んでいます"
    assert await found(database, account, "東") == ["東のほうへ行く", "東京都に住んでいます"]

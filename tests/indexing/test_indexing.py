from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from soulprint import indexing
from soulprint.database import Database
from soulprint.indexing import making, stems
from soulprint.records import Conversation, Message, Passage, Posting, SearchBlock, SearchTotals
from tests.rows import add_conversation

pytestmark = pytest.mark.anyio


async def passages(database: Database, account: uuid.UUID) -> list[Passage]:
    async with database.session(account) as session:
        return [*await session.scalars(select(Passage).order_by(Passage.id))]


async def words(database: Database, account: uuid.UUID) -> set[str]:
    async with database.session(account) as session:
        return {*await session.scalars(select(Posting.word))}


async def test_each_turn_is_a_passage_and_knows_its_surroundings(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(
            session, account, ["red kayak", "blue canoe, green raft"], answered=["yellow ferry"], title=None
        )
        await add_conversation(session, account, ["an island"], title=None, started_at=None)
    assert await indexing.index_all(database, account) == 2
    found = await passages(database, account)
    assert [(each.by_person, each.words, each.context_words) for each in found] == [
        (True, 2, 2 + 0.5 * 2 + 0.25 * 4),
        (False, 2, 2 + 0.5 * 2 + 0.5 * 4),
        (True, 4, 4 + 0.5 * 2 + 0.25 * 2),
        (True, 1, 1),
    ]
    assert found[1].id == found[0].id + 1
    assert found[3].id > found[2].id + 1
    assert await words(database, account) == {
        "red",
        "kayak",
        "blue",
        "cano",
        "green",
        "raft",
        "yellow",
        "ferri",
        "island",
    }


async def test_what_is_indexed_is_not_indexed_again_until_it_changes(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        conversation, messages = await add_conversation(session, account, ["red kayak"])
        await add_conversation(session, account, ["a blue canoe"])
    assert await indexing.index_all(database, account) == 2
    assert await indexing.index_all(database, account) == 0
    async with database.session(account) as session:
        await session.execute(update(Message).where(Message.id == messages[0].id).values(text="a raft"))
        changed = update(Conversation).where(Conversation.id == conversation.id)
        await session.execute(changed.values(content_hash=b"changed"))
    assert await indexing.progress(database, account) == (1, 2)
    assert await indexing.index_all(database, account) == 1
    assert await indexing.progress(database, account) == (2, 2)
    assert {"raft", "cano", "blue"} <= await words(database, account)
    assert "kayak" not in await words(database, account)


async def test_no_word_outlives_the_last_text_that_holds_it(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        conversation, _ = await add_conversation(session, account, ["my secret orchid"], title=None)
        await add_conversation(session, account, ["my garden"], title=None)
    await indexing.index_all(database, account)
    async with database.session(account) as session:
        await session.execute(delete(Conversation).where(Conversation.id == conversation.id))
    await indexing.index_all(database, account)
    assert await words(database, account) == {"garden"}
    async with database.session(account) as session:
        totals = await session.get_one(SearchTotals, account)
        assert (totals.passages, await session.scalar(select(SearchBlock.passages))) == (1, 1)
        await session.execute(delete(SearchBlock))
    assert await words(database, account) == set()


async def test_languages_and_names_are_noted(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        for _ in range(3):
            await add_conversation(
                session,
                account,
                ["Hallo Otto, ich möchte gern etwas über Vögel lernen."],
                answered=["Gern, Mira! Worüber?"],
            )
    await indexing.index_all(database, account)
    async with database.session(account) as session:
        totals = await session.get_one(SearchTotals, account)
    assert totals.languages == ["de"]
    assert totals.names == {"user": {"mira": 3}, "assistant": {"otto": 3}}


@given(st.text(alphabet=st.sampled_from("ab .\n。é\u0301"), max_size=20), st.integers(1, 500))
def test_the_passages_of_a_turn_are_all_of_it_in_order(piece: str, times: int) -> None:
    text = piece * times
    found = list(making.spans(text))
    assert all(start < end <= start + making.WHOLE for start, end in found) or text == ""
    assert [start for start, _ in found[1:]] == [end for _, end in found[:-1]]
    assert not text[found[-1][1] :].strip()


@pytest.mark.parametrize(
    ("word", "language", "stem"),
    [
        ("running", "en", "run"),
        ("wohnungen", "de", "wohnung"),
        ("café", None, "cafe"),
        ("the", "en", ""),
        ("x", None, ""),
        ("7", None, "7"),
        ("東京", "ja", "東京"),
        ("казани", "ru", "казан"),
    ],
)
def test_a_word_has_a_stem(word: str, language: str | None, stem: str) -> None:
    assert stems.stemmed(word, language) == stem

from __future__ import annotations

import uuid

import pytest

from soulprint import chat, errors
from soulprint.chat import answering, store
from soulprint.database import Database
from soulprint.settings import Settings
from tests.chat.talking import Talk, talk

pytestmark = pytest.mark.anyio


async def asked(database: Database, account: uuid.UUID, *texts: str) -> uuid.UUID:
    """A thread in which each text was asked and answered with "so it is"."""
    async with database.session(account) as session:
        thread = await chat.start(session, account)
        for text in texts:
            turn = await answering.ask(session, thread.id, text)
            await store.finish(session, turn.answer_id, None, text="so it is")
    return thread.id


async def listed(database: Database, account: uuid.UUID, q: str = "") -> list[chat.Found]:
    async with database.session(account) as session:
        return await chat.threads(session, q)


@pytest.fixture
async def here(database: Database, account: uuid.UUID, settings: Settings) -> Talk:
    return await talk(database, account, settings)


async def test_a_thread_is_named_by_its_first_question(database: Database, account: uuid.UUID) -> None:
    await asked(database, account, "Where   did I live\nbefore I moved to Lyon, and what was my job back then?", "Two")
    [found] = await listed(database, account)
    assert found.title == "Where did I live before I moved to Lyon, and what was my…"


async def test_a_thread_is_renamed(database: Database, account: uuid.UUID) -> None:
    thread_id = await asked(database, account, "one")
    for title in ("  Moving\n house ", "   "):
        async with database.session(account) as session:
            await chat.rename(session, account, thread_id, title)
    assert [found.title for found in await listed(database, account)] == ["Moving house"]


async def test_the_thread_used_last_comes_first_and_lists_come_in_pages(database: Database, account: uuid.UUID) -> None:
    threads = [await asked(database, account, str(number)) for number in range(5)]
    async with database.session(account) as session:
        await answering.ask(session, threads[0], "again")
    newest = [threads[0], *reversed(threads[1:])]
    async with database.session(account) as session:
        first = await chat.threads(session, limit=2)
        second = await chat.threads(session, limit=2, before=first[-1].id)
        last = await chat.threads(session, limit=2, before=second[-1].id)
    assert [found.id for found in (*first, *second, *last)] == newest


@pytest.mark.parametrize(
    ("q", "said"),
    [
        ("boxes lyon", "In Lyon I carried boxes"),
        ("ÄPFEL", "Ich mag Äpfel sehr"),
        ("москв", "Я живу в Москве"),
        ("寿司", "昨日は寿司を食べました"),
        ("50%", "it was 50% off"),
        ("a_b", "call a_b now"),
        ("  ", "anything"),
    ],
)
async def test_threads_are_searched_in_any_script(database: Database, account: uuid.UUID, q: str, said: str) -> None:
    found = await asked(database, account, "Something else", said)
    other = await asked(database, account, "Nothing of it, call aXb, 500")
    expected = [found] if q.strip() else [other, found]
    assert [each.id for each in await listed(database, account, q)] == expected


async def test_a_search_shows_what_it_found(database: Database, account: uuid.UUID) -> None:
    await asked(database, account, "Hello", f"{'long ago ' * 20}I moved to Lyon with my sister {'and so on ' * 40}")
    [found] = await listed(database, account, "LYON moved")
    assert found.snippet
    assert "I moved to Lyon with my sister" in found.snippet
    assert found.snippet.startswith("…")
    assert found.snippet.endswith("…")
    assert len(found.snippet) < 200
    [by_title] = await listed(database, account, "hello")
    assert by_title.snippet == "Hello"


async def test_words_of_a_search_may_stand_in_different_messages(database: Database, account: uuid.UUID) -> None:
    await asked(database, account, "About Lyon", "About boxes")
    assert len(await listed(database, account, "lyon boxes")) == 1
    assert await listed(database, account, "lyon boats") == []


async def test_an_edited_question_and_another_answer_are_versions(here: Talk) -> None:
    await here.ask("one")
    first = await here.messages()
    await here.ask("two")
    await here.ask("one, but better", edits=first[0].id)
    edited = await here.messages()
    assert [message.text for message in edited if message.role == "user"] == ["one, but better"]
    assert edited[0].versions == (first[0].id, edited[0].id)
    assert edited[1].versions == (edited[1].id,)
    await here.retry(edited[1].id)
    [question, again] = await here.messages()
    assert (question.id, again.versions) == (edited[0].id, (edited[1].id, again.id))


async def test_a_version_is_shown_with_what_follows_it(here: Talk) -> None:
    await here.ask("one")
    first = await here.messages()
    await here.ask("two")
    long = [message.id for message in await here.messages()]
    await here.ask("other", edits=first[0].id)
    short = [message.id for message in await here.messages()]
    await here.show(first[0].id)
    assert [message.id for message in await here.messages()] == long
    await here.show(short[0])
    assert [message.id for message in await here.messages()] == short
    await here.ask("three")
    await here.show(long[1])
    assert [message.id for message in await here.messages()] == long


async def test_what_is_no_message_of_the_thread_is_not_found(
    here: Talk, database: Database, account: uuid.UUID
) -> None:
    await here.ask("one")
    [question, answer] = await here.messages()
    other = await talk(here.database, here.account, here.settings)
    with pytest.raises(errors.NotFound):
        await other.show(question.id)
    with pytest.raises(errors.NotFound):
        await here.ask("two", edits=answer.id)
    with pytest.raises(errors.NotFound):
        await here.retry(question.id)
    with pytest.raises(errors.NotFound):
        await other.follow(answer.id)
    with pytest.raises(errors.NotFound):
        await other.stop(answer.id)
    assert await here.texts() == [question.text, answer.text]


async def test_a_forgotten_thread_takes_its_messages_along(database: Database, account: uuid.UUID) -> None:
    thread_id = await asked(database, account, "forget this", "and this")
    async with database.session(account) as session:
        assert not await chat.forget(session, account, thread_id)
    async with database.session(account) as session:
        assert await chat.messages(session, thread_id) == []
        with pytest.raises(errors.NotFound):
            await chat.thread(session, thread_id)
        with pytest.raises(errors.NotFound):
            await chat.forget(session, account, thread_id)


async def test_nobody_reads_another_accounts_thread(database: Database, account: uuid.UUID) -> None:
    thread_id = await asked(database, account, "mine")
    async with database.session(uuid.uuid4()) as session:
        assert await chat.threads(session, "mine") == []
        assert await chat.messages(session, thread_id) == []
        with pytest.raises(errors.NotFound):
            await chat.thread(session, thread_id)

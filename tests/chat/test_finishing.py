from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from soulprint import chat, facts, importing, reading, sections
from soulprint.chat import answering, finishing, store
from soulprint.database import Database
from soulprint.records import Conversation, ConversationChunk, Message, Thread, ThreadMessage, VersionKind
from soulprint.settings import Settings
from tests.rows import add_fact, make_draft, make_line, make_quote

pytestmark = pytest.mark.anyio

AGO = timedelta(minutes=31)


async def said(
    database: Database,
    account: uuid.UUID,
    *texts: str,
    thread: uuid.UUID | None = None,
    ago: timedelta = AGO,
    **answer: Any,
) -> uuid.UUID:
    """A thread in which each text was said, and answered by a model, so long ago."""
    async with database.session(account) as session:
        thread = thread or (await chat.start(session, account)).id
        for text in texts:
            turn = await answering.ask(session, thread, text)
            values = {"text": f"About “{text}”.", "model": "openai:gpt-5-mini"} | answer
            await store.finish(session, turn.answer_id, values.pop("error", None), **values)
        await session.execute(
            update(Thread).where(Thread.id == thread).values(updated_at=func.now() - ago, created_at=func.now() - ago)
        )
    return thread


async def conversation(database: Database, account: uuid.UUID, thread: uuid.UUID) -> tuple[Conversation, list[Message]]:
    async with database.session(account) as session:
        held = await reading.conversation(session, finishing.conversation_id(account, thread))
    return held.conversation, [*held.messages]


async def test_an_idle_thread_becomes_a_conversation(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    thread = await said(database, account, "I moved to Porto.", "And I like it.")
    assert await finishing.sweep(database, account, settings) == [finishing.conversation_id(account, thread)]
    held, messages = await conversation(database, account, thread)
    assert (held.provider, held.provider_id, held.origin) == ("soulprint", str(thread), "chat")
    assert (held.title, held.model, held.import_id) == ("I moved to Porto.", "openai:gpt-5-mini", None)
    assert (held.message_count, held.user_messages, held.user_characters) == (4, 2, 31)
    assert held.first_message_at == messages[0].sent_at
    assert held.last_message_at == messages[-1].sent_at
    assert [(row.role, row.text, row.position, row.modality) for row in messages[:2]] == [
        ("user", "I moved to Porto.", 0, "text"),
        ("assistant", "About “I moved to Porto.”.", 1, "text"),
    ]
    async with database.session(account) as session:
        chunks = (await session.scalars(select(ConversationChunk))).all()
    assert chunks
    assert all(chunk.conversation_id == held.id for chunk in chunks)
    assert await finishing.sweep(database, account, settings) == []


async def test_a_thread_in_use_is_let_be_until_another_is_begun(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    thread = await said(database, account, "I moved to Porto.", ago=timedelta(minutes=29))
    assert await finishing.sweep(database, account, settings) == []
    async with database.session(account) as session:
        await chat.start(session, account)
    assert await finishing.sweep(database, account, settings) == [finishing.conversation_id(account, thread)]


async def test_the_time_until_a_thread_is_idle_is_a_setting(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await said(database, account, "I moved to Porto.", ago=timedelta(minutes=9))
    assert await finishing.sweep(database, account, settings.model_copy(update={"chat_idle_minutes": 10})) == []
    assert await finishing.sweep(database, account, settings.model_copy(update={"chat_idle_minutes": 8}))


async def test_a_thread_without_a_message_becomes_nothing(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await said(database, account)
    assert await finishing.sweep(database, account, settings) == []


async def test_a_thread_that_goes_on_is_brought_up_to_date(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    thread = await said(database, account, "I moved to Porto.")
    await finishing.sweep(database, account, settings)
    held, first = await conversation(database, account, thread)
    await said(database, account, "And I like it.", thread=thread, ago=AGO + timedelta(hours=1))
    assert await finishing.sweep(database, account, settings) == [held.id]
    longer, messages = await conversation(database, account, thread)
    assert (longer.id, longer.message_count) == (held.id, 4)
    assert longer.content_hash != held.content_hash
    assert [row.id for row in messages[:2]] == [row.id for row in first]


async def test_only_the_branch_on_show_is_written(database: Database, account: uuid.UUID, settings: Settings) -> None:
    thread = await said(database, account, "I moved to Porto.")
    await finishing.sweep(database, account, settings)
    async with database.session(account) as session:
        first = (await chat.messages(session, thread))[0].id
        turn = await answering.ask(session, thread, "I moved to Lyon.", edits=first)
        await store.finish(session, turn.answer_id, None, text="Good.", model="local")
    await said(database, account, thread=thread)
    assert await finishing.sweep(database, account, settings)
    _, messages = await conversation(database, account, thread)
    assert [row.text for row in messages] == ["I moved to Lyon.", "Good."]
    async with database.session(account) as session:
        await chat.show(session, thread, first)
    await said(database, account, thread=thread)
    assert await finishing.sweep(database, account, settings)
    _, messages = await conversation(database, account, thread)
    assert [row.text for row in messages] == ["I moved to Porto.", "About “I moved to Porto.”."]


async def test_nothing_new_is_no_change(database: Database, account: uuid.UUID, settings: Settings) -> None:
    thread = await said(database, account, "I moved to Porto.")
    await finishing.sweep(database, account, settings)
    await said(database, account, thread=thread, ago=AGO + AGO)
    assert await finishing.sweep(database, account, settings) == []
    held, _ = await conversation(database, account, thread)
    assert held.updated_at
    assert held.updated_at < datetime.now(UTC) - AGO - AGO / 2


async def test_an_order_proves_nothing(database: Database, account: uuid.UUID, settings: Settings) -> None:
    thread = await said(database, account, "Forget that I live in Lyon.", text="Done.", model=None)
    await said(database, account, "I moved to Porto.", thread=thread)
    await said(database, account, "I like it.", thread=thread, text="", model=None, error="It was stopped.")
    await finishing.sweep(database, account, settings)
    _, messages = await conversation(database, account, thread)
    assert [(row.text, row.modality) for row in messages if row.role == "user"] == [
        ("Forget that I live in Lyon.", "command"),
        ("I moved to Porto.", "text"),
        ("I like it.", "text"),
    ]
    assert len(messages) == 5


async def test_the_next_pass_reads_the_persons_own_words(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    thread = await said(database, account, "Forget that I live in Lyon with my sister.", text="Done.", model=None)
    await said(database, account, "I moved to Porto with my sister last year.", thread=thread)
    await finishing.sweep(database, account, settings)
    words = [each.text async for batch in reading.said(database, account) for each in batch]
    assert words == ["I moved to Porto with my sister last year."]
    assert (await facts.plan(database, account, settings)).conversations == 1


async def test_an_answer_that_is_being_written_keeps_the_thread_from_ending(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    thread = await said(database, account, "I moved to Porto.")
    async with database.session(account) as session:
        await answering.ask(session, thread, "And now?")
    await said(database, account, thread=thread)
    async with database.hold(f"thread:{thread}"):
        assert await finishing.sweep(database, account, settings) == []
    assert await finishing.sweep(database, account, settings)
    async with database.session(account) as session:
        assert not await session.scalar(select(func.count()).where(ThreadMessage.finished_at.is_(None)))


async def test_a_new_title_is_the_conversations_too(database: Database, account: uuid.UUID, settings: Settings) -> None:
    thread = await said(database, account, "I moved to Porto.")
    await finishing.sweep(database, account, settings)
    async with database.session(account) as session:
        await chat.rename(session, account, thread, "Moving")
    assert (await conversation(database, account, thread))[0].title == "Moving"


async def test_a_deleted_thread_takes_along_what_was_made_of_it(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    thread = await said(database, account, "I moved to Porto.")
    await finishing.sweep(database, account, settings)
    _, messages = await conversation(database, account, thread)
    quote = make_quote("I moved to Porto.", message_id=messages[0].id)
    draft = make_draft()
    draft.sections.user.location.append(make_line().model_copy(update={"sources": (quote,)}))
    async with database.session(account) as session:
        await add_fact(session, messages[:1], "Lives in Porto")
        await sections.publish(session, account, draft, VersionKind.QUICK)
    async with database.session(account) as session:
        assert await chat.forget(session, account, thread)
    async with database.session(account) as session:
        assert await facts.listed(session) == []
        for table in (Conversation, Message, ConversationChunk, ThreadMessage):
            assert await session.scalar(select(func.count()).select_from(table)) == 0
    assert await finishing.sweep(database, account, settings) == []


async def test_chats_are_not_missed_by_exports(database: Database, account: uuid.UUID, settings: Settings) -> None:
    await said(database, account, "I moved to Porto.")
    await finishing.sweep(database, account, settings)
    async with database.session(account) as session:
        assert await importing.missing(session) == importing.NOTHING


async def test_another_accounts_threads_are_not_swept(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await said(database, account, "I moved to Porto.")
    assert await finishing.sweep(database, uuid.uuid4(), settings) == []

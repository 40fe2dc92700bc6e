from __future__ import annotations

import uuid

import pytest

from soulprint import chat, errors
from soulprint.chat import store
from soulprint.database import Database
from soulprint.kinds import Role
from soulprint.records import ThreadMessage

pytestmark = pytest.mark.anyio


async def ask(database: Database, account: uuid.UUID, text: str) -> uuid.UUID:
    async with database.session(account) as session:
        thread = await chat.start(session, account)
        question = ThreadMessage(user_id=account, thread_id=thread.id, role=Role.USER, text=text, sources=[])
        await store.add(session, question)
        return thread.id


async def test_a_thread_is_named_by_its_first_question(database: Database, account: uuid.UUID) -> None:
    thread_id = await ask(
        database, account, "Where   did I live\nbefore I moved to Lyon, and what was my job back then?"
    )
    async with database.session(account) as session:
        assert (
            await chat.thread(session, thread_id)
        ).title == "Where did I live before I moved to Lyon, and what was my…"


async def test_the_newest_thread_comes_first(database: Database, account: uuid.UUID) -> None:
    first, second = await ask(database, account, "one"), await ask(database, account, "two")
    async with database.session(account) as session:
        assert [thread.id for thread in await chat.threads(session)] == [second, first]


async def test_a_forgotten_thread_takes_its_messages_along(database: Database, account: uuid.UUID) -> None:
    thread_id = await ask(database, account, "forget this")
    async with database.session(account) as session:
        await chat.forget(session, thread_id)
    async with database.session(account) as session:
        assert await chat.messages(session, thread_id) == []
        with pytest.raises(errors.NotFound):
            await chat.thread(session, thread_id)


async def test_nobody_reads_another_accounts_thread(database: Database, account: uuid.UUID) -> None:
    thread_id = await ask(database, account, "mine")
    async with database.session(uuid.uuid4()) as session:
        with pytest.raises(errors.NotFound):
            await chat.thread(session, thread_id)

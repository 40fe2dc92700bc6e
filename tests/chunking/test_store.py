from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from soulprint import chunking, reading
from soulprint.chunking import Chunked
from soulprint.database import Database
from soulprint.records import Conversation, ConversationChunk, Message
from soulprint.settings import Settings
from tests.rows import NOON, add_conversation

pytestmark = pytest.mark.anyio


async def rows(database: Database, account: uuid.UUID) -> list[ConversationChunk]:
    order = (ConversationChunk.created_at, ConversationChunk.chunk_tier, ConversationChunk.number)
    async with database.session(account) as session:
        return list(await session.scalars(select(ConversationChunk).order_by(*order)))


async def test_all_conversations_become_rows(database: Database, account: uuid.UUID, settings: Settings) -> None:
    async with database.session(account) as session:
        made, messages = await add_conversation(
            session, account, ["Hello\tyou\\N", "Bye"], answered=["Hi"], title="Short"
        )
        long, _ = await add_conversation(session, account, ["word " * 5_000], started_at=NOON + timedelta(days=1))
    assert await chunking.stale(database, account, settings) == [made.id, long.id]
    done = await chunking.chunk_all(database, account, settings)
    first, *rest = await rows(database, account)
    assert done == Chunked(conversations=2, chunks=1 + len(rest))
    assert first.content == "[2024-05-12 USER] Hello\tyou\\N\n\n[2024-05-12 ASSISTANT] Hi\n\n[2024-05-12 USER] Bye"
    assert (first.title, first.message_count, first.chunk_tier, first.number) == ("Short", 3, "medium", 0)
    assert (first.first_message_id, first.last_message_id) == (messages[0].id, messages[2].id)
    assert (first.created_at, first.is_recent, first.content_hash) == (NOON, False, made.content_hash)
    assert [row.number for row in rest] == list(range(len(rest)))
    assert await chunking.chunk_all(database, account, settings) == Chunked(0, 0)


async def test_what_has_changed_is_cut_again_and_nothing_else(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with database.session(account) as session:
        kept, _ = await add_conversation(session, account, ["kept"])
        changed, messages = await add_conversation(session, account, ["word " * 5_000])
    await chunking.chunk_all(database, account, settings)
    before = {row.id for row in await rows(database, account)}
    async with database.session(account) as session:
        await session.execute(update(Message).where(Message.id == messages[0].id).values(text="now short"))
        await session.execute(update(Conversation).where(Conversation.id == changed.id).values(content_hash=b"other"))
    assert await chunking.stale(database, account, settings) == [changed.id]
    assert await chunking.chunk_all(database, account, settings) == Chunked(1, 1)
    after = await rows(database, account)
    assert {row.content for row in after} == {"[2024-05-12 USER] kept", "[2024-05-12 USER] now short"}
    assert {row.id for row in after} < before
    assert {row.conversation_id for row in after} == {kept.id, changed.id}


async def test_doing_it_again_leaves_the_same_rows(database: Database, account: uuid.UUID, settings: Settings) -> None:
    async with database.session(account) as session:
        made, _ = await add_conversation(session, account, ["word " * 5_000])
    both = settings.model_copy(update={"chunk_tiers": frozenset({"micro", "macro"})})
    await chunking.refresh(database, account, both, [made.id])
    before = [(row.id, row.content) for row in await rows(database, account)]
    await asyncio.gather(*(chunking.refresh(database, account, both, [made.id]) for _ in range(3)))
    assert [(row.id, row.content) for row in await rows(database, account)] == before


async def test_another_size_makes_all_of_it_stale(database: Database, account: uuid.UUID, settings: Settings) -> None:
    async with database.session(account) as session:
        made, _ = await add_conversation(session, account, ["word " * 5_000])
    await chunking.chunk_all(database, account, settings)
    both = settings.model_copy(update={"chunk_tiers": frozenset({"medium", "macro"})})
    assert await chunking.stale(database, account, both) == [made.id]
    await chunking.chunk_all(database, account, both)
    assert {row.chunk_tier for row in await rows(database, account)} == {"medium", "macro"}
    assert await chunking.stale(database, account, both) == []


async def test_a_conversation_without_text_is_never_stale(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with database.session(account) as session:
        empty, _ = await add_conversation(session, account, [" \n"])
        nothing, _ = await add_conversation(session, account, [])
    assert await chunking.stale(database, account, settings) == []
    assert await chunking.refresh(database, account, settings, [empty.id, nothing.id]) == Chunked(2, 0)


async def test_recent_is_what_is_younger_than_six_months(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    now = datetime.now(UTC)
    async with database.session(account) as session:
        for days in (100, 300):
            await add_conversation(session, account, ["talk"], started_at=now - timedelta(days=days))
        await add_conversation(session, account, ["undated"], started_at=None)
    await chunking.chunk_all(database, account, settings)
    assert [row.is_recent for row in await rows(database, account)] == [False, True, True]
    async with database.session(account) as session:
        await session.execute(update(ConversationChunk).values(created_at=now - timedelta(days=200)))
    await chunking.chunk_all(database, account, settings)
    assert [row.is_recent for row in await rows(database, account)] == [False, False, False]


async def test_what_an_import_changes_meanwhile_stays_stale(
    database: Database, account: uuid.UUID, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with database.session(account) as session:
        made, _ = await add_conversation(session, account, ["Hello"])
    read = reading.store.dialogues

    async def then_change(*given: object) -> object:
        found = await read(*given)  # type: ignore[arg-type]
        async with database.session(account) as session:
            await session.execute(update(Conversation).where(Conversation.id == made.id).values(content_hash=b"new"))
        return found

    monkeypatch.setattr(reading.store, "dialogues", then_change)
    assert await chunking.refresh(database, account, settings, [made.id]) == Chunked(0, 0)
    monkeypatch.undo()
    assert await chunking.stale(database, account, settings) == [made.id]
    assert await rows(database, account) == []


async def test_chunks_go_with_their_conversation(database: Database, account: uuid.UUID, settings: Settings) -> None:
    async with database.session(account) as session:
        made, _ = await add_conversation(session, account, ["Hello"])
    await chunking.chunk_all(database, account, settings)
    async with database.session(account) as session:
        await session.execute(delete(Conversation).where(Conversation.id == made.id))
    assert await rows(database, account) == []
    assert await chunking.refresh(database, account, settings, [made.id]) == Chunked(0, 0)

"""Finished threads become conversations of the history, which are searched at once and read for facts by the next pass.
In: threads. Out: conversations that follow them, until both are deleted."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterator, Sequence
from itertools import zip_longest

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import chunking, sections
from soulprint.chat import running, store
from soulprint.database import Database
from soulprint.importing.shapes import ParsedMessage
from soulprint.kinds import Modality, Role
from soulprint.records import ThreadMessage
from soulprint.settings import Settings

BATCH = 50
"""Threads that are written before they are cut for search."""


async def sweep(database: Database, account: uuid.UUID, settings: Settings) -> list[uuid.UUID]:
    """Write the threads that are finished into the history: nothing was said in them for a while, or another was begun
    since. Gives the conversations that are new or changed; no pass is started."""
    await _mend(database, account)
    changed = []
    while batch := await _finished(database, account, settings):
        written = [each for each in batch if await _is_written(database, account, each)]
        conversations = [conversation_id(account, each) for each in written]
        await chunking.refresh(database, account, settings, conversations)
        changed += conversations
    return changed


async def rename(session: AsyncSession, account: uuid.UUID, thread_id: uuid.UUID, title: str) -> None:
    """Give a thread, and the conversation made of it, a title; one of blanks alone leaves it as it is. Raises
    `errors.NotFound`."""
    thread = await store.entitle(session, thread_id, title)
    await store.entitle_conversation(session, conversation_id(account, thread_id), thread.title)


async def forget(session: AsyncSession, account: uuid.UUID, thread_id: uuid.UUID) -> bool:
    """Delete a thread with all it holds, the conversation made of it, and the facts that rest on nothing else; gives
    whether the profile in use quotes what is gone.

    Raises `errors.NotFound`.
    """
    await store.thread(session, thread_id)
    await store.delete_thread(session, thread_id)
    before = await sections.unfounded(session)
    if not await store.delete_conversation(session, conversation_id(account, thread_id)):
        return False
    return await sections.unfounded(session) > before


def conversation_id(account: uuid.UUID, thread_id: uuid.UUID) -> uuid.UUID:
    """The key of the conversation that a thread becomes, made as those of imported ones are."""
    return uuid.uuid5(account, f"{store.PROVIDER}:{thread_id}")


async def _mend(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        unfinished = await store.unfinished(session)
    for thread_id in unfinished:
        await running.mend(database, account, thread_id)


async def _finished(database: Database, account: uuid.UUID, settings: Settings) -> Sequence[uuid.UUID]:
    async with database.session(account) as session:
        return await store.finished(session, settings.chat_idle_minutes, BATCH)


async def _is_written(database: Database, account: uuid.UUID, thread_id: uuid.UUID) -> bool:
    """Bring the thread's conversation up to date; gives whether anything in it was new."""
    async with database.session(account) as session:
        thread = await store.held(session, thread_id)
        if thread is None:
            return False
        branch = await store.branch(session, thread.leaf_id)
        messages = list(_messages(branch))
        model = next((row.model for row in reversed(branch) if row.model), None)
        written = store.Written(conversation_id(account, thread_id), messages, _hash(messages), model)
        return await store.write(session, thread, written)


def _messages(branch: Sequence[ThreadMessage]) -> Iterator[ParsedMessage]:
    """The messages with text. Orders are no words about what is so: "forget that I live in Lyon" proves nothing."""
    is_order = False
    for message, follower in zip_longest(branch, branch[1:]):
        is_order = _tells_of_order(follower) if message.role == Role.USER else is_order
        if message.text:
            yield ParsedMessage(
                provider_id=str(message.id),
                role=Role(message.role),
                text=message.text,
                sent_at=message.created_at,
                modality=Modality.COMMAND if is_order else Modality.TEXT,
            )


def _tells_of_order(answer: ThreadMessage | None) -> bool:
    """Whether no model wrote the answer, nor the local engine."""
    return answer is not None and answer.role == Role.ASSISTANT and answer.model is None and answer.error is None


def _hash(messages: Sequence[ParsedMessage]) -> bytes:
    return hashlib.blake2b(msgspec.msgpack.encode(messages), digest_size=16).digest()

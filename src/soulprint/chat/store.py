"""All SQL of the room: threads and their messages."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors
from soulprint.kinds import Role
from soulprint.records import Thread, ThreadMessage

UNTITLED = "New chat"
TITLE = 60
"""How many characters of the first question a thread is named by."""


async def threads(session: AsyncSession, limit: int = 100) -> Sequence[Thread]:
    """Newest first."""
    return (await session.scalars(select(Thread).order_by(Thread.updated_at.desc()).limit(limit))).all()


async def thread(session: AsyncSession, thread_id: uuid.UUID) -> Thread:
    """Raises `errors.NotFound`."""
    found = await session.scalar(select(Thread).where(Thread.id == thread_id))
    if found is None:
        raise errors.NotFound(what="chat")
    return found


async def messages(session: AsyncSession, thread_id: uuid.UUID) -> Sequence[ThreadMessage]:
    """Oldest first."""
    query = select(ThreadMessage).where(ThreadMessage.thread_id == thread_id).order_by(ThreadMessage.id)
    return (await session.scalars(query)).all()


async def start(session: AsyncSession, account: uuid.UUID) -> Thread:
    """A new, empty thread."""
    thread = Thread(id=uuid.uuid4(), user_id=account, title=UNTITLED)
    session.add(thread)
    await session.flush()
    await session.refresh(thread)
    return thread


async def forget(session: AsyncSession, thread_id: uuid.UUID) -> None:
    """Delete a thread with all it holds."""
    await session.execute(delete(Thread).where(Thread.id == thread_id))


async def add(session: AsyncSession, message: ThreadMessage) -> int:
    """Append `message` to its thread, which takes its name from the first question. Gives the message's id."""
    session.add(message)
    await session.flush()
    touched = update(Thread).where(Thread.id == message.thread_id).values(updated_at=func.now())
    await session.execute(touched)
    if message.role == Role.USER:
        named = touched.where(Thread.title == UNTITLED).values(title=_title(message.text))
        await session.execute(named)
    return message.id


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TITLE else line[: TITLE - 1].rsplit(" ", 1)[0] + "…"

"""One turn of a chat: recall, answer, keep. The profile is read anew each time, so a new version is used at once."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

import anyio

from soulprint import errors, llm, sections
from soulprint.chat import local, store
from soulprint.chat.context import Context
from soulprint.database import Database
from soulprint.kinds import Role
from soulprint.recall import store as searching
from soulprint.records import ThreadMessage
from soulprint.records.sections import Quote
from soulprint.settings import Settings

PASSAGES = 8
"""How many passages of the history an answer is given."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What was recalled: source number n of the answer is the n-th of these, from 1."""

    quotes: list[Quote]


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is whole and kept."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer broke off; what had come until then is kept."""

    message: str


Event = Sources | Delta | Done | Failed


async def answer(
    database: Database, account: uuid.UUID, settings: Settings, thread_id: uuid.UUID, text: str
) -> AsyncGenerator[Event, None]:
    """Answer `text` in a thread, piece by piece. Closing the iterator stops the answer and keeps what came.

    Raises `errors.NotFound` for an unknown thread before anything is written.
    """
    context = await _context(database, account, thread_id, storable(text))
    reply = _Reply(context, llm.model_name(settings, llm.Role.CHAT))
    yield Sources(context.quotes)
    try:
        async with aclosing(await _pieces(database, account, settings, context)) as pieces:
            async for piece in pieces:
                reply.pieces.append(piece)
                yield Delta(piece)
    except errors.SoulprintError as error:
        reply.error = str(error)
    except BaseException:
        reply.error = "It was stopped."
        raise
    finally:
        with anyio.CancelScope(shield=True):
            message_id = await _keep(database, account, thread_id, reply)
    yield Failed(reply.error) if reply.error else Done(message_id)


def storable(text: str) -> str:
    """`text` with a question mark for what no database takes: U+0000, and halves of characters."""
    return text.replace("\0", "?").encode(errors="replace").decode()


@dataclass(slots=True)
class _Reply:
    context: Context
    model: str
    pieces: list[str] = field(default_factory=list)
    error: str | None = None


async def _context(database: Database, account: uuid.UUID, thread_id: uuid.UUID, text: str) -> Context:
    async with database.session(account) as session:
        await store.thread(session, thread_id)
        history = await store.messages(session, thread_id)
        question = ThreadMessage(user_id=account, thread_id=thread_id, role=Role.USER, text=text, sources=[])
        await store.add(session, question)
        passages = await searching.search(session, text, PASSAGES)
        return Context(
            question=text,
            history=[(Role(message.role), message.text) for message in history if message.text],
            version=await sections.current(session),
            quotes=[passage.quote for passage in passages],
            secrets=frozenset().union(*(passage.secrets for passage in passages)),
        )


async def _pieces(
    database: Database, account: uuid.UUID, settings: Settings, context: Context
) -> AsyncGenerator[str, None]:
    if llm.is_local(settings, llm.Role.CHAT):
        return local.pieces(context)
    # What talks to models takes seconds to load, and nobody else should wait for it.
    agent = await asyncio.to_thread(importlib.import_module, "soulprint.chat.agent")
    pieces: AsyncGenerator[str, None] = agent.pieces(database, account, settings, context)
    return pieces


async def _keep(database: Database, account: uuid.UUID, thread_id: uuid.UUID, reply: _Reply) -> int:
    message = ThreadMessage(
        user_id=account,
        thread_id=thread_id,
        role=Role.ASSISTANT,
        text="".join(reply.pieces),
        sources=_dump(reply.context.quotes),
        model=reply.model,
        version=reply.context.version.number if reply.context.version else None,
        error=reply.error,
    )
    async with database.session(account) as session:
        return await store.add(session, message)


def _dump(quotes: Sequence[Quote]) -> list[dict[str, object]]:
    return [quote.model_dump(mode="json") for quote in quotes]

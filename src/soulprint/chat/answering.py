"""One turn of a chat: the question is written down, and answered from what bears on it. The profile is read anew each
time, so a new version is used at once."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import facts, llm, sections
from soulprint.chat import composing, local, orders, store
from soulprint.chat.context import Context
from soulprint.database import Database
from soulprint.facts import FactView
from soulprint.kinds import Role
from soulprint.records import ThreadMessage
from soulprint.records.recalled import Recalled
from soulprint.settings import Settings


@dataclass(frozen=True, slots=True)
class Turn:
    """A question that is written down, with the answer that is to be written."""

    thread_id: uuid.UUID
    question_id: int
    answer_id: int
    text: str
    history: list[tuple[Role, str]]
    """The branch before the question, oldest first."""
    last: ThreadMessage | None
    """The last message of that branch."""
    former: ThreadMessage | None = None
    """The answer of which this is to be another version."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer rests on."""

    model: str | None = None
    """What writes it; None where it tells what became of an order."""
    version: int | None = None
    sources: list[Recalled] = field(default_factory=list)
    changes: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Why:
    """What an answer rests on, for the person to look through."""

    facts: list[FactView]
    """Those of the sources that are facts, as they are now."""
    sources: list[Recalled]
    version: int | None
    """The profile version it was written with."""
    read: int
    """Conversations that this version rests on."""
    total: int


async def ask(session: AsyncSession, thread_id: uuid.UUID, text: str, edits: int | None = None) -> Turn:
    """Write a question down after what is on show, or as another version of the person's message `edits`, and begin
    its answer.

    Raises `errors.NotFound` for an unknown thread or message.
    """
    thread = await store.thread(session, thread_id)
    parent = thread.leaf_id
    if edits is not None:
        parent = (await store.message(session, thread_id, edits, Role.USER)).parent_id
    before = await store.branch(session, parent)
    question = await store.add_question(session, thread, parent, storable(text))
    answer = await store.add_answer(session, thread, question)
    last = before[-1] if before else None
    return Turn(thread_id, question, answer, storable(text), _history(before), last)


async def retry(session: AsyncSession, thread_id: uuid.UUID, answer_id: int) -> Turn:
    """Begin another version of an answer. Raises `errors.NotFound` for what is no answer of the thread."""
    thread = await store.thread(session, thread_id)
    former = await store.message(session, thread_id, answer_id, Role.ASSISTANT)
    *before, question = await store.branch(session, former.parent_id)
    answer = await store.add_answer(session, thread, question.id)
    last = before[-1] if before else None
    return Turn(thread_id, question.id, answer, question.text, _history(before), last, former)


async def pieces(
    database: Database, account: uuid.UUID, settings: Settings, turn: Turn
) -> AsyncGenerator[Basis | str, None]:
    """What the answer rests on, then the answer piece by piece as it is written. Raises what keeps it from being
    whole."""
    if turn.former and turn.former.changes:  # what was ordered is done once
        yield Basis(changes=turn.former.changes)
        yield turn.former.text
        return
    if done := await orders.carried_out(database, account, settings, turn.text, turn.last):
        yield Basis(changes=done.changes)
        yield done.reply
        return
    context = await composing.gathered(database, account, settings, turn.text, turn.history)
    model, version = llm.model_name(settings, llm.Role.CHAT), context.version
    yield Basis(model, version.number if version else None, context.sources)
    async with aclosing(written(database, account, settings, context)) as answer:
        async for piece in answer:
            yield piece


async def why(session: AsyncSession, thread_id: uuid.UUID, answer_id: int) -> Why:
    """Raises `errors.NotFound` for what is no answer of the thread."""
    answer = await store.message(session, thread_id, answer_id, Role.ASSISTANT)
    sources = [Recalled.model_validate(source) for source in answer.sources]
    told = {source.fact_id for source in sources if source.fact_id is not None}
    version = await sections.version(session, answer.version) if answer.version else None
    return Why(
        facts=await facts.by_ids(session, told) if told else [],
        sources=sources,
        version=answer.version,
        read=version.conversations_read if version else 0,
        total=version.conversations_total if version else 0,
    )


def storable(text: str) -> str:
    """`text` with a question mark for what no database takes: U+0000, and halves of characters."""
    return text.replace("\0", "?").encode(errors="replace").decode()


def _history(before: Sequence[ThreadMessage]) -> list[tuple[Role, str]]:
    return [(Role(message.role), message.text) for message in before if message.text]


async def written(
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    context: Context,
    *,
    further: str = "",
    model_settings: dict[str, Any] | None = None,
) -> AsyncGenerator[str, None]:
    """The answer to a context, piece by piece, by the model or the local engine. `further` are instructions of the
    person's own, `model_settings` what pydantic-ai calls so. Raises what `agent.pieces` does."""
    if llm.is_local(settings, llm.Role.CHAT):
        pieces = local.pieces(context)
    else:
        # What talks to models takes seconds to load, and nobody else should wait for it.
        agent = await asyncio.to_thread(importlib.import_module, "soulprint.chat.agent")
        pieces = agent.pieces(
            database, account, settings, context, further=further, model_settings=model_settings or None
        )
    async with aclosing(pieces):
        async for piece in pieces:
            yield piece

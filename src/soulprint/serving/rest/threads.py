"""Chats with the assistant that knows the person. An answer is written whether or not anybody reads it; readers come
and go."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse

from soulprint import chat
from soulprint.serving import faults, parameters, problems
from soulprint.serving.door import At, Door
from soulprint.serving.rest import shapes
from soulprint.serving.stream import Event, EventStream

router = APIRouter(prefix="/threads")

STREAMED: dict[int | str, dict[str, object]] = {200: {"content": {"text/event-stream": {}}}}


@router.get("")
async def threads(
    door: At,
    q: Annotated[parameters.Text, Query(max_length=1000, description="Only chats that hold all of these words.")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    before: Annotated[uuid.UUID | None, Query(description="The id of the last chat of the page before.")] = None,
) -> list[shapes.Thread]:
    """The chats, those used last first. With `q` each has the passage that was found, where that isn't its title."""
    async with door.database.session(door.account) as session:
        found = await chat.threads(session, q, limit=limit, before=before)
    return [shapes.Thread.model_validate(row) for row in found]


@router.post("", status_code=201)
async def start(door: At) -> shapes.Thread:
    """A new, empty chat."""
    async with door.database.session(door.account) as session:
        return shapes.Thread.model_validate(await chat.start(session, door.account))


@router.get("/{thread_id}")
async def read(door: At, thread_id: uuid.UUID) -> shapes.ThreadWithMessages:
    """A chat with the messages of the branch on show, oldest first."""
    await chat.mend(door.database, door.account, thread_id)
    async with door.database.session(door.account) as session:
        thread = shapes.Thread.model_validate(await chat.thread(session, thread_id))
        messages = [shapes.ThreadMessage.model_validate(row) for row in await chat.messages(session, thread_id)]
    return shapes.ThreadWithMessages(**thread.model_dump(), messages=messages)


@router.patch("/{thread_id}")
async def rename(door: At, thread_id: uuid.UUID, change: shapes.ThreadChange) -> shapes.Thread:
    """Give a chat another title."""
    async with door.database.session(door.account) as session:
        await chat.rename(session, door.account, thread_id, change.title)
        return shapes.Thread.model_validate(await chat.thread(session, thread_id))


@router.delete("/{thread_id}", status_code=204)
async def forget(door: At, thread_id: uuid.UUID) -> None:
    """Delete a chat with all it holds and what was made of it; a profile that quotes it is brought up to date in the
    background."""
    async with door.database.session(door.account) as session:
        is_quoted = await chat.forget(session, door.account, thread_id)
    if is_quoted:
        door.background.renew(door.account)


@router.post("/{thread_id}/messages", response_class=StreamingResponse, responses=STREAMED)
async def ask(door: At, thread_id: uuid.UUID, question: shapes.Question) -> EventStream:
    """Ask, and read the answer as server-sent events: `asked`, `sources`, then `delta` for each piece, then `done`,
    `failed` or `stopped`. With `edits` the text takes the place of that message, on a branch of its own. Closing the
    connection leaves the answer to be written."""
    asked = await door.answers.ask(door.database, door.account, door.settings, thread_id, question.text, question.edits)
    return await _stream(door, thread_id, asked.answer_id)


@router.post("/{thread_id}/messages/{message_id}/retry", response_class=StreamingResponse, responses=STREAMED)
async def retry(door: At, thread_id: uuid.UUID, message_id: parameters.Id) -> EventStream:
    """Ask for another version of an answer, and read it as if it had been asked for first."""
    asked = await door.answers.retry(door.database, door.account, door.settings, thread_id, message_id)
    return await _stream(door, thread_id, asked.answer_id)


@router.get("/{thread_id}/messages/{message_id}/events", response_class=StreamingResponse, responses=STREAMED)
async def events(door: At, thread_id: uuid.UUID, message_id: parameters.Id) -> EventStream:
    """Read an answer that is being written from its beginning: what came so far at once, then piece by piece."""
    return await _stream(door, thread_id, message_id)


@router.post("/{thread_id}/messages/{message_id}/stop", status_code=204)
async def stop(door: At, thread_id: uuid.UUID, message_id: parameters.Id) -> None:
    """Stop an answer; what came is kept."""
    await door.answers.stop(door.database, door.account, thread_id, message_id)


@router.post("/{thread_id}/messages/{message_id}/show", status_code=204)
async def show(door: At, thread_id: uuid.UUID, message_id: parameters.Id) -> None:
    """Show the branch that goes through this message, to the newest one that follows it."""
    async with door.database.session(door.account) as session:
        await chat.show(session, thread_id, message_id)


@router.get("/{thread_id}/messages/{message_id}/why")
async def why(door: At, thread_id: uuid.UUID, message_id: parameters.Id) -> shapes.Why:
    """What an answer rests on: the facts and sources it was given, and the profile it was written with."""
    async with door.database.session(door.account) as session:
        return shapes.Why.model_validate(await chat.why(session, thread_id, message_id))


async def _stream(door: Door, thread_id: uuid.UUID, answer_id: int) -> EventStream:
    found = await door.answers.follow(door.database, door.account, thread_id, answer_id)
    return EventStream(_told(door, answer_id, found))


async def _told(door: Door, answer_id: int, found: AsyncGenerator[chat.Event, None]) -> AsyncGenerator[Event, None]:
    try:
        async with aclosing(found):
            async for event in found:
                yield _event(event)
    except Exception as error:  # noqa: BLE001 (the visitor is told; the stream has begun and has no status any more)
        explained = faults.explained(error, door.settings)
        if explained is None:
            problems.report("answer could not be read", error)
        message = str(explained or problems.UNFORESEEN)
        yield "failed", shapes.FailedEvent(message=message, message_id=answer_id)


def _event(event: chat.Event) -> Event:
    match event:
        case chat.Asked():
            return "asked", shapes.AskedEvent.model_validate(event)
        case chat.Sources():
            return "sources", shapes.SourcesEvent.model_validate(event)
        case chat.Delta():
            return "delta", shapes.DeltaEvent.model_validate(event)
        case chat.Done():
            return "done", shapes.DoneEvent.model_validate(event)
        case chat.Failed():
            return "failed", shapes.FailedEvent.model_validate(event)
        case chat.Stopped():
            return "stopped", shapes.StoppedEvent.model_validate(event)

"""Chats with the assistant that knows the person."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import aclosing

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from soulprint import chat
from soulprint.serving import faults, problems
from soulprint.serving.door import At, Door
from soulprint.serving.rest import shapes
from soulprint.serving.rest.stream import Event, EventStream

router = APIRouter(prefix="/threads")


@router.get("")
async def threads(door: At) -> list[shapes.Thread]:
    """Newest first."""
    async with door.database.session(door.account) as session:
        return [shapes.Thread.model_validate(row) for row in await chat.threads(session)]


@router.post("", status_code=201)
async def start(door: At) -> shapes.Thread:
    """A new, empty chat."""
    async with door.database.session(door.account) as session:
        return shapes.Thread.model_validate(await chat.start(session, door.account))


@router.get("/{thread_id}")
async def read(door: At, thread_id: uuid.UUID) -> shapes.ThreadWithMessages:
    """A chat with its messages, oldest first."""
    async with door.database.session(door.account) as session:
        thread = shapes.Thread.model_validate(await chat.thread(session, thread_id))
        messages = [shapes.ThreadMessage.model_validate(row) for row in await chat.messages(session, thread_id)]
    return shapes.ThreadWithMessages(**thread.model_dump(), messages=messages)


@router.delete("/{thread_id}", status_code=204)
async def forget(door: At, thread_id: uuid.UUID) -> None:
    """Delete a chat with all it holds."""
    async with door.database.session(door.account) as session:
        await chat.thread(session, thread_id)
        await chat.forget(session, thread_id)


@router.post(
    "/{thread_id}/messages",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {}}}},
)
async def ask(door: At, thread_id: uuid.UUID, question: shapes.Question) -> EventStream:
    """Ask, and read the answer as server-sent events: `sources`, then `delta` for each piece, then `done` or `failed`.
    Closing the connection stops the answer; what came is kept."""
    async with door.database.session(door.account) as session:
        await chat.thread(session, thread_id)
    return EventStream(_answered(door, thread_id, question.text))


async def _answered(door: Door, thread_id: uuid.UUID, text: str) -> AsyncGenerator[Event, None]:
    answer = chat.answer(door.database, door.account, door.settings, thread_id, text)
    try:
        async with aclosing(answer) as pieces:
            async for piece in pieces:
                yield _event(piece)
    except Exception as error:  # noqa: BLE001 (the visitor is told; the stream has begun and has no status any more)
        explained = faults.explained(error, door.settings)
        if explained is None:
            problems.report("answer failed", error)
        yield "failed", shapes.FailedEvent(message=str(explained or problems.UNFORESEEN))


def _event(piece: chat.Event) -> Event:
    match piece:
        case chat.Sources():
            return "sources", shapes.SourcesEvent(sources=piece.quotes)
        case chat.Delta():
            return "delta", shapes.DeltaEvent(text=piece.text)
        case chat.Done():
            return "done", shapes.DoneEvent(message_id=piece.message_id)
        case chat.Failed():
            return "failed", shapes.FailedEvent(message=piece.message)

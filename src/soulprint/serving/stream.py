"""Server-sent events over one task that is always ended: by its own end, by the visitor leaving, or by the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from weakref import WeakSet

import anyio
from fastapi.sse import format_sse_event
from pydantic import BaseModel
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

QUIET = 15.0
"""Seconds without an event after which a comment is sent, so that neither side takes the line for dead."""
AHEAD = 64
"""Events made before the visitor has read them."""

Event = tuple[str, BaseModel]
"""Name and data."""

_open: WeakSet[EventStream] = WeakSet()


def end_all() -> None:
    """End every stream that this process sends, so that a server that stops waits for none of them."""
    for stream in list(_open):
        stream.end()


class EventStream(StreamingResponse):
    """Sends `events` as they come. However the response ends, the generator is closed, in the task that ran it."""

    media_type = "text/event-stream"

    def __init__(self, events: AsyncGenerator[Event, None]) -> None:
        self._queue: asyncio.Queue[Event | None] = asyncio.Queue(AHEAD)
        self._events = events
        self._ending = asyncio.Event()
        _open.add(self)
        super().__init__(self._frames(), headers={"cache-control": "no-store", "x-accel-buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        producer = asyncio.create_task(self._produce())
        try:
            await super().__call__(scope, receive, send)
        finally:
            producer.cancel()
            with anyio.CancelScope(shield=True), suppress(asyncio.CancelledError):
                await producer

    def end(self) -> None:
        """Send nothing more."""
        self._ending.set()

    async def _produce(self) -> None:
        try:
            async with aclosing(self._events):
                async for event in self._events:
                    await self._queue.put(event)
        except Exception:
            await self._queue.put(None)
            raise
        await self._queue.put(None)

    async def _frames(self) -> AsyncIterator[bytes]:
        ending = asyncio.create_task(self._ending.wait())
        coming = asyncio.create_task(self._queue.get())
        try:
            while not self._ending.is_set():
                if not (await asyncio.wait({coming, ending}, timeout=QUIET, return_when=asyncio.FIRST_COMPLETED))[0]:
                    yield format_sse_event(comment="still here")
                if not coming.done():
                    continue
                event = coming.result()
                if event is None:
                    return
                coming = asyncio.create_task(self._queue.get())
                yield format_sse_event(event=event[0], data_str=event[1].model_dump_json())
        finally:
            coming.cancel()
            ending.cancel()

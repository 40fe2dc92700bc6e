"""Makes few windows ready at a time: side by side all would be ready last, and no request leave before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary

PLACES = 2
"""While one waits for its rows, the other is rendered."""

_places: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


@asynccontextmanager
async def getting_ready() -> AsyncIterator[Callable[[], None]]:
    """The block in which a window is made ready, entered in order. Gives what is to be called when its request is
    ready, so that the next window needn't wait for the answer to this one."""
    places = _places.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(PLACES))
    await places.acquire()
    held = True

    def ready() -> None:
        nonlocal held
        if held:
            held = False
            places.release()

    try:
        yield ready
    finally:
        ready()

"""Iterators in, each run in a thread of its own; their items out, for one task of an event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Generator, Sequence
from contextlib import closing, suppress
from typing import Generic, TypeVar

T = TypeVar("T")


class Feed(Generic[T]):
    """The items of several iterators as they come, of each at most one that nobody took yet. A thread that is in the
    midst of something long keeps nobody waiting: neither `stop` nor the end of the program."""

    def __init__(self, sources: Sequence[Generator[T, None, None]]) -> None:
        self._loop = asyncio.get_running_loop()
        self._coming: asyncio.Queue[tuple[T | BaseException | None, threading.Semaphore]] = asyncio.Queue()
        self._rooms = [threading.Semaphore() for _ in sources]
        self._at_work = len(sources)
        self._stopped = False
        for source, room in zip(sources, self._rooms, strict=True):
            threading.Thread(target=self._run, args=(source, room), name="import", daemon=True).start()

    async def next(self) -> T | None:
        """The next item; None when there is none any more. Raises what an iterator raised."""
        while self._at_work and not self._stopped:
            item, room = await self._coming.get()
            room.release()
            if isinstance(item, BaseException):
                raise item
            if item is not None:
                return item
            self._at_work -= 1
        return None

    def stop(self) -> None:
        """Ask for no item any more; whoever waits for one gets None."""
        self._stopped = True
        for room in self._rooms:
            room.release()
        self._coming.put_nowait((None, threading.Semaphore()))

    def _run(self, source: Generator[T, None, None], room: threading.Semaphore) -> None:
        item: T | BaseException | None
        with closing(source):
            while True:
                room.acquire()
                if self._stopped:
                    return
                try:
                    item = next(source, None)
                except BaseException as error:  # noqa: BLE001
                    item = error
                with suppress(RuntimeError):  # the loop is closed
                    self._loop.call_soon_threadsafe(self._coming.put_nowait, (item, room))
                if item is None or isinstance(item, BaseException):
                    return

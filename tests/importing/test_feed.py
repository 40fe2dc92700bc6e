from __future__ import annotations

import threading
from collections.abc import Generator

import anyio
import pytest

from soulprint.importing.engine.feed import Feed

pytestmark = pytest.mark.anyio


def counted(*numbers: int) -> Generator[int, None, None]:
    yield from numbers


def broken() -> Generator[int, None, None]:
    yield 1
    raise OSError("gone")


async def test_all_items_of_all_come_and_those_of_one_in_order() -> None:
    feed = Feed([counted(*range(0, 100, 2)), counted(*range(1, 100, 2)), counted()])
    items = []
    while (item := await feed.next()) is not None:
        items.append(item)
    assert sorted(items) == [*range(100)]
    assert [item for item in items if item % 2] == [*range(1, 100, 2)]
    assert await feed.next() is None


async def test_what_is_raised_reaches_the_one_who_waits() -> None:
    feed = Feed([broken()])
    assert await feed.next() == 1
    with pytest.raises(OSError, match="gone"):
        await feed.next()


async def test_nobody_runs_ahead_by_more_than_one() -> None:
    made: list[int] = []

    def watched() -> Generator[int, None, None]:
        for number in range(3):
            made.append(number)
            yield number

    feed = Feed([watched()])
    assert await feed.next() == 0
    assert made in ([0], [0, 1])
    assert await feed.next() == 1
    assert await feed.next() == 2


async def test_a_stop_waits_for_nobody() -> None:
    never, closed = threading.Event(), threading.Event()

    def stuck() -> Generator[int, None, None]:
        try:
            yield 1
            never.wait()
            yield 2
        finally:
            closed.set()

    feed = Feed([stuck()])
    assert await feed.next() == 1
    feed.stop()
    assert await feed.next() is None
    never.set()
    assert await anyio.to_thread.run_sync(closed.wait, 30)


async def test_a_thread_whose_item_nobody_takes_ends_with_the_stop() -> None:
    closed = threading.Event()

    def endless() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    feed = Feed([endless()])
    feed.stop()
    assert await anyio.to_thread.run_sync(closed.wait, 30)

"""One limit for all requests to a model: how it falls, rises, and who waits for whom."""

from __future__ import annotations

import asyncio
import time

import pytest

from soulprint.llm.limiting import LATEST, REMEMBERED, Limiter

pytestmark = pytest.mark.anyio


class Callers:
    """Requests that stay in flight until they are told to end."""

    def __init__(self, limiter: Limiter) -> None:
        self.limiter = limiter
        self.ending = asyncio.Event()
        self.began: list[int] = []
        self.tasks: list[asyncio.Task[None]] = []

    async def start(self, count: int, most: int) -> None:
        first = len(self.tasks)
        self.tasks += [asyncio.create_task(self._stay(number, most)) for number in range(first, first + count)]
        await settled()

    async def end(self) -> None:
        self.ending.set()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _stay(self, number: int, most: int) -> None:
        async with self.limiter.turn(most):
            self.began.append(number)
            await self.ending.wait()


async def settled() -> None:
    """Until everything that can go on has."""
    for _ in range(5):
        await asyncio.sleep(0)


async def limited(most: int, *, in_flight: int = 0) -> tuple[Limiter, Callers]:
    limiter = Limiter()
    callers = Callers(limiter)
    async with limiter.turn(most):
        pass
    await callers.start(in_flight, most)
    return limiter, callers


async def test_no_more_than_allowed_are_in_flight_and_the_rest_in_order() -> None:
    limiter, callers = await limited(3, in_flight=10)
    assert limiter.in_flight == len(callers.began) == 3
    await callers.end()
    assert callers.began == list(range(10))
    assert limiter.in_flight == 0


async def test_a_burst_of_refusals_halves_once() -> None:
    limiter, callers = await limited(16, in_flight=16)
    sent = time.monotonic()
    for _ in range(16):
        limiter.overloaded(sent)
    assert limiter.limit == 8
    await callers.end()


async def test_each_new_burst_halves_down_to_one() -> None:
    limiter, _ = await limited(5)
    limits = []
    for _ in range(4):
        limiter.overloaded(time.monotonic())
        limits.append(limiter.limit)
    assert limits == [2, 1, 1, 1]


async def test_after_a_cut_nobody_begins_until_there_is_room() -> None:
    limiter, callers = await limited(4, in_flight=6)
    limiter.overloaded(time.monotonic())
    callers.tasks[0].cancel()
    await settled()
    assert len(callers.began) == 4
    for task in callers.tasks[1:3]:
        task.cancel()
    await settled()
    assert len(callers.began) == 5
    await callers.end()


async def test_answers_ease_it_back_by_about_one_a_round() -> None:
    limiter, _ = await limited(8)
    limiter.overloaded(time.monotonic())
    assert limiter.limit == 4
    rounds = 0
    while limiter.limit < 8:
        for _ in range(limiter.limit):
            limiter.answered(time.monotonic(), 1.0)
        rounds += 1
    assert 4 <= rounds <= 6
    limiter.answered(time.monotonic(), 1.0)
    assert limiter.limit == 8


async def test_what_was_sent_before_a_cut_raises_nothing() -> None:
    limiter, _ = await limited(8)
    sent = time.monotonic()
    limiter.overloaded(time.monotonic())
    for _ in range(50):
        limiter.answered(sent, 1.0)
    assert limiter.limit == 4


async def test_much_slower_answers_lower_it_for_a_while() -> None:
    limiter, _ = await limited(100)
    for _ in range(REMEMBERED):
        limiter.answered(time.monotonic(), 1.0)
    assert limiter.limit == 100
    for _ in range(LATEST):
        limiter.answered(time.monotonic(), 3.0)
    assert limiter.limit == 75
    for _ in range(300):
        limiter.answered(time.monotonic(), 3.0)  # the new usual
    assert 40 <= limiter.limit < 100


async def test_jitter_is_not_slowness() -> None:
    limiter, _ = await limited(100)
    for number in range(500):
        limiter.answered(time.monotonic(), 2.0 * (0.8 + 0.4 * (number * 7919 % 100) / 100))
    assert limiter.limit == 100


async def test_another_setting_holds_from_the_next_request_on() -> None:
    limiter, callers = await limited(2, in_flight=5)
    await callers.start(1, most=4)
    assert limiter.in_flight == 4
    await callers.start(1, most=3)
    assert limiter.limit == 3
    await callers.end()


async def test_a_raised_setting_does_not_undo_a_cut() -> None:
    limiter, _ = await limited(8)
    limiter.overloaded(time.monotonic())
    async with limiter.turn(20):
        assert limiter.limit == 4


async def test_who_goes_away_while_waiting_leaves_no_gap() -> None:
    limiter, callers = await limited(2, in_flight=6)
    for task in callers.tasks[2:5]:
        task.cancel()
    await settled()
    callers.tasks[0].cancel()
    await settled()
    assert callers.began == [0, 1, 5]
    assert limiter.in_flight == 2
    await callers.end()
    assert limiter.in_flight == 0


async def test_who_is_let_in_and_cancelled_at_once_gives_the_place_on() -> None:
    limiter, callers = await limited(1, in_flight=3)
    callers.ending.set()
    await asyncio.sleep(0)
    callers.tasks[1].cancel()
    await callers.end()
    assert limiter.in_flight == 0
    async with limiter.turn(1):
        assert limiter.in_flight == 1

"""How many requests to one model are in flight: as many as are allowed, fewer while its provider can't keep up."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

HALF = 0.5
"""What is left of the limit when the provider says that it is asked too much."""

SLOWER = 0.75
"""What is left of it when answers take much longer than they did."""

LATEST, REMEMBERED = 10, 50
"""Answers whose median is compared, and those it is compared with."""

ENOUGH = 30
"""Answers before anything is called slow."""

SLOW = 2.0
"""How many times the usual is slow."""


class Limiter:
    """The limit of one model in this process, from 1 to what its askers allow.

    Additive increase, multiplicative decrease, as networks share a line (Chiu and Jain 1989; RFC 5681): each answer
    raises the limit by one part of itself, so by one for each round of answers. A refusal for overload halves it, from
    what was in flight, once for all that was sent before the cut (RFC 6582). So does slowness, by a quarter: when the
    median of the last 10 answers is above twice that of the last 50, the idea of Netflix's gradient limit. As the slow
    answers become the usual ones, some two or three cuts follow each other at most.
    """

    def __init__(self) -> None:
        self.in_flight = 0
        self._most = 0
        self._limit = 0.0
        self._cut_at = 0.0
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._usual: deque[float] = deque(maxlen=REMEMBERED)
        self._latest: deque[float] = deque(maxlen=LATEST)

    @property
    def limit(self) -> int:
        """How many may be in flight now."""
        return int(self._limit)

    @asynccontextmanager
    async def turn(self, most: int) -> AsyncIterator[None]:
        """A place in flight, waited for in order; `most` is the highest the limit may be from now on."""
        self._allow(most)
        await self._let_in()
        try:
            yield
        finally:
            self.in_flight -= 1
            self._admit()

    def answered(self, sent: float, seconds: float) -> None:
        """A request sent at `sent` (monotonic clock) was answered after `seconds`."""
        self._usual.append(seconds)
        self._latest.append(seconds)
        if sent < self._cut_at:
            return
        if self._is_slow():
            self._cut(self._limit * SLOWER)
        else:
            self._limit = min(self._most, self._limit + 1 / max(1.0, self._limit))
            self._admit()

    def overloaded(self, sent: float) -> None:
        """A request sent at `sent` was refused because the provider is asked too much, or not answered in time."""
        if sent >= self._cut_at:
            self._cut(min(self._limit, self.in_flight or self._limit) * HALF)

    def _cut(self, limit: float) -> None:
        self._limit = max(1.0, limit)
        self._cut_at = time.monotonic()
        self._latest.clear()

    def _is_slow(self) -> bool:
        if len(self._usual) < ENOUGH or len(self._latest) < LATEST:
            return False
        return statistics.median(self._latest) > SLOW * statistics.median(self._usual)

    def _allow(self, most: int) -> None:
        """A limit that was never cut, or has recovered, follows the setting; another one keeps below it."""
        if most != self._most:
            self._limit = float(most) if self._limit >= self._most else min(self._limit, most)
            self._most = most
            self._admit()

    async def _let_in(self) -> None:
        if not self._waiting and self.in_flight < self.limit:
            self.in_flight += 1
            return
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.in_flight -= 1  # let in at the moment it was cancelled
            self._admit()
            raise

    def _admit(self) -> None:
        while self._waiting and self.in_flight < self.limit:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                self.in_flight += 1


_limiters: dict[str, Limiter] = {}


def limiter(model: str) -> Limiter:
    """The limiter that all requests of this process to `model` (`provider:name`) share."""
    return _limiters.setdefault(model, Limiter())


def forget() -> None:
    """Begin anew: the connections to all providers are closed."""
    _limiters.clear()

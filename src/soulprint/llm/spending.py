"""The gate before each request that a run has to pay for: is the run still wanted, and may it spend more."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

from soulprint import errors
from soulprint.database import Database
from soulprint.llm import prices, store
from soulprint.llm.roles import Role
from soulprint.records import Status
from soulprint.settings import Settings

ANSWER = {Role.EXTRACT: 1_000, Role.MERGE: 1_000, Role.MEMORY: 3_500, Role.SECTIONS: 2_600}
"""Tokens that an answer is taken to have until there were some."""

OTHER_ANSWER = 1_000
REMEMBERED = 20

_answered: defaultdict[tuple[str, Role], deque[int]] = defaultdict(lambda: deque(maxlen=REMEMBERED))


def estimate(settings: Settings, model: str, role: Role, input_tokens: int) -> Decimal:
    """US dollars that a request of so many tokens may come to, with an answer as long as the last ones of its kind were
    on average, or as is usual for its role; 0 where the price is not known."""
    usual = ANSWER.get(role, OTHER_ANSWER)
    seen = _answered[model, role]
    return prices.price(settings, model, input_tokens, max(usual, sum(seen) // max(1, len(seen)))) or Decimal(0)


def learn(model: str, role: Role, output_tokens: int) -> None:
    """Take note of how long an answer was, what a model thought before it included."""
    _answered[model, role].append(output_tokens)


async def check_vectors(db: Database, settings: Settings, account: uuid.UUID, estimate: Decimal) -> None:
    """Raise `errors.VectorsCeilingReached` or `errors.AccountCeilingReached` where vectors that may cost `estimate`
    would go over what is spent in 30 days: on vectors as much as on one full pass, on all the account's ceiling."""
    async with db.session(account) as session:
        of_vectors, of_all = await store.spent_lately(session)
    for most, spent, error in (
        (settings.ceiling, of_vectors, errors.VectorsCeilingReached),
        (settings.account_ceiling, of_all, errors.AccountCeilingReached),
    ):
        if most is not None and spent + estimate > Decimal(str(most)):
            raise error(ceiling=f"${most:.2f}", spent=f"${spent:.2f}")


@dataclass(eq=False)
class _Ledger:
    """What this process has in flight for one account, and paid since it has anything in flight: by run, and under the
    account's own id for all of them."""

    held: defaultdict[uuid.UUID, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    paid: defaultdict[uuid.UUID, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    settlements: int = 0
    _waiting: deque[asyncio.Future[None]] = field(default_factory=deque)

    def hold(self, purses: Sequence[uuid.UUID], amount: Decimal) -> None:
        for purse in purses:
            self.held[purse] += amount

    def settle(self, purses: Sequence[uuid.UUID], amount: Decimal, paid: Decimal) -> None:
        for purse in purses:
            self.held[purse] -= amount
            self.paid[purse] += paid
        self.settlements += 1
        self.wake()

    def wake(self) -> None:
        """Let the first that waits look again; it wakes the next when it got what it wants."""
        while self._waiting:
            place = self._waiting.popleft()
            if not place.done():
                place.set_result(None)
                return

    async def settlement(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.wake()  # it was this one's turn to look
            raise


_ledgers: WeakValueDictionary[uuid.UUID, _Ledger] = WeakValueDictionary()


@dataclass(frozen=True, slots=True)
class _Limit:
    """What a run, or all runs of an account, may spend."""

    purse: uuid.UUID
    most: Decimal
    spent: Decimal
    error: type[errors.CeilingReached]


@dataclass(eq=False)
class Reservation:
    """What one request may come to: held from the moment it may be sent until its cost is in the journal, which is
    where the block ends."""

    db: Database
    settings: Settings
    account: uuid.UUID
    run: uuid.UUID
    estimate: Decimal
    paid: Decimal = Decimal(0)
    """What the journal says that it cost."""
    _ledger: _Ledger = field(init=False)
    _is_held: bool = False
    _looked_at: int = 0

    def __post_init__(self) -> None:
        self._ledger = _ledgers.setdefault(self.account, _Ledger())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._is_held:
            self._ledger.settle(self._purses, self.estimate, self.paid)

    async def may_be_sent(self) -> bool:
        """Asked right before each attempt. False while only what others of this process have in flight is in the way:
        then `room` waits until it is worth asking again.

        What other processes have in flight is not known here, so each can go over the ceiling by as much. Raises
        `errors.PassStopped` when the run is not at work any more, `errors.CeilingReached` when it, or its account,
        would spend more than it may.
        """
        try:
            if await self._fits():
                self._hold()
                self._ledger.wake()
                return True
        except errors.SoulprintError:
            self._ledger.wake()
            raise
        return False

    async def room(self) -> None:
        """Wait until something that was in flight is paid for."""
        if self._looked_at == self._ledger.settlements:
            await self._ledger.settlement()

    @property
    def _purses(self) -> tuple[uuid.UUID, uuid.UUID]:
        return self.run, self.account

    def _hold(self) -> None:
        if not self._is_held:
            self._is_held = True
            self._ledger.hold(self._purses, self.estimate)

    async def _fits(self) -> bool:
        """Whether the estimate fits beside what is spent and in flight. What was paid while the sum was read may be in
        it or not, and counts as not."""
        self._looked_at = self._ledger.settlements
        paid = {purse: self._ledger.paid[purse] for purse in self._purses}
        now = await self._standing()
        if now is None or now.status != Status.PROCESSING:
            raise errors.PassStopped
        if self._is_held:
            return True
        rests = [(limit.purse, self._rest(limit)) for limit in self._limits(now)]
        return all(self._ledger.held[purse] + self._ledger.paid[purse] - paid[purse] <= rest for purse, rest in rests)

    async def _standing(self) -> store.Standing | None:
        async with self.db.session(self.account) as session:
            return await store.standing(session, self.run, with_account=self.settings.account_ceiling is not None)

    def _limits(self, now: store.Standing) -> Iterator[_Limit]:
        if now.ceiling is not None:
            yield _Limit(self.run, now.ceiling, now.spent, errors.CeilingReached)
        if self.settings.account_ceiling is not None:
            most = Decimal(str(self.settings.account_ceiling))
            yield _Limit(self.account, most, now.account_spent, errors.AccountCeilingReached)

    def _rest(self, limit: _Limit) -> Decimal:
        """What would be left under `limit` if nothing were in flight."""
        rest = limit.most - limit.spent - self.estimate
        if rest < 0:
            raise limit.error(ceiling=f"${limit.most:.2f}", spent=f"${limit.spent:.2f}")
        return rest

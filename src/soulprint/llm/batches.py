"""Provider batch APIs: requests handed in together, answered within a day at half the price, and put into the journal.

A batch fills the journal beforehand: whoever asks afterwards finds the answers there, and asks one by one for what was
not answered. What was handed in stands in `llm_batches`, so that a restart waits for it.
"""

from __future__ import annotations

import asyncio
import itertools
import uuid
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import structlog
import tenacity
from pydantic import TypeAdapter, ValidationError
from pydantic_ai import exceptions
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.batch import Batch, BatchRequest, BatchResult, EncodedBatchRequest
from pydantic_ai.settings import ModelSettings
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors
from soulprint.database import Database
from soulprint.llm import (
    finishing,
    incoming,
    journal,
    models,
    outgoing,
    prices,
    retrying,
    roles,
    spending,
    store,
    tokens,
)
from soulprint.llm.collecting import Collected, collecting
from soulprint.llm.roles import Role
from soulprint.llm.spending import Reservation
from soulprint.records import LlmBatch
from soulprint.settings import Settings

__all__ = ["Collected", "Open", "cancel", "collecting", "poll", "submit", "supported"]

log = structlog.get_logger()

MOST = 1_000
"""Requests of one batch: its answers are written in one transaction."""

LONGEST = timedelta(days=3)
"""How long a batch is asked after that can't be reached. Providers end one within a day."""

LOST = "the process that handed it in ended before the provider's receipt was written down"

ELSEWHERE = "it was handed in at another address or by another account"

PATIENCE = 1.0
"""Seconds between two looks whether another process is done with handing in."""

_HANDLE = TypeAdapter(Batch)
_PARAMETERS = TypeAdapter(ModelRequestParameters)


@dataclass(slots=True)
class Open:
    """What a look at the batches came to."""

    batches: int = 0
    """That the run still waits for."""
    requests: int = 0
    """In them."""
    answered: int = 0
    """Requests whose answers are in the journal since this look."""
    failed: Counter[str] = field(default_factory=Counter)
    """Requests that this look found will get no answer, by reason: errored, expired, canceled, missing, unreadable or
    lost. They may be asked one by one, or handed in again."""


def supported(settings: Settings, role: Role) -> bool:
    """Whether the role's model has a batch API. Whether the server at its address has one is seen when it is used."""
    name = roles.model_name(settings, role)
    if name == roles.LOCAL:
        return False
    try:
        return models.batching(settings, name).batch_max_requests is not None
    except errors.ModelUnknown:
        return False


async def submit(
    db: Database, account: uuid.UUID, settings: Settings, role: Role, run: uuid.UUID, collected: Sequence[Collected]
) -> int:
    """Hand the collected requests in, in as few batches as the provider takes; gives how many were. What is in the
    journal, or was handed in and is waited for, is left out.

    What the provider doesn't take is left unanswered, the reason written beside the batch. Raises
    `errors.PassStopped` or `errors.CeilingReached` before a batch that the run may not pay for; those before it stay
    handed in.
    """
    name = roles.model_name(settings, role)
    wanted = {one.key: one for one in collected}
    desk = Desk(db, account, settings, role, run, name, models.batching(settings, name))
    async with _alone(db, account):
        async with db.session(account) as session:
            await store.lose_batches(session, LOST)
            settled = await store.settled(session, [*wanted], run)
        encoded = await desk.encoded([one for key, one in wanted.items() if key not in settled])
        count = 0
        for part in desk.packed(encoded):
            if not await desk.hand_in(part):
                break
            count += len(part)
    return count


async def poll(db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID) -> Open:
    """Ask after every batch of the account, and write the answers of those that have ended into the journal, paid for
    by the run that waits for them. Done twice, it writes nothing twice.

    A batch that can't be reached for now stays open; it is given up after three days, at once where the provider
    doesn't know it.
    """
    async with db.hold(_name(account)) as held, db.session(account) as session:
        lost = await store.lose_batches(session, LOST) if held else 0
        waiting = await store.open_batches(session)
    found = Open(failed=Counter(lost=lost) if lost else Counter())
    for batch in waiting:
        if not await _looked_at(db, account, settings, batch, found) and batch.run_id == run:
            found.batches += 1
            found.requests += batch.size
    return found


async def cancel(db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID) -> int:
    """Ask the provider to answer no more of what `run` handed in; gives of how many batches. What was answered until
    then is paid for, and taken in by the next `poll`. A batch that can't be reached goes on."""
    async with db.session(account) as session:
        waiting = [batch for batch in await store.open_batches(session) if batch.run_id == run]
    return sum([await _cancelled(settings, batch) for batch in waiting])


# Handing in


@dataclass(frozen=True, slots=True)
class Encoded:
    """A request as the provider takes it, and what is kept of it: nothing that anybody said."""

    request: EncodedBatchRequest
    kept: dict[str, Any]
    estimate: Decimal
    """US dollars."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Hands in the requests of one role for one run."""

    db: Database
    account: uuid.UUID
    settings: Settings
    role: Role
    run: uuid.UUID
    name: str
    client: Model

    async def encoded(self, collected: Sequence[Collected]) -> list[Encoded]:
        """The requests as the provider takes them; what it can't take in a batch is left out."""
        found = [await self._encoded(one) for one in collected]
        return [one for one in found if one]

    async def _encoded(self, one: Collected) -> Encoded | None:
        """By the bare client: what was collected has come through the masking already."""
        await asyncio.sleep(0)  # encoding takes milliseconds, and others want their turn
        settings = ModelSettings(**{name: value for name, value in (one.settings or {}).items() if _is_sent(name)})  # type: ignore[typeddict-item]
        try:
            encoded = await self.client.batch_encode(_request(one.key.hex(), settings, one.parameters, one.messages))
        except exceptions.UserError as error:
            log.warning("a request fits into no batch", model=self.name, error=type(error).__name__)
            return None
        kept = {
            "prompt": one.prompt,
            "settings": dict(settings),
            "parameters": _PARAMETERS.dump_python(
                replace(one.parameters, instruction_parts=None), mode="json", exclude_defaults=True
            ),
        }
        read = sum(map(tokens.count, outgoing.texts(one.messages, one.parameters)))
        estimate = spending.estimate(self.settings, self.name, self.role, read) * prices.HALF
        return Encoded(encoded, kept | {"usd": str(estimate)}, estimate)

    def packed(self, encoded: Sequence[Encoded]) -> Iterator[list[Encoded]]:
        """In as few batches as the provider's limits allow."""
        most = min(MOST, self.client.batch_max_requests or MOST)
        room = self.client.batch_max_bytes
        in_groups = sorted(encoded, key=lambda one: one.request.group)
        for _, group in itertools.groupby(in_groups, key=lambda one: one.request.group):
            part: list[Encoded] = []
            size = 0
            for one in group:
                takes = self.client.batch_request_size(one.request)
                if part and (len(part) == most or (room is not None and size + takes > room)):
                    yield part
                    part, size = [], 0
                part.append(one)
                size += takes
            yield part

    async def hand_in(self, part: Sequence[Encoded]) -> bool:
        """Hand in one batch, once the run may pay for it beside what it waits for; gives whether the provider took
        it."""
        async with self.db.session(self.account) as session:
            waiting = await store.batches_estimate(session, self.run)
        estimate = waiting + sum((one.estimate for one in part), Decimal(0))
        with Reservation(self.db, self.settings, self.account, self.run, estimate) as reservation:
            while not await reservation.may_be_sent():
                await reservation.room()
            return await self._created(part)

    async def _created(self, part: Sequence[Encoded]) -> bool:
        """The row stands before the provider is asked, so that a batch is never unknown, whenever this is killed."""
        kept = {one.request.custom_id: one.kept for one in part}
        async with self.db.session(self.account) as session:
            row = await store.begin_batch(session, self.account, self.run, self.role, self.name, kept)
        trying = tenacity.AsyncRetrying(
            stop=tenacity.stop_after_attempt(self.settings.model_attempts),
            retry=tenacity.retry_if_exception(was_not_taken),
            wait=retrying.wait,
            reraise=True,
        )
        try:
            await trying(self._create, row, [one.request for one in part])
        except (exceptions.ModelAPIError, exceptions.UserError) as error:
            reason = _reason(self.name, error)
            log.warning("a batch was not taken", model=self.name, reason=reason)
            async with self.db.session(self.account) as session:
                await store.end_batch(session, row, reason)
            return False
        return True

    async def _create(self, row: uuid.UUID, requests: list[EncodedBatchRequest]) -> None:
        await finishing.to_its_end(self._take(row, requests))

    async def _take(self, row: uuid.UUID, requests: list[EncodedBatchRequest]) -> None:
        handle = await self.client.batch_create(requests)
        async with self.db.session(self.account) as session:
            await store.open_batch(session, row, _HANDLE.dump_python(handle, mode="json"))


def was_not_taken(error: BaseException) -> bool:
    """Whether the provider says that it didn't take a batch, and may take it in a while. Of one that was sent and not
    answered nobody knows."""
    return retrying.may_pass(error) and getattr(error, "phase", None) in (None, "connect", "pool")


@asynccontextmanager
async def _alone(db: Database, account: uuid.UUID) -> AsyncIterator[None]:
    """No other process hands in for this account while the block runs: what is half handed in then was left so."""
    while True:
        async with db.hold(_name(account)) as held:
            if held:
                yield
                return
        await asyncio.sleep(PATIENCE)


def _name(account: uuid.UUID) -> str:
    return f"batches of {account}"


def _is_sent(setting: str) -> bool:
    return setting not in outgoing.UNSENT


def _request(
    name: str, settings: ModelSettings, parameters: ModelRequestParameters, messages: Sequence[ModelMessage] = ()
) -> BatchRequest:
    return BatchRequest(
        custom_id=name, messages=[*messages], model_settings=settings, model_request_parameters=parameters
    )


def _reason(name: str, error: exceptions.ModelAPIError | exceptions.UserError) -> str:
    return ELSEWHERE if isinstance(error, exceptions.UserError) else str(retrying.translated(name, error))


# Taking in


async def _looked_at(db: Database, account: uuid.UUID, settings: Settings, batch: store.OpenBatch, found: Open) -> bool:
    """Take in what came of a batch, where it has ended; gives whether it is done with."""
    try:
        client = models.batching(settings, batch.model)
        handle = await client.batch_status(_HANDLE.validate_python(batch.handle))
        if handle.status != "ended":
            return False
        results = {result.custom_id: result for result in await client.batch_results(handle)}
    except (exceptions.ModelAPIError, exceptions.UserError, errors.ModelUnknown) as error:
        return await _missed(db, account, batch, error, found)
    async with db.session(account) as session:
        requests = await store.batch_requests(session, batch.id)
    answers, failed = await asyncio.to_thread(_decoded, client, requests, results)
    async with db.session(account) as session:
        row = await store.ending_batch(session, batch.id)
        if row is None:
            return True  # another process took it in
        await _write(session, account, row, answers)
        await store.end_batch(session, batch.id, ", ".join(f"{count} {name}" for name, count in failed.items()) or None)
    found.answered += len(answers)
    found.failed += failed
    return True


async def _missed(db: Database, account: uuid.UUID, batch: store.OpenBatch, error: Exception, found: Open) -> bool:
    """Give a batch up that can't be looked at, unless it may be later; gives whether it is done with."""
    is_gone = isinstance(error, exceptions.ModelHTTPError) and error.status_code in (404, 410)
    if type(error).__name__ == "BatchJobError":  # private to pydantic-ai: one of Gemini's that ended without results
        is_gone = True
    is_old = datetime.now(UTC) - batch.created_at > LONGEST
    if not (is_gone or is_old or isinstance(error, exceptions.UserError)):
        log.warning("a batch can't be looked at for now", model=batch.model, error=type(error).__name__)
        return False
    reason = str(error) if isinstance(error, errors.ModelUnknown) else _reason(batch.model, error)  # type: ignore[arg-type]
    async with db.session(account) as session:
        await store.end_batch(session, batch.id, reason)
    found.failed["lost"] += batch.size
    return True


def _decoded(
    client: Model, requests: dict[str, dict[str, Any]], results: dict[str, BatchResult]
) -> tuple[dict[str, ModelResponse], Counter[str]]:
    """The answers by the requests' ids, and how many requests got none, by reason."""
    answers: dict[str, ModelResponse] = {}
    failed: Counter[str] = Counter()
    for key, kept in requests.items():
        result = results.get(key)
        if result is None or result.status != "succeeded":
            failed[result.status if result else "missing"] += 1
            continue
        try:
            parameters = _PARAMETERS.validate_python(kept["parameters"])
            answers[key] = incoming.held(client.batch_decode(result, _request(key, kept["settings"], parameters)))
        except (exceptions.AgentRunError, ValidationError, ValueError):
            failed["unreadable"] += 1
    return answers, failed


async def _write(session: AsyncSession, account: uuid.UUID, row: LlmBatch, answers: dict[str, ModelResponse]) -> None:
    seconds = (datetime.now(UTC) - row.created_at).total_seconds()
    for key, response in answers.items():
        await journal.write(
            session,
            account,
            bytes.fromhex(key),
            response,
            role=Role(row.role),
            model=row.model,
            prompt=row.requests[key]["prompt"],
            run=row.run_id,
            seconds=seconds,
            batch=True,
        )


async def _cancelled(settings: Settings, batch: store.OpenBatch) -> bool:
    try:
        await models.batching(settings, batch.model).batch_cancel(_HANDLE.validate_python(batch.handle))
    except (exceptions.ModelAPIError, exceptions.UserError, errors.ModelUnknown) as error:
        log.warning("a batch was not cancelled", model=batch.model, error=type(error).__name__)
        return False
    return True

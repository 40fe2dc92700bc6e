"""The journal: every paid answer is written down before anyone uses it, so that nothing is paid for twice."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter
from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors
from soulprint.database import Database
from soulprint.llm import collecting, finishing, incoming, outgoing, prices, retrying, spending, store, tokens
from soulprint.llm.retrying import RetryingModel
from soulprint.llm.roles import Role
from soulprint.llm.spending import Reservation
from soulprint.settings import Settings

_RESPONSE = TypeAdapter(ModelResponse)


@dataclass(slots=True)
class Answers:
    """What was answered within one `answering` block."""

    keys: list[bytes] = field(default_factory=list)
    paid: Decimal = Decimal(0)
    """US dollars, of what had to be asked and has a known price."""
    asked: int = 0
    remembered: int = 0
    """Answers that were in the journal already."""


_answers: ContextVar[Answers | None] = ContextVar("answers", default=None)


class JournaledModel(WrapperModel):
    """Answers from the journal what was answered before, else asks and writes the answer down, in its own
    transaction.

    Streams are always asked; what they cost is written down, without their text. The request itself is never kept.
    """

    def __init__(
        self,
        wrapped: RetryingModel,
        settings: Settings,
        db: Database,
        account: uuid.UUID,
        role: Role,
        name: str,
        prompt: str | None,
        run: uuid.UUID | None,
    ) -> None:
        super().__init__(wrapped)
        self.name = name
        self._retrying = wrapped
        self._configured = settings
        self.db = db
        self.account = account
        self._role = role
        self._prompt = prompt
        self._run = run

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        key = self._key(messages, model_settings, model_request_parameters)
        if known := await self._known(key):
            return known
        if (collected := collecting.collector.get()) is not None:
            asked = collecting.Collected(key, messages, model_settings, model_request_parameters, self._prompt)
            collected.append(asked)
            raise errors.AnswerPending
        if self._run is None:
            return await self._asked(key, messages, model_settings, model_request_parameters, None)
        with self._reservation(self._run, messages, model_request_parameters) as reservation:
            return await self._asked(key, messages, model_settings, model_request_parameters, reservation)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        started = time.monotonic()
        parameters = model_request_parameters
        async with self.wrapped.request_stream(messages, model_settings, parameters, run_context) as stream:
            try:
                yield stream
            finally:
                key = store.elsewhere(self._key(messages, model_settings, parameters))
                await self._keep(key, stream.get(), time.monotonic() - started, spoken=True)

    async def _asked(
        self,
        key: bytes,
        messages: list[ModelMessage],
        settings: ModelSettings | None,
        parameters: ModelRequestParameters,
        reservation: Reservation | None,
    ) -> ModelResponse:
        started = time.monotonic()
        response = incoming.held(await self._retrying.request(messages, settings, parameters, reservation))
        cost = await self._keep(key, response, time.monotonic() - started)
        if reservation:
            reservation.paid = cost or Decimal(0)
        return response

    def _reservation(
        self, run: uuid.UUID, messages: list[ModelMessage], parameters: ModelRequestParameters
    ) -> Reservation:
        read = sum(map(tokens.count, outgoing.texts(messages, parameters)))
        estimate = spending.estimate(self._configured, self.name, self._role, read)
        return Reservation(self.db, self._configured, self.account, run, estimate)

    def _key(
        self, messages: list[ModelMessage], settings: ModelSettings | None, parameters: ModelRequestParameters
    ) -> bytes:
        return outgoing.fingerprint(self.account, self._role, self.name, settings, parameters, messages)

    async def _known(self, key: bytes) -> ModelResponse | None:
        async with self.db.session(self.account) as session:
            stored = await store.find(session, key)
        if stored is None:
            return None
        if answers := _answers.get():
            answers.keys.append(key)
            answers.remembered += 1
        return _RESPONSE.validate_python(stored)

    async def _keep(
        self, key: bytes, response: ModelResponse, seconds: float, *, spoken: bool = False
    ) -> Decimal | None:
        """Write the answer down even when whoever asked has been cancelled: it is paid for."""
        cost = prices.of_response(response)
        spending.learn(self.name, self._role, response.usage.output_tokens)
        entry = _entry(key, response, self._role, self.name, self._prompt, self._run, cost, seconds)
        await finishing.to_its_end(self._write(replace(entry, answer={}) if spoken else entry))
        if answers := _answers.get():
            answers.keys.append(key)
            answers.asked += 1
            answers.paid += cost or 0
        return cost

    async def _write(self, entry: store.Entry) -> None:
        async with self.db.session(self.account) as session:
            await store.keep(session, self.account, entry)


async def write(
    session: AsyncSession,
    account: uuid.UUID,
    key: bytes,
    response: ModelResponse,
    *,
    role: Role,
    model: str,
    prompt: str | None,
    run: uuid.UUID | None,
    seconds: float,
    batch: bool = False,
) -> Decimal | None:
    """Write down an answer that came another way, for the request with the fingerprint `key`; gives what it cost.

    `batch`: it came through a batch API, and is priced so. `seconds` is how long it took to come.
    """
    cost = prices.of_response(response, batch=batch)
    spending.learn(model, role, response.usage.output_tokens)
    await store.keep(session, account, _entry(key, response, role, model, prompt, run, cost, seconds))
    return cost


def _entry(
    key: bytes,
    response: ModelResponse,
    role: Role,
    model: str,
    prompt: str | None,
    run: uuid.UUID | None,
    cost: Decimal | None,
    seconds: float,
) -> store.Entry:
    answer = _RESPONSE.dump_python(response, mode="json")
    usage = response.usage
    return store.Entry(key, role, model, prompt, run, answer, usage.input_tokens, usage.output_tokens, cost, seconds)


@asynccontextmanager
async def answering(model: Model) -> AsyncIterator[Answers]:
    """The block in which an agent runs on `model`: gives what it was answered and what that cost.

    What the agent can't use becomes `errors.ModelAnswerUnusable`, and its answers are not served from the journal
    again, so that trying again asks again. So does raising that error in the block.
    """
    journaled = _journaled(model)
    answers = Answers()
    token = _answers.set(answers)
    try:
        with retrying.translating(journaled.name):
            yield answers
    except errors.ModelAnswerUnusable:
        async with journaled.db.session(journaled.account) as session:
            await store.disown(session, answers.keys)
        raise
    finally:
        _answers.reset(token)


def _journaled(model: Model) -> JournaledModel:
    while not isinstance(model, JournaledModel):
        assert isinstance(model, WrapperModel), "only models from `llm.model` are journaled"
        model = model.wrapped
    return model

"""Tries a request again while the reason it failed may pass, and says the final reason in our own errors."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager, nullcontext
from typing import Any, TypeVar

import tenacity
from pydantic_ai import RunContext, exceptions
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings

from soulprint import errors
from soulprint.llm import limiting
from soulprint.llm.spending import Reservation

T = TypeVar("T")

BROKE_OFF = "it broke off before its end"
"""Why an answer can't be used that had more to say than there was room for."""

LONGEST_WAIT = 120.0
"""Seconds. A provider that asks for more is given up on at once."""

FIRST_WAIT = 0.5
LONGEST_BACKOFF = 30.0

PASSING = (
    exceptions.ModelRateLimitError,
    exceptions.ModelUnavailableError,
    exceptions.ModelServerError,
    exceptions.ModelConnectionError,
)

OVERLOADED = (exceptions.ModelRateLimitError, exceptions.ModelUnavailableError, exceptions.ModelTimeoutError)
"""What says that fewer requests at a time would do better."""

SPARED = 8
"""Refusals for overload beyond the attempts, while it helps to send fewer requests: from 200 at a time down to one."""


class RetryingModel(WrapperModel):
    """Sends a request up to `attempts` times, waits as long as the provider asks (else ever longer, with jitter), and
    raises `errors.ModelUnreachable`, `errors.ModelRefused` or `errors.ModelAnswerUnusable`.

    An answer that takes longer than `seconds` is given up on and not asked for again: the provider is still at work on
    it, and charges for it. A stream is tried again until its first words are there. At most `most` requests are in
    flight, or as many as the model's limiter lets in; None for what waits for nobody.
    """

    def __init__(self, wrapped: Model, name: str, attempts: int, seconds: float, most: int | None) -> None:
        super().__init__(wrapped)
        self._name = name
        self._seconds = seconds
        self._attempts = Attempts(name, attempts, seconds, most)

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        reservation: Reservation | None = None,
    ) -> ModelResponse:
        """`reservation` is asked before each attempt, and may wait or raise."""
        asked = self._once(model_settings)
        with translating(self._name):
            return await self._attempts.made(
                lambda: self.wrapped.request(messages, asked, model_request_parameters), reservation
            )

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        asked = self._once(model_settings)
        with translating(self._name):
            async with AsyncExitStack() as stack:

                async def opened() -> StreamedResponse:
                    stream = self.wrapped.request_stream(messages, asked, model_request_parameters, run_context)
                    return await stack.enter_async_context(stream)

                yield await self._attempts.made(opened)

    def _once(self, settings: ModelSettings | None) -> ModelSettings:
        """The settings of one attempt: the SDK's own retries are off, or each of ours would be many."""
        return {"timeout": self._seconds, **(settings or {}), "max_retries": 0}


class Attempts:
    """How often and how many at a time one model is asked, of whatever kind it is."""

    def __init__(self, name: str, attempts: int, seconds: float, most: int | None) -> None:
        self._attempts = attempts
        self._seconds = seconds
        self._most = most
        self._limiter = limiting.limiter(name)

    async def made(self, ask: Callable[[], Awaitable[T]], reservation: Reservation | None = None) -> T:
        """What `ask` gives at last. Raises what it raised the last time, or `TimeoutError`."""
        spared = 0

        def is_enough(state: tenacity.RetryCallState) -> bool:
            nonlocal spared
            if state.outcome and isinstance(state.outcome.exception(), OVERLOADED) and self._can_slow_down:
                spared = min(spared + 1, SPARED)
            return state.attempt_number >= self._attempts + spared

        retrying = tenacity.AsyncRetrying(
            stop=is_enough, retry=tenacity.retry_if_exception(may_pass), wait=wait, reraise=True
        )
        return await retrying(self._in_turn, ask, reservation)

    @property
    def _can_slow_down(self) -> bool:
        """Whether a refusal for overload may be our own doing, and not an attempt that failed."""
        return self._most is not None and self._limiter.limit > 1

    async def _in_turn(self, ask: Callable[[], Awaitable[T]], reservation: Reservation | None) -> T:
        """Ask in a place among those in flight, once there is money for it. The place is given back while it waits for
        money and between two attempts, so that whoever has what it waits for can go on."""
        while True:
            async with self._place():
                if reservation is None or await reservation.may_be_sent():
                    return await self._sent(ask)
            assert reservation is not None
            await reservation.room()

    async def _sent(self, ask: Callable[[], Awaitable[T]]) -> T:
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._seconds):
                answer = await ask()
        except (*OVERLOADED, TimeoutError):
            self._limiter.overloaded(started)
            raise
        if self._most is not None:
            self._limiter.answered(started, time.monotonic() - started)
        return answer

    def _place(self) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._most is None else self._limiter.turn(self._most)


def may_pass(error: BaseException) -> bool:
    """Whether the same request may succeed in a while."""
    if not isinstance(error, PASSING) or (error.retry_after or 0) > LONGEST_WAIT:
        return False
    if isinstance(error, exceptions.ModelTimeoutError):
        return error.phase in ("connect", "pool")
    return not (isinstance(error, exceptions.ModelHTTPError) and error.provider_retry_hint is False)


def wait(state: tenacity.RetryCallState) -> float:
    """Seconds until the next attempt: what the provider asks for and a little more, so that not everybody comes back at
    once; else twice as long each time, with jitter."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.retry_after if isinstance(error, exceptions.ModelAPIError) else None
    if asked is not None:
        return asked + random.uniform(0, min(1.0, asked / 4 + 0.05))
    return random.uniform(0.5, 1) * min(LONGEST_BACKOFF, FIRST_WAIT * 2.0 ** (state.attempt_number - 1))


@contextmanager
def translating(model: str) -> Iterator[None]:
    """Turns what pydantic-ai raises in the block into our errors about `model`."""
    try:
        yield
    except (exceptions.AgentRunError, TimeoutError) as error:
        raise translated(model, error) from error


def translated(model: str, error: exceptions.AgentRunError | TimeoutError) -> errors.SoulprintError:
    """Our error for what pydantic-ai or the clock raised about `model`."""
    if isinstance(error, exceptions.ModelRequestRejectedError | exceptions.ModelQuotaExceededError):
        return errors.ModelRefused(model=model, reason=_refusal(error))
    if isinstance(error, exceptions.ModelTimeoutError) and error.phase in ("connect", "pool"):
        return errors.ModelUnreachable(model=model, reason="there is no connection to its address")
    if isinstance(error, TimeoutError | exceptions.ModelTimeoutError | exceptions.ModelRequestTimeout):
        return errors.ModelTooSlow(model=model)
    if isinstance(error, exceptions.ModelRateLimitError):
        return errors.ModelBusy(model=model, reason=_failure(error))
    if isinstance(error, exceptions.ModelAPIError):
        return errors.ModelUnreachable(model=model, reason=_failure(error))
    if isinstance(error, exceptions.ContentFilterError):
        return errors.ModelAnswerUnusable(model=model, reason="its provider filtered the content")
    if isinstance(error, exceptions.OutputTokenLimitExceeded):
        return errors.ModelAnswerUnusable(model=model, reason=BROKE_OFF)
    return errors.ModelAnswerUnusable(model=model, reason="it is not in the form that was asked for")


def _refusal(error: exceptions.ModelAPIError) -> str:
    if isinstance(error, exceptions.ModelAuthenticationError):
        return f"its key is not accepted{_status(error)}"
    if isinstance(error, exceptions.ModelNotFoundError):
        return f"there is no such model at that address{_status(error)}"
    if isinstance(error, exceptions.ModelContextWindowExceededError):
        return "the request is longer than the model can read"
    if isinstance(error, exceptions.ModelQuotaExceededError) or "credit balance" in str(_body(error).get("message")):
        return "the account has no credit left"  # which Anthropic tells in words alone
    return f"the request is not accepted{_status(error)}{_codes(error)}"


def _failure(error: exceptions.ModelAPIError) -> str:
    if isinstance(error, exceptions.ModelRateLimitError):
        return "it takes no more requests for now (429)"
    if isinstance(error, exceptions.ModelOverloadedError):
        return f"it is overloaded{_status(error)}"
    if isinstance(error, exceptions.ModelConnectionError):
        return "the connection broke off" if error.phase == "read" else "there is no connection to its address"
    return f"its server failed{_status(error)}"


def _status(error: exceptions.ModelAPIError) -> str:
    return f" ({error.status_code})" if isinstance(error, exceptions.ModelHTTPError) else ""


def _codes(error: exceptions.ModelAPIError) -> str:
    """What the provider calls the reason. Never its own words: they may repeat what the person wrote, and an error is
    kept and logged."""
    told = [_body(error).get(name) for name in ("type", "code", "status", "param")]
    codes = dict.fromkeys(code for code in told if isinstance(code, str) and _CODE.fullmatch(code))
    return f": {', '.join(codes)}" if codes else ""


def _body(error: exceptions.ModelAPIError) -> dict[str, Any]:
    """What the provider says of the error, as far as it is in the usual form."""
    inner = error.body.get("error", error.body) if isinstance(error.body, dict) else None
    return inner if isinstance(inner, dict) else {}


_CODE = re.compile(r"[A-Za-z0-9]{1,30}(?:[_.][A-Za-z0-9]{1,30}){1,5}")
"""`invalid_request_error`, `max_tokens`: no word of a sentence."""

"""Collects the requests that the journal has no answer to, instead of sending them one by one. Needs no pydantic-ai."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelMessage
    from pydantic_ai.models import ModelRequestParameters
    from pydantic_ai.settings import ModelSettings


@dataclass(frozen=True, slots=True)
class Collected:
    """A request that the journal has no answer to, masked, as it would have been sent."""

    key: bytes
    """The fingerprint under which the journal wants its answer."""
    messages: list[ModelMessage]
    settings: ModelSettings | None
    parameters: ModelRequestParameters
    prompt: str | None
    """Name and hash of its prompt, to be noted beside the answer."""


collector: ContextVar[list[Collected] | None] = ContextVar("collector", default=None)
"""Where it is set, requests are collected there instead of being sent."""


@contextmanager
def collecting() -> Iterator[list[Collected]]:
    """The block in which nothing is sent: a request without an answer in the journal is put into the list that is
    given, and raises `errors.AnswerPending`."""
    collected: list[Collected] = []
    token = collector.set(collected)
    try:
        yield collected
    finally:
        collector.reset(token)

"""Provider batch APIs: requests that are collected instead of asked one by one."""

from __future__ import annotations

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

"""What leaves for a model: every text in it masked first, and a fingerprint that tells one request from another."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import AsyncGenerator, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_ai import RunContext
from pydantic_ai.messages import ModelMessage, ModelMessagesTypeAdapter
from pydantic_ai.models import Model, ModelRequestContext, ModelRequestParameters, StreamedResponse
from pydantic_ai.models.batch import BatchRequest, EncodedBatchRequest
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.usage import RequestUsage
from pydantic_core import to_jsonable_python

from soulprint.llm import masking
from soulprint.llm.masking import Private

T = TypeVar("T")

NOTHING = Private()

TECHNICAL = frozenset(
    {"kind", "part_kind", "tool_name", "tool_call_id", "id", "signature", "provider_name", "media_type"}
)
"""Fields that carry no text of anybody. Every other string is masked, in whatever part of a message it stands."""

PASSING = frozenset({"timestamp", "run_id", "conversation_id", "metadata"})
"""Fields that differ from one run to the next although the same is asked."""

UNSENT = frozenset({"timeout", "request_timeout", "first_event_timeout", "max_retries"})
"""Settings that say how to wait, not what to ask."""

_PARAMETERS = TypeAdapter(ModelRequestParameters)


class MaskedModel(WrapperModel):
    """Masks the secrets in everything it hands on, and what the person wants masked besides."""

    def __init__(self, wrapped: Model, private: Private = NOTHING) -> None:
        super().__init__(wrapped)
        self._private = private

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> Any:
        told, parameters = masked_request(messages, model_request_parameters, self._private)
        return await self.wrapped.request(told, model_settings, parameters)

    @asynccontextmanager
    async def request_stream(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
        run_context: RunContext[Any] | None = None,
    ) -> AsyncGenerator[StreamedResponse]:
        told, parameters = masked_request(messages, model_request_parameters, self._private)
        async with self.wrapped.request_stream(told, model_settings, parameters, run_context) as stream:
            yield stream

    async def count_tokens(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> RequestUsage:
        told, parameters = masked_request(messages, model_request_parameters, self._private)
        return await self.wrapped.count_tokens(told, model_settings, parameters)

    async def batch_encode(self, request: BatchRequest) -> EncodedBatchRequest:
        told = masked(request, masking.telling(secrets(request)))
        return await self.wrapped.batch_encode(mapped(told, self._private.mask) if self._private else told)

    async def compact_messages(self, request_context: ModelRequestContext, *, instructions: str | None = None) -> Any:
        raise NotImplementedError("compaction sends messages in a way that is not masked")


def masked_request(
    messages: list[ModelMessage], parameters: ModelRequestParameters, private: Private = NOTHING
) -> tuple[list[ModelMessage], ModelRequestParameters]:
    """Both with all secrets masked, and what is `private`. Each text is searched once, and nothing more is done where
    none holds a secret: the search is what a request costs us most."""
    told = secrets(messages, parameters.instruction_parts)
    if told:
        known = masking.telling(told)
        messages, parameters = masked(messages, known), _instructed(parameters, lambda parts: masked(parts, known))
    if private:
        messages = mapped(messages, private.mask)
        parameters = _instructed(parameters, lambda parts: mapped(parts, private.mask))
    return messages, parameters


def masked(value: T, known: Collection[str] = ()) -> T:
    """`value` with the secrets in every string of it masked, those of `known` too; itself where there are none. Goes
    through messages, their parts, lists, tuples and mappings, and leaves what is technical alone."""
    return mapped(value, lambda text: masking.mask(text, known))  # type: ignore[no-any-return]


def secrets(*values: object) -> set[str]:
    """The secrets told anywhere in `values`, which are masked in all of one request: what one turn calls a password
    stands bare in the next."""
    texts: dict[str, None] = {}

    def seen(text: str) -> str:
        texts[text] = None
        return text

    for value in values:
        mapped(value, seen)
    return masking.told(texts)


def mapped(value: Any, change: Callable[[str], str]) -> Any:
    """`value` with `change` made to every string of it but what is technical; itself where that changes nothing."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {mapped(key, change): mapped(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return _mapped_items(value, change)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _mapped_fields(value, change)
    return value


def _mapped_items(items: list[Any] | tuple[Any, ...], change: Callable[[str], str]) -> Any:
    changed = [mapped(item, change) for item in items]
    if all(one is other for one, other in zip(changed, items, strict=True)):
        return items
    return type(items)(changed) if type(items) in (list, tuple) else items


def _mapped_fields(value: Any, change: Callable[[str], str]) -> Any:
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        if not field.init or field.name in TECHNICAL:
            continue
        before = getattr(value, field.name)
        after = mapped(before, change)
        if after is not before and after != before:
            changes[field.name] = after
    return dataclasses.replace(value, **changes) if changes else value


def _instructed(parameters: ModelRequestParameters, change: Callable[[Any], Any]) -> ModelRequestParameters:
    """The same parameters with `change` made to their instructions. Tools and schemas are our own."""
    return dataclasses.replace(parameters, instruction_parts=change(parameters.instruction_parts))


def texts(messages: Sequence[ModelMessage], parameters: ModelRequestParameters) -> Iterator[str]:
    """What a model reads of a request, in no form of any provider: instructions, messages, the answer's schema."""
    yield from (part.content for part in parameters.instruction_parts or ())
    for message in messages:
        for part in message.parts:
            content = getattr(part, "content", None) or getattr(part, "args", None) or ""
            yield content if isinstance(content, str) else json.dumps(content, default=str, ensure_ascii=False)
    schemas = [tool.parameters_json_schema for tool in (*parameters.function_tools, *parameters.output_tools)]
    if parameters.output_object:
        schemas.append(parameters.output_object.json_schema)
    yield from map(json.dumps, schemas)


def fingerprint(
    account: object,
    role: str,
    model: str,
    settings: ModelSettings | None,
    parameters: ModelRequestParameters,
    messages: Sequence[ModelMessage],
) -> bytes:
    """SHA-256 of everything that decides on an answer. The same in every process and at any time."""
    request = {
        "account": str(account),
        "role": role,
        "model": model,
        "settings": {name: value for name, value in (settings or {}).items() if name not in UNSENT},
        "parameters": _PARAMETERS.dump_python(parameters, exclude_defaults=True),
        "messages": [_asked(message) for message in ModelMessagesTypeAdapter.dump_python(list(messages), mode="json")],
    }
    return hashlib.sha256(json.dumps(request, sort_keys=True, default=_plain).encode()).digest()


def _asked(message: dict[str, Any]) -> dict[str, Any]:
    """What of a message reaches a model."""
    parts = [{name: value for name, value in part.items() if name not in PASSING} for part in message["parts"]]
    return {"kind": message["kind"], "instructions": message.get("instructions"), "parts": parts}


def _plain(value: object) -> Any:
    return sorted(value) if isinstance(value, (set, frozenset)) else to_jsonable_python(value)

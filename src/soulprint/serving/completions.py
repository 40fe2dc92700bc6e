"""The person's profile and history beside any model, for chat clients that speak OpenAI's Chat Completions. Nothing of
these talks is kept. Format: https://platform.openai.com/docs/api-reference/chat."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from soulprint import chat, errors
from soulprint.chat import composing
from soulprint.kinds import Role
from soulprint.llm import tokens
from soulprint.records.recalled import Kind, Recalled
from soulprint.serving import faults, problems
from soulprint.serving.door import At
from soulprint.settings import Settings

MODEL = "soulprint"
"""What clients call the model of the settings; another one that these allow is `soulprint/<provider:name>`."""

LONGEST = 1_000_000

router = APIRouter(prefix="/v1")

_CITED = re.compile(r"\[(\d{1,3})\]")


class Part(BaseModel):
    type: str
    text: Annotated[str, Field(max_length=LONGEST)] = ""


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, Field(max_length=LONGEST)] | list[Part] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type in ("text", "input_text"))
        return self.content or ""


class StreamOptions(BaseModel):
    include_usage: bool = False


class Asked(BaseModel):
    """What a client sends; what is not named here is passed over."""

    model_config = ConfigDict(extra="ignore")

    model: str = MODEL
    messages: Annotated[list[Message], Field(min_length=1, max_length=10_000)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    stop: str | list[str] | None = None

    def instructions(self) -> str:
        """What the person's client adds to the instructions."""
        return "\n\n".join(each.text for each in self.messages if each.role in ("system", "developer"))

    def turns(self) -> list[tuple[Role, str]]:
        """The talk so far, the question last. Raises `errors.QuestionMissing`."""
        said = [(Role(each.role), each.text) for each in self.messages if each.role in ("user", "assistant")]
        if not said or said[-1][0] != Role.USER or not said[-1][1].strip():
            raise errors.QuestionMissing
        return said

    def settings(self) -> dict[str, Any]:
        """What is handed on to the model."""
        given = {
            "temperature": self.temperature,
            "top_p": self.top_p,
            "max_tokens": self.max_completion_tokens or self.max_tokens,
            "stop_sequences": [self.stop] if isinstance(self.stop, str) else self.stop,
        }
        return {name: value for name, value in given.items() if value is not None}


@router.get("/models")
async def models(door: At) -> dict[str, Any]:
    """The models a client may name."""
    names = [MODEL, *(f"{MODEL}/{name}" for name in sorted(door.settings.chat_models))]
    known = [{"id": name, "object": "model", "created": 0, "owned_by": MODEL} for name in names]
    return {"object": "list", "data": known}


@router.post("/chat/completions")
async def complete(door: At, asked: Asked, request: Request) -> Response:
    """An answer by the model of chat, with the person's profile and what bears on the message beside it."""
    settings = _settings(door.settings, asked.model)
    *history, (_, question) = asked.turns()
    question = chat.storable(question)
    context = await composing.gathered(door.database, door.account, settings, question, history)
    further, handed_on = asked.instructions(), asked.settings()
    pieces = _in_one_task(
        chat.written(door.database, door.account, settings, context, further=further, model_settings=handed_on)
    )
    answer = Answer(asked, settings, context.sources, str(request.base_url))
    if asked.stream:
        first = await anext(pieces, "")  # what fails before the first words has a status of its own
        return StreamingResponse(answer.streamed(first, pieces), media_type="text/event-stream")
    return JSONResponse(await answer.whole(pieces))


async def _in_one_task(pieces: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
    """The pieces, made in a task of their own: a connection that was opened in one task can't be closed in another, and
    a response is sent by others than the one that began it."""
    made: asyncio.Queue[str | Exception | None] = asyncio.Queue()

    async def make() -> None:
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    made.put_nowait(piece)
            made.put_nowait(None)
        except Exception as error:  # noqa: BLE001 (raised where the pieces are taken)
            made.put_nowait(error)

    task = asyncio.create_task(make())
    try:
        while (piece := await made.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _settings(settings: Settings, model: str) -> Settings:
    """The settings with the model that is named. Raises `errors.NotFound` for one that they don't allow."""
    _, _, name = model.partition("/")
    if model == MODEL:
        return settings
    if not model.startswith(f"{MODEL}/") or name not in settings.chat_models:
        raise errors.NotFound(what="model")
    return settings.model_copy(update={"model_chat": name})


@dataclass
class Answer:
    """An answer in OpenAI's form."""

    asked: Asked
    settings: Settings
    sources: Sequence[Recalled]
    base: str

    def __post_init__(self) -> None:
        self._head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": self.asked.model}

    async def whole(self, pieces: AsyncGenerator[str, None]) -> dict[str, Any]:
        said, reason = [], "stop"
        try:
            async for piece in pieces:
                said.append(piece)  # noqa: PERF401 (what came stays where the rest fails)
        except errors.ModelAnswerUnusable as error:
            if not self._is_bounded(error):
                raise
            reason = "length"
        text = "".join(said)
        message = {"role": "assistant", "content": text + self._footnotes(text)}
        choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage(text)}

    async def streamed(self, first: str, pieces: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
        """Server-sent events, one for each piece."""
        yield self._chunk({"role": "assistant", "content": first})
        said, reason = [first], "stop"
        try:
            async for piece in pieces:
                said.append(piece)
                yield self._chunk({"content": piece})
        except Exception as error:  # noqa: BLE001 (the stream has begun and has no status any more)
            if not self._is_bounded(error):
                yield _event(self._failure(error))
                return
            reason = "length"
        text = "".join(said)
        if notes := self._footnotes(text):
            yield self._chunk({"content": notes})
        yield self._chunk({}, reason)
        if self.asked.stream_options and self.asked.stream_options.include_usage:
            yield _event({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": self._usage(text)})
        yield "data: [DONE]\n\n"

    def _is_bounded(self, error: Exception) -> bool:
        """Whether the answer broke off where the client itself has bounded it."""
        if not isinstance(error, errors.ModelAnswerUnusable) or "max_tokens" not in self.asked.settings():
            return False
        from soulprint.llm import retrying  # loaded by now: a model has answered

        return error.details["reason"] == retrying.BROKE_OFF

    def _failure(self, error: Exception) -> dict[str, Any]:
        explained = faults.explained(error, self.settings)
        if explained is None:
            problems.report("completion failed", error)
            return problems.of_openai(500, "InternalError", problems.UNFORESEEN)
        return problems.of_openai(explained.status, type(explained).__name__, str(explained))

    def _chunk(self, delta: dict[str, Any], reason: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        return _event({**self._head, "object": "chat.completion.chunk", "choices": [choice]})

    def _usage(self, text: str) -> dict[str, int]:
        """Counted here, of what the client sent and was given."""
        read = sum(tokens.count(message.text) for message in self.asked.messages)
        written = tokens.count(text)
        return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}

    def _footnotes(self, text: str) -> str:
        """The sources that the answer cites, as markdown."""
        if not self.settings.completions_sources:
            return ""
        cited = sorted({int(number) for number in _CITED.findall(text)})
        known = [(number, self.sources[number - 1]) for number in cited if 0 < number <= len(self.sources)]
        return "\n\n" + "\n".join(self._footnote(number, source) for number, source in known) if known else ""

    def _footnote(self, number: int, source: Recalled) -> str:
        when = f", {source.date:%Y-%m-%d}" if source.date else ""
        title = re.sub(r"[\[\]\n]", " ", source.title or "Untitled conversation")
        if source.kind != Kind.PASSAGE or not source.said:
            return f"[{number}] a fact about you{when}  "
        address = f"{self.base}conversations/{source.conversation_id}?message={source.said[0].message_id}"
        return f"[{number}] [{title}]({address}){when}  "


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"

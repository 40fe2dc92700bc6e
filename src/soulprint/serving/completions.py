"""The person's profile and history beside any model, for chat clients that speak OpenAI's Chat Completions. Nothing of
these talks is kept. Format: https://platform.openai.com/docs/api-reference/chat."""

from __future__ import annotations

import asyncio
import json
import re
import time
import uuid
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from soulprint import chat, errors
from soulprint.chat import composing
from soulprint.kinds import Role
from soulprint.llm import tokens
from soulprint.records.recalled import Kind, Recalled
from soulprint.serving import faults, problems
from soulprint.serving.door import At
from soulprint.serving.web import rendering
from soulprint.settings import Settings

MODEL = "soulprint"
"""What clients call the model of the settings; another one that these allow is `soulprint/<provider:name>`."""

LONGEST = 1_000_000

WRITING = "completion"
"""The name of the task that an answer is made in."""

STREAMED = {"cache-control": "no-store", "x-accel-buffering": "no"}

router = APIRouter(prefix="/v1", responses={"default": {"description": "What went wrong.", "model": problems.Failed}})

_CITED = re.compile(r"\[(\d{1,3})\]")
_MARKS = re.compile(r"[\[\]()<>`*_\\|]")
"""What means something in markdown."""
_RULE = "\n\n---\n\n"
"""What stands between an answer and its sources."""
_NOTES = re.compile(re.escape(_RULE) + r"(?:- \[\d+\] [^\n]*\n?)+\Z")


class Part(BaseModel):
    type: str
    text: Annotated[str, Field(max_length=LONGEST)] | None = None


class Message(BaseModel):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, Field(max_length=LONGEST)] | list[Part] | None = None

    @property
    def text(self) -> str:
        """What was said; of an answer what stands above its sources, which are numbered anew each time."""
        if isinstance(self.content, list):
            texts = [part.text or "" for part in self.content if part.type in ("text", "input_text")]
            said = chat.storable("\n".join(texts))
        else:
            said = chat.storable(self.content or "")
        return _NOTES.sub("", said) if self.role == "assistant" else said


class StreamOptions(BaseModel):
    include_usage: bool = False


class Asked(BaseModel):
    """What a client sends; what is not named here is passed over."""

    model_config = ConfigDict(extra="ignore")

    model: str = MODEL
    messages: Annotated[list[Message], Field(min_length=1, max_length=10_000)]
    stream: bool | None = False
    stream_options: StreamOptions | None = None
    temperature: Annotated[float, Field(ge=0, le=2)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1)] | None = None
    max_tokens: Annotated[int, Field(ge=1)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1)] | None = None
    stop: str | list[str] | None = None
    sources: bool | None = None
    """Whether the answer ends with the sources it cites, which is our own field; unset: as the settings have it."""

    def instructions(self) -> str:
        """What the person's client adds to the instructions."""
        return "\n\n".join(each.text for each in self.messages if each.role in ("system", "developer"))

    def turns(self) -> list[tuple[Role, str]]:
        """The talk so far, the question last. Raises `errors.QuestionMissing`."""
        said = [(Role(each.role), each.text) for each in self.messages if each.role in ("user", "assistant")]
        if not said or said[-1][0] != Role.USER or not said[-1][1].strip():
            raise errors.QuestionMissing
        return [(role, text) for role, text in said if text.strip()]

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
    context = await composing.gathered(door.database, door.account, settings, question, history)
    further, handed_on = asked.instructions(), asked.settings()
    pieces = _in_one_task(
        chat.written(door.database, door.account, settings, context, further=further, model_settings=handed_on)
    )
    answer = Answer(asked, settings, context.sources, str(request.base_url))
    if not asked.stream:
        return JSONResponse(await answer.whole(pieces))
    first = await anext(pieces, "")  # what fails before the first words has a status of its own
    return Stream(answer.streamed(first, pieces), media_type="text/event-stream", headers=STREAMED)


class Stream(StreamingResponse):
    """Sends what a generator gives, and closes it however the response ends."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert isinstance(self.body_iterator, AsyncGenerator)
        async with aclosing(self.body_iterator):
            await super().__call__(scope, receive, send)


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

    task = asyncio.create_task(make(), name=WRITING)
    try:
        while (piece := await made.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece
    finally:
        task.cancel()
        with anyio.CancelScope(shield=True):
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
        """All of it at once. Raises what keeps it from being whole."""
        said: list[str] = []
        try:
            async with aclosing(pieces):
                async for piece in pieces:
                    said.append(piece)  # noqa: PERF401 (what came stays where the rest fails)
            reason = "stop"
        except errors.AnswerCut:
            reason = "length"
        text = "".join(said)
        message = {"role": "assistant", "content": text + self._notes(text), "refusal": None}
        choice = {"index": 0, "message": message, "finish_reason": reason, "logprobs": None}
        return {**self._head, "object": "chat.completion", "choices": [choice], "usage": self._usage(text)}

    async def streamed(self, first: str, pieces: AsyncGenerator[str, None]) -> AsyncGenerator[str, None]:
        """Server-sent events, one for each piece; an error in the place of the rest where it breaks off."""
        said = [first]
        try:
            async with aclosing(pieces):
                yield self._chunk({"role": "assistant", "content": first})
                async for piece in pieces:
                    said.append(piece)
                    yield self._chunk({"content": piece})
            reason = "stop"
        except errors.AnswerCut:
            reason = "length"
        except Exception as error:  # noqa: BLE001 (the stream has begun and has no status any more)
            yield _event(self._failure(error))
            return
        for chunk in self._ending("".join(said), reason):
            yield chunk

    def _ending(self, text: str, reason: str) -> Iterator[str]:
        if notes := self._notes(text):
            yield self._chunk({"content": notes})
        yield self._chunk({}, reason)
        if self.asked.stream_options and self.asked.stream_options.include_usage:
            yield _event({**self._head, "object": "chat.completion.chunk", "choices": [], "usage": self._usage(text)})
        yield "data: [DONE]\n\n"

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

    def _notes(self, text: str) -> str:
        """The sources that the answer cites, as markdown below it."""
        wanted = self.settings.completions_sources if self.asked.sources is None else self.asked.sources
        cited = sorted({int(number) for number in _CITED.findall(text)}) if wanted else []
        known = [(number, self.sources[number - 1]) for number in cited if 0 < number <= len(self.sources)]
        return _RULE + "\n".join(self._note(number, source) for number, source in known) if known else ""

    def _note(self, number: int, source: Recalled) -> str:
        when = f", {source.date.day} {source.date:%B %Y}" if source.date else ""
        kind = "" if source.kind == Kind.PASSAGE else "a fact about you"
        if not (source.said and source.conversation_id):
            return f"- [{number}] {kind}{when}"
        title = kind or " ".join(_MARKS.sub(" ", source.title or "").split()) or "Untitled conversation"
        return f"- [{number}] [{title}]({self.base.rstrip('/')}{rendering.turn_url(source, source.said[0])}){when}"


def _event(body: dict[str, Any]) -> str:
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"

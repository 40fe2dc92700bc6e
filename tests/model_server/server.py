"""The server itself: records what comes in, answers by script, and fails as it is told."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from soulprint.llm import tokens
from tests.model_server import filling
from tests.model_server.wire import FORMATS, Anthropic, Asked, OpenAI, Reply

KEY = "test-key"
PROSE = "That sounds lovely! Let me continue our conversation instead: what did you do at the weekend?"
REFUSAL = "I'm sorry, but I can't help with that."


class Fault(StrEnum):
    RATE_LIMITED = "rate_limited"
    """429, with Retry-After where it is given."""
    SERVER_ERROR = "server_error"
    OVERLOADED = "overloaded"
    """529."""
    SLOW = "slow"
    """No answer within any timeout."""
    DROPPED = "dropped"
    """The connection goes away in the middle of the body."""
    UNAUTHORIZED = "unauthorized"
    NO_SUCH_MODEL = "no_such_model"
    TRUNCATED = "truncated"
    """Cut where the model ran out of tokens."""
    FENCED = "fenced"
    """The JSON as text, in a code fence."""
    PROSE = "prose"
    MALFORMED = "malformed"
    """JSON that does not parse."""
    REFUSAL = "refusal"


STATUS = {
    Fault.RATE_LIMITED: (429, "rate_limit_error", "Too many requests."),
    Fault.SERVER_ERROR: (500, "api_error", "Internal server error."),
    Fault.OVERLOADED: (529, "overloaded_error", "Overloaded."),
    Fault.UNAUTHORIZED: (401, "authentication_error", "Invalid API key."),
    Fault.NO_SUCH_MODEL: (404, "not_found_error", "The model does not exist."),
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in."""

    format: type[OpenAI] | type[Anthropic]
    headers: dict[str, str]
    raw: bytes
    asked: Asked
    at: float
    """Seconds on the monotonic clock."""

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.raw))


@dataclass(frozen=True, slots=True)
class Answer:
    """What to answer: `data` where JSON was asked for, else `text`; or how to fail."""

    text: str = ""
    data: Any = None
    fault: Fault | None = None
    retry_after: float | None = None
    finish: str = "stop"


Script = Callable[[Request], Answer]


def answer_anything(request: Request) -> Answer:
    """Valid data for the schema that was asked for, citing ids of the prompt; a few words where none was."""
    if request.asked.schema is not None:
        return Answer(data=filling.fill(request.asked.schema, request.asked.text))
    return Answer(text="This is what the test model answers, and it says so in several words.")


@dataclass
class ModelServer:
    """A running server. Change its fields at any time; `requests` holds all that came in."""

    port: int
    script: Script = answer_anything
    latency: float = 0.0
    """Seconds before an answer."""
    jitter: float = 0.0
    """Share of the latency by which each answer is earlier or later."""
    key: str = KEY
    models: tuple[str, ...] = ("test-model",)
    requests: list[Request] = field(default_factory=list)
    input_tokens: int = 0
    output_tokens: int = 0
    _faults: deque[Answer] = field(default_factory=deque)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def fail(self, fault: Fault, times: int = 1, retry_after: float | None = None) -> None:
        """Show this fault to the next requests, before the script is asked again."""
        self._faults.extend([Answer(fault=fault, retry_after=retry_after)] * times)

    def sent(self) -> str:
        """Everything that was sent here, as it stood on the wire."""
        return "\n".join(request.raw.decode() for request in self.requests)

    # What the routes do

    async def answer(self, format: type[OpenAI] | type[Anthropic], http: HttpRequest) -> Response:  # noqa: A002
        raw = await http.body()
        request = Request(format, dict(http.headers), raw, format.asked(json.loads(raw)), time.monotonic())
        self.requests.append(request)
        if format.key(request.headers) != self.key:
            return self._failure(request, Answer(fault=Fault.UNAUTHORIZED))
        await self._pause(self.latency * (1 + self.jitter * random.uniform(-1, 1)))
        answer = self._faults.popleft() if self._faults else self.script(request)
        if answer.fault in STATUS:
            return self._failure(request, answer)
        if answer.fault is Fault.SLOW:
            await self._pause(3600)
        return self._success(request, answer)

    async def _pause(self, seconds: float) -> None:
        if seconds > 0:
            try:
                await asyncio.wait_for(self._stopping.wait(), seconds)
            except TimeoutError:
                return

    def _failure(self, request: Request, answer: Answer) -> Response:
        assert answer.fault
        status, kind, message = STATUS[answer.fault]
        headers = {} if answer.retry_after is None else {"retry-after": f"{answer.retry_after:g}"}
        return JSONResponse(request.format.error(status, kind, message), status_code=status, headers=headers)

    def _success(self, request: Request, answer: Answer) -> Response:
        reply = self._reply(request, answer)
        self.input_tokens += reply.input_tokens
        self.output_tokens += reply.output_tokens
        if request.asked.stream:
            chunks = list(request.format.chunks(reply))
            return StreamingResponse(self._sent(chunks, answer), media_type="text/event-stream")
        whole = json.dumps(request.format.whole(reply))
        if answer.fault is Fault.DROPPED:
            return StreamingResponse(self._sent([whole[:40], whole[40:]], answer), media_type="application/json")
        return Response(whole, media_type="application/json")

    async def _sent(self, chunks: list[str], answer: Answer) -> AsyncIterator[str]:
        for number, chunk in enumerate(chunks):
            if answer.fault is Fault.DROPPED and number >= len(chunks) // 2:
                raise ConnectionResetError("dropped on purpose")
            yield chunk
            await asyncio.sleep(0)

    def _reply(self, request: Request, answer: Answer) -> Reply:
        asked = request.asked
        if answer.fault and answer.data is None and not answer.text:
            answer = self._faulty(request, answer.fault)
        is_data = answer.data is not None
        text = json.dumps(answer.data, ensure_ascii=False) if is_data else answer.text
        if answer.fault is Fault.TRUNCATED:
            text = text[: len(text) // 2]
        elif answer.fault is Fault.MALFORMED:
            text = text.replace('":', '" "', 3)
        elif answer.fault is Fault.FENCED:
            text, is_data = f"Here you go:\n```json\n{text}\n```\nAnything else?", False
        tool = asked.tool if is_data else None
        sent = tokens.count(asked.text) + tokens.count(json.dumps(request.body.get("tools", [])))
        return Reply(text, tool, answer.finish, sent, asked.model)

    def _faulty(self, request: Request, fault: Fault) -> Answer:
        """What the fault makes of the answer that would have been."""
        if fault is Fault.PROSE:
            return Answer(text=PROSE)
        if fault is Fault.REFUSAL:
            return Answer(text=REFUSAL, finish="refusal")
        answer = answer_anything(request)
        finish = "length" if fault is Fault.TRUNCATED else "stop"
        return Answer(text=answer.text, data=answer.data, fault=fault, finish=finish)

    async def list_models(self, _: HttpRequest) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})

    async def list_tags(self, _: HttpRequest) -> Response:
        """As Ollama lists what it has."""
        return JSONResponse({"models": [{"name": name} for name in self.models]})


def application(server: ModelServer) -> Starlette:
    async def openai(http: HttpRequest) -> Response:
        return await server.answer(OpenAI, http)

    async def anthropic(http: HttpRequest) -> Response:
        return await server.answer(Anthropic, http)

    answering = [Route(form.path, {OpenAI: openai, Anthropic: anthropic}[form], methods=["POST"]) for form in FORMATS]
    return Starlette(routes=[*answering, Route("/v1/models", server.list_models), Route("/api/tags", server.list_tags)])


@contextmanager
def running(port: int = 0, host: str = "127.0.0.1", **options: Any) -> Iterator[ModelServer]:
    """A server on `port` (0: any free one) for as long as the block runs."""
    listening = socket.create_server((host, port))
    server = ModelServer(port=listening.getsockname()[1], **options)
    config = uvicorn.Config(
        application(server), log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=2
    )
    uvicorn_server = uvicorn.Server(config)
    loop = asyncio.new_event_loop()

    def serve() -> None:
        loop.run_until_complete(uvicorn_server.serve(sockets=[listening]))
        loop.run_until_complete(loop.shutdown_asyncgens())

    thread = threading.Thread(target=serve, name="model server", daemon=True)
    thread.start()
    try:
        yield server
    finally:
        uvicorn_server.should_exit = True
        loop.call_soon_threadsafe(server._stopping.set)
        thread.join(timeout=20)
        loop.close()
        listening.close()

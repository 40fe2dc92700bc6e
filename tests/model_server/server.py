"""The server itself: records what comes in, answers by script, and fails as it is told."""

from __future__ import annotations

import asyncio
import json
import random
import socket
import string
import threading
import time
from collections import Counter, deque
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
from tests.model_server import batching, filling
from tests.model_server.batching import Batch, Batches, Operation
from tests.model_server.wire import LIVE, Anthropic, Asked, Body, Format, OpenAI, Reply, Responses

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
    PAUSED = "paused"
    """Half of it comes, and the rest once `going_on` is set."""
    UNAUTHORIZED = "unauthorized"
    NO_SUCH_MODEL = "no_such_model"
    REJECTED = "rejected"
    """400, with the answer's text as the reason where it has one."""
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
    Fault.REJECTED: (400, "invalid_request_error", "The request is not valid."),
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came in."""

    format: Format
    headers: dict[str, str]
    raw: bytes
    asked: Asked
    at: float
    """Seconds on the monotonic clock."""

    @property
    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.raw))

    @property
    def input_tokens(self) -> int:
        """What it takes to read it, tools and all."""
        return tokens.count(self.asked.text) + tokens.count(json.dumps(self.asked.tools))


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


def by_letters(texts: list[str]) -> list[list[float]]:
    """Vectors of 26 dimensions: how often a text has each letter."""
    return [[text.lower().count(letter) + 0.01 for letter in string.ascii_lowercase] for text in texts]


@dataclass
class ModelServer:
    """A running server. Change its fields at any time; `requests` holds all that came in, but for what came in
    batches, which is in `batches`."""

    port: int
    script: Script = answer_anything
    latency: float = 0.0
    """Seconds from a request to its answer."""
    jitter: float = 0.0
    """Share of the latency by which each answer is earlier or later."""
    key: str = KEY
    models: tuple[str, ...] = ("test-model",)
    is_forgetful: bool = False
    """Whether requests are counted and not kept."""
    vectors: Callable[[list[str]], list[list[float]]] = by_letters
    """What texts mean."""
    tokens_of_embedding: int = 1
    """What a request for vectors is said to have read."""
    embedded: list[dict[str, Any]] = field(default_factory=list)
    """What was to be embedded, as it came in."""
    requests: list[Request] = field(default_factory=list)
    counted: int = 0
    """Requests that came in, kept or not."""
    input_tokens: int = 0
    output_tokens: int = 0
    batched_input_tokens: int = 0
    batched_output_tokens: int = 0
    in_flight: int = 0
    peak: int = 0
    """The most that were in flight at once."""
    going_on: threading.Event = field(default_factory=threading.Event)
    """Lets what is paused go on."""
    batches: Batches = field(init=False)
    _faults: deque[Answer] = field(default_factory=deque)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _random: random.Random = field(default_factory=lambda: random.Random(0))

    def __post_init__(self) -> None:
        self.batches = Batches(self._answer_of_batched)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def batched(self) -> list[Request]:
        """Every request that was handed in in a batch, as often as it was."""
        return self.batches.requests

    def fail(self, fault: Fault, times: int = 1, retry_after: float | None = None) -> None:
        """Show this fault to the next requests, before the script is asked again."""
        self._faults.extend([Answer(fault=fault, retry_after=retry_after)] * times)

    def mend(self) -> None:
        """Show no more of the faults that are left."""
        self._faults.clear()

    def sent(self) -> str:
        """Everything that was sent here, as it stood on the wire."""
        return "\n".join(request.raw.decode() for request in [*self.requests, *self.batched])

    def repeated(self) -> int:
        """Requests that had been sent before, word for word."""
        return sum(count - 1 for count in Counter(request.raw for request in self.requests).values())

    def figures(self) -> dict[str, int]:
        """What came in so far."""
        names = ("input_tokens", "output_tokens", "batched_input_tokens", "batched_output_tokens", "in_flight", "peak")
        counts = {"requests": self.counted, "batches": len(self.batches.all), "batched": len(self.batched)}
        return counts | {name: getattr(self, name) for name in names}

    # What the routes do

    async def embed(self, http: HttpRequest) -> Response:
        """OpenAI's embeddings, by `vectors`."""
        asked = json.loads(await http.body())
        self.embedded.append(asked)
        answer = self._faults.popleft() if self._faults else Answer()
        if answer.fault in STATUS:
            status, kind, message = STATUS[answer.fault]
            headers = {} if answer.retry_after is None else {"retry-after": f"{answer.retry_after:g}"}
            return JSONResponse(OpenAI.error(status, kind, message), status_code=status, headers=headers)
        data = [
            {"object": "embedding", "index": place, "embedding": vector}
            for place, vector in enumerate(self.vectors(asked["input"]))
        ]
        usage = {"prompt_tokens": self.tokens_of_embedding, "total_tokens": self.tokens_of_embedding}
        whole = json.dumps({"object": "list", "data": data, "model": asked["model"], "usage": usage})
        if answer.fault is Fault.DROPPED:
            return StreamingResponse(self._sent([whole[:40], whole[40:]], answer), media_type="application/json")
        return Response(whole, media_type="application/json")

    async def answer(self, format: type[OpenAI] | type[Anthropic], http: HttpRequest) -> Response:  # noqa: A002
        self.counted += 1
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        try:
            return await self._answer(format, http)
        finally:
            self.in_flight -= 1

    async def _answer(self, format: type[OpenAI] | type[Anthropic], http: HttpRequest) -> Response:  # noqa: A002
        arrived = time.monotonic()
        raw = await http.body()
        if self.latency:
            async with self._turn:  # one at a time, so that of many at once each is seen to arrive when it does
                await asyncio.sleep(0)
        request = Request(format, dict(http.headers), raw, format.asked(json.loads(raw)), arrived)
        if not self.is_forgetful:
            self.requests.append(request)
        if format.key(request.headers) != self.key:
            return self._failure(request, Answer(fault=Fault.UNAUTHORIZED))
        answer = self._faults.popleft() if self._faults else self.script(request)
        is_failure = answer.fault in STATUS
        response = self._failure(request, answer) if is_failure else self._success(format, request, answer)
        takes = 3600 if answer.fault is Fault.SLOW else self.latency * (1 + self.jitter * self._random.uniform(-1, 1))
        await self._pause(arrived + takes - time.monotonic())
        return response

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
        return JSONResponse(
            request.format.error(status, kind, answer.text or message), status_code=status, headers=headers
        )

    def _success(self, form: type[OpenAI] | type[Anthropic], request: Request, answer: Answer) -> Response:
        reply = self._reply(request, answer)
        self.input_tokens += reply.input_tokens
        self.output_tokens += reply.output_tokens
        if request.asked.stream:
            chunks = list(form.chunks(reply))
            return StreamingResponse(self._sent(chunks, answer), media_type="text/event-stream")
        whole = json.dumps(form.whole(reply))
        if answer.fault is Fault.DROPPED:
            return StreamingResponse(self._sent([whole[:40], whole[40:]], answer), media_type="application/json")
        return Response(whole, media_type="application/json")

    async def _sent(self, chunks: list[str], answer: Answer) -> AsyncIterator[str]:
        for number, chunk in enumerate(chunks):
            if answer.fault is Fault.DROPPED and number >= len(chunks) // 2:
                raise ConnectionResetError("dropped on purpose")
            if answer.fault is Fault.PAUSED and number == len(chunks) // 2:
                while not (self.going_on.is_set() or self._stopping.is_set()):  # noqa: ASYNC110 (of another thread)
                    await asyncio.sleep(0.005)
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
        return Reply(text, tool, answer.finish, request.input_tokens, asked.model)

    def _faulty(self, request: Request, fault: Fault) -> Answer:
        """What the fault makes of the answer that would have been."""
        if fault is Fault.PROSE:
            return Answer(text=PROSE)
        if fault is Fault.REFUSAL:
            return Answer(text=REFUSAL, finish="refusal")
        answer = answer_anything(request)
        finish = "length" if fault is Fault.TRUNCATED else "stop"
        return Answer(text=answer.text, data=answer.data, fault=fault, finish=finish)

    # Batches

    def _answer_of_batched(self, request: Request) -> tuple[int, Body]:
        answer = self.script(request)
        if answer.fault in STATUS:
            status, kind, message = STATUS[answer.fault]
            return status, request.format.error(status, kind, message)
        reply = self._reply(request, answer)
        self.batched_input_tokens += reply.input_tokens
        self.batched_output_tokens += reply.output_tokens
        return 200, request.format.whole(reply)

    async def create_message_batch(self, http: HttpRequest) -> Response:
        asked = batching.message_requests(await http.json())

        def create() -> Body:
            batch = self.batches.create(Anthropic, self._batched(Anthropic, http, asked))
            return batching.message_batch(batch, self.url)

        return await self._called(Operation.CREATE, Anthropic, http, create)

    async def message_batch(self, http: HttpRequest) -> Response:
        return await self._looked_at(Operation.STATUS, Anthropic, http)

    async def cancel_message_batch(self, http: HttpRequest) -> Response:
        return await self._looked_at(Operation.CANCEL, Anthropic, http)

    async def message_results(self, http: HttpRequest) -> Response:
        batch = self.batches.find(http.path_params["name"])
        if batch is None or batch.results is None:
            return self._no_such(Anthropic)
        return await self._called(Operation.RESULTS, Anthropic, http, lambda: batching.message_results(batch))

    async def create_openai_batch(self, http: HttpRequest) -> Response:
        source = (await http.json())["input_file_id"]
        if source not in self.batches.files:
            return self._no_such(Responses)
        asked = batching.openai_requests(self.batches.files[source])

        def create() -> Body:
            batch = self.batches.create(Responses, self._batched(Responses, http, asked), source)
            return batching.openai_batch(batch, self.batches.files)

        return await self._called(Operation.CREATE, Responses, http, create)

    async def openai_batch(self, http: HttpRequest) -> Response:
        return await self._looked_at(Operation.STATUS, Responses, http)

    async def cancel_openai_batch(self, http: HttpRequest) -> Response:
        return await self._looked_at(Operation.CANCEL, Responses, http)

    async def upload(self, http: HttpRequest) -> Response:
        content = batching.uploaded(http.headers["content-type"], await http.body())
        return JSONResponse(batching.openai_file(self.batches.keep(content), content))

    async def file(self, http: HttpRequest) -> Response:
        name = http.path_params["name"]
        if name not in self.batches.files:
            return self._no_such(Responses)
        if http.method == "DELETE":
            del self.batches.files[name]
            return JSONResponse({"id": name, "object": "file", "deleted": True})
        return await self._called(Operation.RESULTS, Responses, http, lambda: self.batches.files[name].decode())

    async def _looked_at(self, at: Operation, form: Format, http: HttpRequest) -> Response:
        batch = self.batches.find(http.path_params["name"])
        if batch is None:
            return self._no_such(form)
        return await self._called(at, form, http, lambda: self._seen(at, batch))

    def _seen(self, at: Operation, batch: Batch) -> Body:
        """The batch as it is described; one that is cancelled now has ended when it is next looked at."""
        if at is Operation.CANCEL:
            batch.is_canceled = batch.results is None
        else:
            self.batches.look(batch)
        if batch.format is Anthropic:
            return batching.message_batch(batch, self.url)
        return batching.openai_batch(batch, self.batches.files)

    async def _called(self, at: Operation, form: Format, http: HttpRequest, do: Callable[[], Body | str]) -> Response:
        if form.key(dict(http.headers)) != self.key:
            return self._error(form, Fault.UNAUTHORIZED)
        failure = self.batches.failure(at)
        if failure is None or failure[1]:
            done = do()
            self.batches.calls.append(at)
            await self._pause(self.batches.latency)
        if failure:
            return self._error(form, failure[0])
        return Response(done, media_type="application/x-jsonl") if isinstance(done, str) else JSONResponse(done)

    def _batched(self, form: Format, http: HttpRequest, asked: dict[str, Body]) -> dict[str, Request]:
        headers, now = dict(http.headers), time.monotonic()
        return {
            name: Request(form, headers, json.dumps(body, ensure_ascii=False).encode(), form.asked(body), now)
            for name, body in asked.items()
        }

    @staticmethod
    def _error(form: Format, fault: Fault) -> Response:
        status, kind, message = STATUS[fault]
        return JSONResponse(form.error(status, kind, message), status_code=status)

    @staticmethod
    def _no_such(form: Format) -> Response:
        return JSONResponse(form.error(404, "not_found_error", "There is none."), status_code=404)

    # What else is asked for

    async def list_models(self, _: HttpRequest) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]})

    async def list_tags(self, _: HttpRequest) -> Response:
        """As Ollama lists what it has."""
        return JSONResponse({"models": [{"name": name} for name in self.models]})

    async def list_figures(self, _: HttpRequest) -> Response:
        """For who runs the server in a process of its own."""
        return JSONResponse(self.figures())


def application(server: ModelServer) -> Starlette:
    async def openai(http: HttpRequest) -> Response:
        return await server.answer(OpenAI, http)

    async def anthropic(http: HttpRequest) -> Response:
        return await server.answer(Anthropic, http)

    answering = [Route(form.path, {OpenAI: openai, Anthropic: anthropic}[form], methods=["POST"]) for form in LIVE]
    asking = [
        Route("/v1/embeddings", server.embed, methods=["POST"]),
        Route("/v1/models", server.list_models),
        Route("/api/tags", server.list_tags),
        Route("/figures", server.list_figures),
    ]
    return Starlette(routes=[*answering, *_batch_routes(server), *asking])


def _batch_routes(server: ModelServer) -> list[Route]:
    messages, openai = f"{Anthropic.path}/batches", "/v1/batches"
    return [
        Route(messages, server.create_message_batch, methods=["POST"]),
        Route(messages + "/{name}", server.message_batch),
        Route(messages + "/{name}/cancel", server.cancel_message_batch, methods=["POST"]),
        Route(messages + "/{name}/results", server.message_results),
        Route(openai, server.create_openai_batch, methods=["POST"]),
        Route(openai + "/{name}", server.openai_batch),
        Route(openai + "/{name}/cancel", server.cancel_openai_batch, methods=["POST"]),
        Route("/v1/files", server.upload, methods=["POST"]),
        Route("/v1/files/{name}", server.file, methods=["DELETE"]),
        Route("/v1/files/{name}/content", server.file),
    ]


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

"""The batch endpoints of both providers: requests handed in together, answered later, each in its own way."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tests.model_server.wire import Anthropic, Body, Format, Responses

if TYPE_CHECKING:
    from tests.model_server.server import Fault, Request


class Outcome(StrEnum):
    """What becomes of one request."""

    SUCCEEDED = "succeeded"
    ERRORED = "errored"
    EXPIRED = "expired"
    CANCELED = "canceled"


class Ending(StrEnum):
    """What becomes of a whole batch."""

    DONE = "done"
    EXPIRED = "expired"
    """The day was over before all was answered."""
    INVALID = "invalid"
    """Nothing of it was read (OpenAI alone; Anthropic refuses it at once)."""


class Operation(StrEnum):
    CREATE = "create"
    STATUS = "status"
    RESULTS = "results"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one request."""

    outcome: Outcome
    status: int = 0
    body: Body | None = None


@dataclass(slots=True)
class Batch:
    """Requests that were handed in together."""

    id: str
    format: Format
    requests: dict[str, Request]
    """By their own ids."""
    due: float | None
    """On the monotonic clock."""
    ending: Ending
    planned: list[Outcome]
    source: str
    """The file it was read from, with OpenAI."""
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_canceled: bool = False
    results: dict[str, Result] | None = None
    """What came of each request, once it has ended."""

    def count(self, outcome: Outcome) -> int:
        return sum(result.outcome is outcome for result in (self.results or {}).values())


Answering = Callable[["Request"], tuple[int, Body]]
"""What a request is answered: a status and a body."""


@dataclass
class Batches:
    """All batches of a server. Change its fields at any time; what is handed in afterwards goes by them."""

    answering: Answering
    seconds: float | None = 0.0
    """Until a batch ends; 0: when it is next looked at; None: when `end` is called."""
    ending: Ending = Ending.DONE
    done: int = 0
    """How many requests of a batch are answered before it expires or is cancelled."""
    latency: float = 0.0
    """Seconds between what a call does and its answer."""
    all: list[Batch] = field(default_factory=list)
    taken: threading.Event = field(default_factory=threading.Event)
    """Set when a batch was handed in, before that is answered."""
    files: dict[str, bytes] = field(default_factory=dict)
    calls: list[Operation] = field(default_factory=list)
    """Every call of these endpoints that did what it asks for."""
    _planned: deque[Outcome] = field(default_factory=deque)
    _failures: dict[Operation, deque[tuple[Fault, bool]]] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def requests(self) -> list[Request]:
        """Every request that was handed in, as often as it was."""
        return [request for batch in self.all for request in batch.requests.values()]

    def spoil(self, outcome: Outcome, times: int = 1) -> None:
        """Let this become of the next requests that are handed in; none before them is spared that still waits."""
        self._planned.extend([outcome] * times)

    def fail(self, fault: Fault, at: Operation = Operation.CREATE, times: int = 1, *, done: bool = False) -> None:
        """Answer the next calls with this error. `done`: what they ask for is done all the same."""
        self._failures.setdefault(at, deque()).extend([(fault, done)] * times)

    def failure(self, at: Operation) -> tuple[Fault, bool] | None:
        """How the call that is made now fails, and whether what it asks for is done all the same."""
        failures = self._failures.get(at)
        return failures.popleft() if failures else None

    def end(self) -> None:
        """Let every batch end now."""
        for batch in self.all:
            batch.due = 0.0

    # What the calls do

    def keep(self, content: bytes) -> str:
        """Take a file; gives its id."""
        name = f"file-{next(self._numbers)}"
        self.files[name] = content
        return name

    def create(self, form: Format, requests: dict[str, Request], source: str = "") -> Batch:
        due = None if self.seconds is None else time.monotonic() + self.seconds
        planned = [self._planned.popleft() if self._planned else Outcome.SUCCEEDED for _ in requests]
        batch = Batch(f"batch_{next(self._numbers)}", form, requests, due, self.ending, planned, source)
        self.all.append(batch)
        self.taken.set()
        return batch

    def find(self, name: str) -> Batch | None:
        return next((batch for batch in self.all if batch.id == name), None)

    def look(self, batch: Batch) -> Batch:
        """The batch as it is by now."""
        is_due = batch.is_canceled or (batch.due is not None and time.monotonic() >= batch.due)
        if batch.results is None and is_due:
            batch.results = dict(self._results(batch))
        return batch

    def _results(self, batch: Batch) -> Iterator[tuple[str, Result]]:
        """In another order than the requests came in."""
        if batch.ending is Ending.INVALID:
            return
        stopped = Outcome.CANCELED if batch.is_canceled else Outcome.EXPIRED
        is_stopped = batch.is_canceled or batch.ending is Ending.EXPIRED
        for number, (name, request) in reversed([*enumerate(batch.requests.items())]):
            outcome = stopped if is_stopped and number >= self.done else batch.planned[number]
            yield name, self._result(request, batch.format, outcome)

    def _result(self, request: Request, form: Format, outcome: Outcome) -> Result:
        if outcome is Outcome.ERRORED:
            return Result(outcome, 500, form.error(500, "api_error", "Internal server error."))
        if outcome is not Outcome.SUCCEEDED:
            return Result(outcome)
        status, body = self.answering(request)
        return Result(Outcome.SUCCEEDED if status < 300 else Outcome.ERRORED, status, body)


# Anthropic


def message_batch(batch: Batch, url: str) -> Body:
    """As Anthropic describes a batch."""
    has_ended = batch.results is not None
    status = "ended" if has_ended else "canceling" if batch.is_canceled else "in_progress"
    counts = {outcome.value: batch.count(outcome) for outcome in Outcome}
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": status,
        "request_counts": counts | {"processing": 0 if has_ended else len(batch.requests)},
        "created_at": batch.created.isoformat(),
        "expires_at": (batch.created + timedelta(days=1)).isoformat(),
        "ended_at": datetime.now(UTC).isoformat() if has_ended else None,
        "archived_at": None,
        "cancel_initiated_at": batch.created.isoformat() if batch.is_canceled else None,
        "results_url": f"{url}{Anthropic.path}/batches/{batch.id}/results" if has_ended else None,
    }


def message_results(batch: Batch) -> str:
    """The results of a batch as Anthropic lists them."""
    return _lines({"custom_id": name, "result": _message_result(one)} for name, one in (batch.results or {}).items())


def _message_result(result: Result) -> Body:
    match result.outcome:
        case Outcome.SUCCEEDED:
            return {"type": result.outcome, "message": result.body}
        case Outcome.ERRORED:
            return {"type": result.outcome, "error": result.body}
        case _:
            return {"type": result.outcome}


def message_requests(body: Body) -> dict[str, Body]:
    """What Anthropic is handed in, by the requests' own ids."""
    return {request["custom_id"]: request["params"] for request in body["requests"]}


# OpenAI


def openai_file(name: str, content: bytes) -> Body:
    """As OpenAI describes a file."""
    described = {"id": name, "object": "file", "bytes": len(content), "created_at": int(time.time())}
    return described | {"filename": "batch.jsonl", "purpose": "batch", "status": "processed"}


def openai_requests(content: bytes) -> dict[str, Body]:
    """The requests of an input file, by their own ids. Raises ValueError where the real one fails a file."""
    lines = [json.loads(line) for line in content.splitlines()]
    if any(line["method"] != "POST" or line["url"] != Responses.path for line in lines):
        raise ValueError("the url of a line is not the endpoint of the batch")
    if len({line["body"]["model"] for line in lines}) > 1:
        raise ValueError("a batch is of one model")
    requests = {line["custom_id"]: line["body"] for line in lines}
    if len(requests) != len(lines):
        raise ValueError("a custom_id stands twice")
    return requests


def openai_batch(batch: Batch, files: dict[str, bytes]) -> Body:
    """As OpenAI describes a batch; once it has ended its results are put among the `files`."""
    done, failed = batch.count(Outcome.SUCCEEDED), batch.count(Outcome.ERRORED)
    body: Body = {
        "id": batch.id,
        "object": "batch",
        "endpoint": Responses.path,
        "completion_window": "24h",
        "input_file_id": batch.source,
        "status": _openai_status(batch),
        "created_at": int(batch.created.timestamp()),
        "request_counts": {"total": len(batch.requests), "completed": done, "failed": failed},
    }
    if batch.results is None:
        return body
    if batch.ending is Ending.INVALID:
        error = {"code": "invalid_request", "message": "Not a batch.", "line": None, "param": None}
        return body | {"errors": {"object": "list", "data": [error]}}
    for kind, name in (("output", f"{batch.id}-output"), ("error", f"{batch.id}-error")):
        lines = _lines(_openai_lines(batch, kind))
        if lines:
            files[name] = lines.encode()
            body[f"{kind}_file_id"] = name
    return body


def _openai_status(batch: Batch) -> str:
    if batch.results is None:
        return "cancelling" if batch.is_canceled else "in_progress"
    if batch.is_canceled:
        return "cancelled"
    return {Ending.DONE: "completed", Ending.EXPIRED: "expired", Ending.INVALID: "failed"}[batch.ending]


def _openai_lines(batch: Batch, kind: str) -> Iterator[Body]:
    """The output file has what was answered, the error file what failed or ran out of time. What was cancelled is in
    neither."""
    for name, result in (batch.results or {}).items():
        line: Body = {"id": f"batch_req_{name[:8]}", "custom_id": name, "response": None, "error": None}
        response = {"status_code": result.status, "request_id": "req_1", "body": result.body}
        if result.outcome is (Outcome.SUCCEEDED if kind == "output" else Outcome.ERRORED):
            yield line | {"response": response}
        elif kind == "error" and result.outcome is Outcome.EXPIRED:
            yield line | {"error": {"code": "batch_expired", "message": "This request could not be executed in time."}}


def uploaded(content_type: str, body: bytes) -> bytes:
    """The file within a multipart body."""
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    for part in body.split(b"--" + boundary):
        head, _, content = part.partition(b"\r\n\r\n")
        if b'name="file"' in head:
            return content.removesuffix(b"\r\n")
    raise ValueError("there is no file in it")


def _lines(values: Iterator[Any]) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)

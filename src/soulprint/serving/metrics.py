"""What Prometheus scrapes. Of this process: its requests and itself. Of all of them: what the database counts.

No label holds an account, an address as it was asked for, or anything that anybody wrote.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

from fastapi import APIRouter, FastAPI
from fastapi.requests import Request
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, GCCollector, Histogram, PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0, generate_latest
from prometheus_client.registry import Collector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soulprint import operating
from soulprint.operating import Figures
from soulprint.serving import problems
from soulprint.serving.door import At

BOUNDS = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
"""Seconds of a stage."""

router = APIRouter(include_in_schema=False)


class Requests:
    """The requests that this process answered."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        labels = ("method", "route", "status")
        self.answered = Counter("soulprint_http_requests", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "soulprint_http_seconds", "Until an answer began.", ("method", "route"), registry=self.registry
        )

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        self.answered.labels(method, route, str(status)).inc()
        self.seconds.labels(method, route).observe(seconds)


def install(app: FastAPI) -> None:
    """Count the requests of `app`, and give it the address that is scraped."""
    app.state.requests = Requests()
    app.add_middleware(Watch, requests=app.state.requests)
    app.include_router(router)


class Watch:
    """ASGI middleware that notes each answer by the pattern of its address."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self._app = app
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                method = scope["method"] if scope["method"] in METHODS else "other"
                self._requests.note(method, _route(scope), message["status"], time.perf_counter() - began)
            await send(message)

        await self._app(scope, receive, noted)


def _route(scope: Scope) -> str:
    """The pattern of the address that was asked for; one for all files of ours."""
    return "/static" if scope["path"].startswith("/static/") else problems.route(scope)


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@router.get("/metrics")
async def metrics(door: At, request: Request) -> Response:
    """In Prometheus's text format."""
    counted = CollectorRegistry()
    counted.register(Shared(await operating.figures(door.database, BOUNDS)))
    text = generate_latest(request.app.state.requests.registry) + generate_latest(counted)
    return Response(text, media_type=CONTENT_TYPE_PLAIN_1_0_0)


class Shared(Collector):
    """What the database counts, for all processes."""

    def __init__(self, figures: Figures) -> None:
        self._figures = figures

    def collect(self) -> Iterator[GaugeMetricFamily | HistogramMetricFamily]:
        figures = self._figures
        yield _gauge(
            "passes", "Passes kept, by their kind and how they stand.", ("kind", "status"),
            [(row[:2], row[2]) for row in figures.passes],
        )  # fmt: skip
        yield _gauge(
            "pass_failures", "Passes that ended without a profile, by the class of the error.", ("kind", "reason"),
            [((row.kind, row.reason), row.passes) for row in figures.failures],
        )  # fmt: skip
        stages = HistogramMetricFamily("soulprint_stage_seconds", "How long stages took.", labels=["stage"])
        for row in figures.stages:
            bounds = [*map(str, BOUNDS), "+Inf"]
            counts = [*row.below, row.count]
            stages.add_metric([row.name], list(zip(bounds, counts, strict=True)), sum_value=row.seconds)
        yield stages
        queue = figures.queue
        yield _gauge(
            "queue_passes", "Passes that are not ended.", ("state",),
            [(("at work",), queue.at_work), (("waiting",), queue.waiting), (("quick",), queue.quick)],
        )  # fmt: skip
        yield _gauge(
            "queue_oldest_seconds", "When the oldest of them began, as seconds since 1970; 0 without any.", (),
            [((), queue.oldest.timestamp() if queue.oldest else 0)],
        )  # fmt: skip
        yield _gauge("workers", "Workers that are alive.", (), [((), len(figures.processes))])
        yield _gauge("database_bytes", "Size of the database.", (), [((), figures.size_mb * 1e6)])
        for place, (name, told) in enumerate(ANSWERS, start=2):
            rows: list[tuple[Sequence[str], float]] = [(row[:2], float(row[place])) for row in figures.answers]
            yield _gauge(f"model_{name}", told, ("model", "role"), rows)


ANSWERS = (
    ("calls", "Answers of models."),
    ("input_tokens", "Tokens that they read."),
    ("output_tokens", "Tokens that they wrote."),
    ("seconds", "How long they took together."),
    ("cost_usd", "US dollars that they cost, where the price is known."),
)
"""What of each model and role is told."""


def _gauge(
    name: str, told: str, labels: Sequence[str], rows: Sequence[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:
    """A gauge, as what is counted shrinks where somebody erases their data."""
    family = GaugeMetricFamily(f"soulprint_{name}", told, labels=list(labels))
    for values, value in rows:
        family.add_metric(list(values), value)
    return family

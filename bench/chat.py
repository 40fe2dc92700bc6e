"""What a chat adds to its model: the time until the model is asked, and from the model's first words to the reader's.
Over HTTP on loopback, with the model server of the tests in this process, so the figures hold what it takes too.

    python -m bench.chat --passages 1000 20000
    python -m bench.chat --passages 20000 --embedder auto
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

import httpx2
import uvicorn

from bench import exports, homes, recall
from soulprint import accounts, database, embedding, indexing, llm, pipeline
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.serving import server
from soulprint.serving.app import application
from soulprint.settings import Credentials, Settings
from tests import model_server
from tests.model_server import Answer, ModelServer, Request

WARM = 5
"""Questions before it is measured: what talks to models loads with the first."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds of one answer."""

    before: float
    """From the question to the model's being asked."""
    after: float
    """From the model's beginning to answer to the first words here."""


class Clock:
    """The model: it notes when it begins to answer."""

    def __init__(self) -> None:
        self.asked = 0.0
        self.began = 0.0

    def script(self, request: Request) -> Answer:
        self.asked, self.began = request.at, time.monotonic()
        return Answer(text="This is what the model says, in several words, of which the first are measured.")


class Chat:
    """SoulPrint's own chats."""

    name = "/api/v1/threads"

    async def address(self, visitor: httpx2.AsyncClient) -> str:
        thread = (await visitor.post(self.name)).json()["id"]
        return f"{self.name}/{thread}/messages"

    def body(self, question: str) -> dict[str, Any]:
        return {"text": question}

    def words(self, event: dict[str, Any]) -> str:
        return str(event.get("text") or "")


class Completions:
    """The endpoint for other clients."""

    name = "/v1/chat/completions"

    async def address(self, _: httpx2.AsyncClient) -> str:
        return self.name

    def body(self, question: str) -> dict[str, Any]:
        return {"model": "soulprint", "stream": True, "messages": [{"role": "user", "content": question}]}

    def words(self, event: dict[str, Any]) -> str:
        return "".join(choice["delta"].get("content") or "" for choice in event.get("choices", ()))


Way = Chat | Completions


async def measure(visitor: httpx2.AsyncClient, clock: Clock, way: Way, questions: Sequence[str]) -> list[Taken]:
    taken = [await _taken(visitor, clock, way, question) for question in questions]
    return taken[WARM:]


async def _taken(visitor: httpx2.AsyncClient, clock: Clock, way: Way, question: str) -> Taken:
    address = await way.address(visitor)
    asked = time.monotonic()
    first = 0.0
    async with visitor.stream("POST", address, json=way.body(question)) as response:
        response.raise_for_status()
        async for line in response.aiter_lines():
            if not first and way.words(_data(line)):
                first = time.monotonic()
    return Taken(clock.asked - asked, first - clock.began)


def _data(line: str) -> dict[str, Any]:
    with suppress(ValueError):
        found = json.loads(line.removeprefix("data:"))
        return found if isinstance(found, dict) else {}
    return {}


@asynccontextmanager
async def visited(db: Database, account: uuid.UUID, settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    """A visitor of the application, served."""
    background = Background(db, settings)
    listening = server.listen(settings, "127.0.0.1", 0)
    serving = uvicorn.Server(
        uvicorn.Config(application(db, account, settings, background=background), log_level="warning")
    )
    running = asyncio.create_task(serving.serve(sockets=[listening]))
    try:
        async with httpx2.AsyncClient(base_url=server.address(listening), timeout=60) as visitor:
            yield visitor
    finally:
        serving.should_exit = True
        await running
        await background.close()


async def filled(db: Database, settings: Settings, passages: int) -> uuid.UUID:
    """An account with about so many passages and a profile."""
    account = await accounts.local(db)
    path = settings.home / f"{passages}.zip"
    exports.write(path, conversations=max(1, passages // recall.A_CONVERSATION))
    local = settings.model_copy(update={"model": llm.LOCAL})
    await pipeline.import_export(db, account, local, [path], names=path.name, profile=False)
    await pipeline.quick_profile(db, account, local)
    await indexing.index_all(db, account)
    await embedding.drain(db, account, settings)
    return account


async def report(passages: int, embedder: str, models: ModelServer) -> None:
    clock = Clock()
    models.script = clock.script
    credentials = Credentials.model_validate({"openai_base_url": f"{models.url}/v1", "openai_api_key": models.key})
    questions = recall.questions(exports.Writer())
    with homes.home() as home:
        values = {"home": home, "model": "openai:gpt-5-mini", "model_embed": embedder, "credentials": credentials}
        settings = Settings.model_validate(values)
        async with database.opened(settings) as db:
            account = await filled(db, settings, passages)
            async with visited(db, account, settings) as visitor:
                for way in (Chat(), Completions()):
                    taken = await measure(visitor, clock, way, questions)
                    print(f"| {passages:,} | {way.name} | {_figures(taken)} |", flush=True)
    await llm.close()


def _figures(taken: Sequence[Taken]) -> str:
    columns = [each.before for each in taken], [each.after for each in taken]
    return " | ".join(f"{median(one) * 1e3:.0f} / {quantiles(one, n=20)[-1] * 1e3:.0f}" for one in columns)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 20_000])
    parser.add_argument("--embedder", default="off", help="auto, or provider:name: search by meaning too")
    options = parser.parse_args()
    print("| passages | asked by | p50 / p95 ms until the model is asked | p50 / p95 ms from its first words to ours |")
    print("|---|---|---|---|")
    with model_server.running(is_forgetful=True) as models:
        for passages in options.passages:
            asyncio.run(report(passages, options.embedder, models))


if __name__ == "__main__":
    main()

"""The full pass against the model server of the tests, in a process of its own: calls, tokens, time beside what the
latency alone costs, our own processor time, memory, and what is written for each call.

    python -m bench.full_pass --conversations 100 1000
    python -m bench.full_pass --conversations 1000 --latency 8 --concurrency 200
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import logging
import multiprocessing
import random
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import text

from bench import exports, homes
from soulprint import accounts, database, pipeline
from soulprint.database import Database
from soulprint.serving import logs
from soulprint.settings import Credentials, Settings

JITTER = 0.2

TURNS = 2.3
"""Of the person in the median conversation: 3.4 on average, as in 5,600 conversations that people have published."""

WRITTEN = """
select pg_current_wal_lsn() - '0/0' as bytes,
    (select sum(n_tup_ins + n_tup_upd) from pg_stat_user_tables) as rows
"""


@dataclass(frozen=True, slots=True)
class Scenario:
    conversations: int
    latency: float
    """Seconds that the model takes, a fifth more or less."""
    concurrency: int
    answers: int = 300
    """Characters kept of each assistant's answer; 0 for all."""


@dataclass(frozen=True, slots=True)
class Measured:
    calls: int
    windows: int
    """Calls that found facts."""
    read: int
    """Prompt tokens."""
    chat: int
    """Tokens of the conversations."""
    wall: float
    extracting: float
    processor: float
    """Seconds of ours until all facts were found."""
    rss_mb: float
    bytes_written: float
    rows_written: float
    facts: int


@contextmanager
def served(latency: float) -> Iterator[str]:
    """A model server in a process of its own; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--port", str(port), "--latency", str(latency), "--jitter", str(JITTER), "--script", "plausible"]
    process = subprocess.Popen([sys.executable, "-m", "tests.model_server", *options], stdout=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/v1/models")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait()


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            httpx.get(address)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise TimeoutError(address)


async def measure(scenario: Scenario, folder: Path) -> Measured:
    """Import that many conversations, then read them all."""
    export = folder / "export.zip"
    exports.write(export, conversations=scenario.conversations, turns=TURNS)
    with served(scenario.latency) as address:
        settings = Settings.model_validate(
            {
                "home": folder / "home",
                "model": "openai:gpt-5-mini",
                "concurrency": scenario.concurrency,
                "extract_answers": scenario.answers,
                "ceiling": 1_000,
                "credentials": Credentials.model_validate(
                    {"openai_api_key": "test-key", "openai_base_url": f"{address}/v1"}
                ),
            }
        )
        async with database.opened(settings) as db:
            return await _passed(db, settings, export)


async def _passed(db: Database, settings: Settings, export: Path) -> Measured:
    account = await accounts.local(db)
    await pipeline.import_export(db, account, settings, [export], names=export.name, profile=False)
    expected = await pipeline.estimate(db, account, settings)
    async with pipeline.working(db, settings):
        before, rows = await _written(db)
        started = time.perf_counter()
        await pipeline.start(db, account, settings)
        processor = [time.process_time()]
        async for status in pipeline.watch(db, account, settings):
            done = status.full_pass
            if done and len(processor) == 1 and any(stage.name == "merge" for stage in done.stages):
                processor.append(time.process_time())
            if done and done.status != "processing":
                break
        wall = time.perf_counter() - started
        after, rows_after = await _written(db)
    assert done is not None
    assert done.status == "complete", done.error
    stages = {stage.name: stage for stage in done.stages}
    extract = stages["extract"]
    assert extract.finished_at is not None
    calls = sum(stage.calls for stage in done.stages)
    async with db.session(account) as session:
        read = await session.scalar(text("select sum(input_tokens) from llm_answers"))
    return Measured(
        calls=calls,
        read=int(read),
        chat=expected.chat_tokens,
        wall=wall,
        extracting=(extract.finished_at - extract.started_at).total_seconds(),
        windows=extract.calls,
        processor=processor[-1] - processor[0],
        rss_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        bytes_written=(after - before) / calls,
        rows_written=(rows_after - rows) / calls,
        facts=status.facts,
    )


async def _written(db: Database) -> tuple[float, float]:
    """Bytes of write-ahead log and rows so far. Statistics are told a little late, so they are waited for."""
    await asyncio.sleep(1.5)
    async with db.session() as session:
        written, rows = (await session.execute(text(WRITTEN))).one()
    return float(written), float(rows)


def ideal(calls: int, scenario: Scenario, draws: int = 50) -> float:
    """Seconds that the best schedule of so many calls takes: each starts as soon as one of the places is free."""
    total = 0.0
    for seed in range(draws):
        draw = random.Random(seed)
        free = [0.0] * scenario.concurrency
        for _ in range(calls):
            heapq.heappush(free, heapq.heappop(free) + scenario.latency * (1 + JITTER * draw.uniform(-1, 1)))
        total += max(free)
    return total / draws


def row(scenario: Scenario, measured: Measured) -> str:
    best = ideal(measured.windows, scenario)
    plain = measured.windows * scenario.latency / scenario.concurrency
    cells = (
        f"{scenario.conversations:,}",
        f"{scenario.latency:g}",
        f"{scenario.concurrency}",
        f"{measured.calls:,}",
        f"{measured.read / measured.chat:.2f}",
        f"{measured.extracting:.1f}",
        f"{measured.extracting / best:.2f}",
        f"{measured.extracting / plain:.2f}",
        f"{measured.wall:.1f}",
        f"{1000 * measured.processor / measured.windows:.0f}",
        f"{measured.rss_mb:.0f}",
        f"{measured.bytes_written / 1000:.0f}",
        f"{measured.rows_written:.0f}",
        f"{measured.facts:,}",
    )
    return "| " + " | ".join(cells) + " |"


HEAD = (
    "| conversations | s a call | at once | calls | prompt tokens per token of chat | extracting s | over the best "
    "schedule | over calls × latency ÷ concurrency | whole pass s | our CPU ms a call | peak RSS MB | kB written a "
    "call | rows a call | facts |"
)

STANDARD = (
    Scenario(1_000, 2, 10),
    Scenario(1_000, 2, 50),
    Scenario(1_000, 8, 200),
    Scenario(1_000, 2, 10, answers=0),
    Scenario(100, 2, 10),
    Scenario(10_000, 2, 50),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, nargs="+")
    parser.add_argument("--latency", type=float, default=2.0)
    parser.add_argument("--concurrency", type=int, default=10)
    parser.add_argument("--answers", type=int, default=300)
    given = parser.parse_args()
    scenarios = [
        Scenario(number, given.latency, given.concurrency, given.answers) for number in given.conversations or ()
    ] or STANDARD
    print(HEAD)
    print("|" + "---|" * (HEAD.count("|") - 1), flush=True)
    for scenario in scenarios:
        # Each in a process of its own, so that the peak of memory is its own.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
            print(pool.submit(alone, scenario).result(), flush=True)


def alone(scenario: Scenario) -> str:
    logs.configure(logging.WARNING)
    with homes.home() as home:
        return row(scenario, asyncio.run(measure(scenario, home)))


if __name__ == "__main__":
    main()

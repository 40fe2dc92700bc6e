"""Speed and memory of importing, in MB of JSON a second, next to the plain ways in the same run: a file read by one
process, the same as shards read by several, and the import of both, again and anew. Memory is private, of all processes
but Postgres.

python -m bench.importing --mb 50 500
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import tempfile
import threading
import time
import uuid
import zipfile
import zlib
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import ijson  # type: ignore[import-untyped]
import psutil  # type: ignore[import-untyped]

from bench import exports, homes
from soulprint import database, importing
from soulprint.importing import formats
from soulprint.importing.engine import frames
from soulprint.importing.engine.batches import Batch
from soulprint.importing.engine.readers import Readers
from soulprint.importing.engine.reading import Numbered, Reading
from soulprint.importing.files import archives
from soulprint.importing.parsing import documents
from soulprint.settings import Settings
from tests.rows import add_account

PLAIN_LIMIT = 100_000_000
"""The plain ways are measured up to this many bytes: json.load takes several times the file in memory."""

SHARD = 24
"""MB of JSON of a shard."""

EVERY = 0.05
"""Seconds between two looks at memory."""


@dataclass
class Figure:
    seconds: float = 0.0
    memory: float = 0.0
    """Most private memory above what was held before, in MB."""
    times: dict[int, float] = field(default_factory=dict)
    """Process -> its seconds of processor time."""

    @property
    def processor(self) -> float:
        return sum(self.times.values())


@contextmanager
def measured() -> Iterator[Figure]:
    figure, done = Figure(), threading.Event()
    began, before = tree()

    def watch() -> None:
        over = False
        while not over:
            over = done.wait(EVERY)
            times, memory = tree()
            figure.times |= {process: seconds - began.get(process, 0) for process, seconds in times.items()}
            figure.memory = max(figure.memory, (memory - before) / 1e6)

    watcher = threading.Thread(target=watch)
    watcher.start()
    started = time.perf_counter()
    yield figure
    figure.seconds = time.perf_counter() - started
    done.set()
    watcher.join()


def tree() -> tuple[dict[int, float], int]:
    """Processor time of this process and of those it started, but for Postgres, and the bytes of them all that are no
    pages of a file."""
    times, memory, this = {}, 0, psutil.Process()
    for process in (this, *this.children(recursive=True)):
        with suppress(psutil.Error, OSError):
            if not process.name().startswith("postgres"):
                times[process.pid] = sum(process.cpu_times()[:2])
                memory += private_memory(process.pid)
    return times, memory


def private_memory(process: int) -> int:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def load_whole(export: Path) -> None:
    with zipfile.ZipFile(export) as archive, archive.open("conversations.json") as file:
        json.load(file)


def stream(export: Path) -> None:
    with zipfile.ZipFile(export) as archive, archive.open("conversations.json") as file:
        for _ in ijson.items(file, "item"):
            pass


def inflate(export: Path) -> None:
    with zipfile.ZipFile(export) as archive, archive.open("conversations.json") as file:
        while file.read(zlib.DEF_BUF_SIZE * 64):
            pass


@contextmanager
def surveyed(export: Path) -> Iterator[tuple[Path, list[Numbered]]]:
    with tempfile.TemporaryDirectory(prefix="soulprint-bench-") as scratch:
        survey = archives.survey([export], formats.known, Path(scratch), 1 << 40)
        yield Path(scratch), [Numbered(*each) for each in enumerate(survey.members)]


def parse(export: Path) -> None:
    with surveyed(export) as (scratch, members):
        for _, member in members:
            document = documents.document(member.where, member.open(scratch).view)
            if recognised := formats.recognised(document):
                for _ in recognised[0].read(document):
                    pass


def read(export: Path) -> None:
    with surveyed(export) as (scratch, members):
        exhaust(Reading(uuid.uuid4(), scratch).batches(members))


def read_in_two(export: Path) -> None:
    with surveyed(export) as (scratch, members):
        sources = Readers(frames.Setup(uuid.uuid4(), scratch, frozenset()), members).sources()[:2]
        threads = [threading.Thread(target=exhaust, args=(source,)) for source in sources]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def exhaust(batches: Generator[Batch, None, None]) -> None:
    for _ in batches:
        pass


def measure(name: str, work: Callable[[Path], None], export: Path) -> list[tuple[str, Figure]]:
    with measured() as figure:
        work(export)
    return [(name, figure)]


def import_times(names: tuple[str, ...], export: Path) -> list[tuple[str, Figure]]:
    """The export imported once for each of the names, into the same database."""
    with homes.home() as home:
        return asyncio.run(_import_times(names, export, Settings.model_validate({"home": home})))


async def _import_times(names: tuple[str, ...], export: Path, settings: Settings) -> list[tuple[str, Figure]]:
    rows = []
    async with database.opened(settings) as db:
        account = await add_account(db)
        for name in names:
            with measured() as figure:
                async with importing.begun(db, account, export.name) as import_id:
                    await importing.run(db, account, import_id, [export], settings)
            rows.append((name, figure))
    return rows


def rows(export: Path, shards: Path, size: int) -> Iterator[tuple[str, Figure]]:
    """Each way in a process of its own, so that none finds the memory of another."""
    plain = {"json.load": load_whole, f"ijson ({ijson.backend_name})": stream} if size <= PLAIN_LIMIT else {}
    whole = plain | {"zlib alone": inflate, "parse": parse, "read: parse, hashes, rows": read}
    for name, work in whole.items():
        yield from alone(measure, name, work, export)
    yield from alone(measure, "read shards", read, shards)
    yield from alone(measure, "read shards in two processes", read_in_two, shards)
    yield from alone(import_times, ("import", "the same again"), export)
    yield from alone(import_times, ("import shards", "the same shards again"), shards)


def alone(way: Callable[..., list[tuple[str, Figure]]], *arguments: object) -> list[tuple[str, Figure]]:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(way, arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, nargs="+", default=[50])
    print("| MB of JSON | | MB/s | MB/s of processor time | private memory MB | time a MB against the smallest |")
    print("|---|---|---|---|---|---|")
    first: dict[str, float] = {}
    with tempfile.TemporaryDirectory(prefix="soulprint-bench-") as folder:
        for megabytes in sorted(parser.parse_args().mb):
            export, shards = Path(folder) / "export.zip", Path(folder) / "shards.zip"
            size = exports.write(export, megabytes=megabytes)
            exports.write_shards(shards, megabytes=megabytes, shards=max(2, round(megabytes / SHARD)))
            for name, figure in rows(export, shards, size):
                rate, own = size / 1e6 / figure.seconds, size / 1e6 / figure.processor
                growth = first.setdefault(name, rate) / rate
                line = f"| {megabytes:g} | {name} | {rate:.0f} | {own:.0f} | {figure.memory:.0f} | {growth:.2f} |"
                print(line, flush=True)


if __name__ == "__main__":
    main()

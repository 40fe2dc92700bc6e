"""Speed and memory of importing: parse, import, and import of the same file again, in MB of JSON a second, next to the
plain ways in the same run.

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import insert

from bench import exports
from soulprint import database, importing
from soulprint.importing import archives, formats
from soulprint.importing.reading import Numbered, Reading
from soulprint.records import Account
from soulprint.settings import Settings

PLAIN_LIMIT = 100_000_000
"""The plain ways are measured up to this many bytes: json.load takes several times the file in memory."""


@dataclass
class Figure:
    seconds: float = 0.0
    processor: float = 0.0
    """Seconds of this process, the database not counted."""
    memory: float = 0.0
    """Most private memory above what the process held before, in MB."""


@contextmanager
def measured() -> Iterator[Figure]:
    figure = Figure()
    before, most, done = private_memory(), 0, threading.Event()

    def watch() -> None:
        nonlocal most
        while not done.wait(0.02):
            most = max(most, private_memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    started, processor = time.perf_counter(), time.process_time()
    yield figure
    figure.seconds, figure.processor = time.perf_counter() - started, time.process_time() - processor
    done.set()
    watcher.join()
    figure.memory = max(0, most - before) / 1e6


def private_memory() -> int:
    """Bytes of this process that are no pages of a file."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    return 0


def load_whole(export: Path) -> None:
    with zipfile.ZipFile(export) as archive, archive.open("conversations.json") as file:
        json.load(file)


def inflate_whole(export: Path) -> None:
    with zipfile.ZipFile(export) as archive, archive.open("conversations.json") as file:
        while file.read(zlib.DEF_BUF_SIZE * 64):
            pass


def parse(export: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="soulprint-bench-") as scratch:
        survey = archives.survey([export], formats.known, Path(scratch), 1 << 40)
        members = [Numbered(*each) for each in enumerate(survey.members)]
        for _ in Reading(uuid.uuid4(), Path(scratch)).batches(members):
            pass


def import_twice(export: Path) -> list[tuple[str, Figure]]:
    with tempfile.TemporaryDirectory(prefix="soulprint-bench-") as home:
        return asyncio.run(_import_twice(export, Settings.model_validate({"home": home})))


async def _import_twice(export: Path, settings: Settings) -> list[tuple[str, Figure]]:
    rows = []
    async with database.opened(settings) as db:
        account = uuid.uuid4()
        async with db.session() as session:
            await session.execute(insert(Account).values(id=account))
        for name in ("import", "the same again"):
            with measured() as figure:
                async with importing.begun(db, account, export.name) as import_id:
                    await importing.run(db, account, import_id, [export], settings)
            rows.append((name, figure))
    return rows


def measure(name: str, work: Callable[[Path], None], export: Path) -> list[tuple[str, Figure]]:
    with measured() as figure:
        work(export)
    return [(name, figure)]


def rows(export: Path, size: int) -> Iterator[tuple[str, Figure]]:
    """Each way in a process of its own, so that none finds the memory of another."""
    ways: list[tuple[Callable[..., list[tuple[str, Figure]]], tuple[object, ...]]] = [
        (measure, ("zlib alone", inflate_whole, export)),
        (measure, ("parse", parse, export)),
        (import_twice, (export,)),
    ]
    if size <= PLAIN_LIMIT:
        ways.insert(0, (measure, ("json.load", load_whole, export)))
    for way, arguments in ways:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            yield from pool.apply(way, arguments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, nargs="+", default=[50])
    print("| MB of JSON | | MB/s | MB/s of processor time | private memory MB |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="soulprint-bench-") as folder:
        for megabytes in parser.parse_args().mb:
            export = Path(folder) / "export.zip"
            size = exports.write(export, megabytes=megabytes)
            for name, figure in rows(export, size):
                rate, own = size / 1e6 / figure.seconds, size / 1e6 / figure.processor
                print(f"| {megabytes:g} | {name} | {rate:.0f} | {own:.0f} | {figure.memory:.0f} |", flush=True)


if __name__ == "__main__":
    main()

"""Speed of chunking: hostile text of growing size, and ordinary conversations into rows, in MB of text a second.

python -m bench.chunking --mb 30
"""

from __future__ import annotations

import argparse
import asyncio
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import func, select

from bench import exports, homes
from bench.importing import Figure, measured
from soulprint import chunking, database, importing, reading
from soulprint.database import Database
from soulprint.reading import Dialogue, Talk, Utterance
from soulprint.records import Message
from soulprint.settings import Settings
from tests.rows import add_account

STEP = 250_000
"""Code points of hostile text, doubled three times."""

HOSTILE = {
    "one letter on one line": "x",
    "Chinese without a full stop": "漢字",
    "newlines": "\n",
    "combining marks": "\u0301",
    "joined emoji": "👩‍👩‍👧‍👦",
    "flags": "🇩🇪",
    "full stops": ".",
    "quotes after full stops": ".'",
    "thick and thin": "😀 " * 30 + " " * 300,
}


def dialogue(texts: Sequence[str]) -> Dialogue:
    turns = [Utterance(place, place, "user", text, None, "text") for place, text in enumerate(texts)]
    return Dialogue(Talk(uuid.UUID(int=1), None, None, "chatgpt", len(turns)), b"", tuple(turns))


def growth() -> Iterator[tuple[str, list[float]]]:
    """Seconds of processor time for each kind of hostile text at 1, 2, 4 and 8 times the size."""
    for name, pattern in HOSTILE.items():
        sizes = [STEP * times // len(pattern) for times in (1, 2, 4, 8)]
        yield name, [seconds(dialogue(["a" + pattern * size])) for size in sizes]
    yield "turns of one word", [seconds(dialogue(["hi"] * 12_500 * times)) for times in (1, 2, 4, 8)]


def seconds(asked: Dialogue) -> float:
    started = time.process_time()
    chunking.cut(asked, "medium")
    return time.process_time() - started


async def ordinary(megabytes: float) -> list[tuple[str, float, Figure]]:
    """What is done, MB of text, and how long it takes, over an imported history."""
    with homes.home() as home:
        settings = Settings.model_validate({"home": home})
        async with database.opened(settings) as db:
            account = await imported(db, settings, home / "export.zip", megabytes)
            size = await text_size(db, account)
            stale = await chunking.stale(db, account, settings)
            with measured() as read:
                dialogues = [each async for batch in reading.dialogues(db, account, stale) for each in batch]
            with measured() as cut:
                for each in dialogues:
                    chunking.cut(each, "medium")
            del dialogues
            with measured() as rows:
                await chunking.chunk_all(db, account, settings)
            with measured() as again:
                await chunking.chunk_all(db, account, settings)
    names = ("read", "cut", "read, cut and write rows", "nothing stale")
    return [(name, size, figure) for name, figure in zip(names, (read, cut, rows, again), strict=True)]


async def imported(db: Database, settings: Settings, export: Path, megabytes: float) -> uuid.UUID:
    exports.write(export, megabytes=megabytes)
    account = await add_account(db)
    async with importing.begun(db, account, export.name) as import_id:
        await importing.run(db, account, import_id, [export], settings)
    return account


async def text_size(db: Database, account: uuid.UUID) -> float:
    async with db.session(account) as session:
        size = await session.scalar(select(func.sum(func.octet_length(Message.text))).where(Message.on_branch))
    return float(size or 0) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=float, default=30, help="of JSON; not half of it is text")
    given = parser.parse_args()
    print(f"| seconds of processor time for hostile text, from {STEP:,} characters | 1x | 2x | 4x | 8x | 8x / 1x |")
    print("|---|---|---|---|---|---|")
    for name, figures in growth():
        print(f"| {name} | {' | '.join(f'{each:.2f}' for each in figures)} | {figures[-1] / figures[0]:.1f} |")
    print("\n| ordinary conversations | MB of text | MB/s | MB/s of processor time | private memory MB |")
    print("|---|---|---|---|---|")
    for name, size, figure in asyncio.run(ordinary(given.mb)):
        rate, own = size / figure.seconds, size / figure.processor
        print(f"| {name} | {size:.0f} | {rate:.1f} | {own:.1f} | {figure.memory:.0f} |")


if __name__ == "__main__":
    main()

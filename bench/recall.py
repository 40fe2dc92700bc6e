"""Time to recall, and to index what is recalled, over histories of growing size; by words alone, without a model.

python -m bench.recall --passages 1000 20000 200000
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
import uuid
from statistics import median, quantiles

from sqlalchemy import func, select

from bench import exports, homes
from soulprint import database, importing, indexing, recall
from soulprint.database import Database
from soulprint.records import Message, Passage
from soulprint.settings import Settings
from tests.rows import add_account

QUESTIONS = 60
GRAMMAR = 150
"""The most common words of the made-up language: as in every other, nobody asks for them."""
A_CONVERSATION = 32
"""Passages in it, about."""


def questions(writer: exports.Writer) -> list[str]:
    """Questions of four to seven words as common as those of a text are, words of grammar left out."""
    draw = random.Random(7)
    counts: dict[str, int] = {}
    for sentence in writer.sentences:
        for word in sentence.lower().split():
            counts[word] = counts.get(word, 0) + 1
    common = {word for word, _ in sorted(counts.items(), key=lambda pair: -pair[1])[:GRAMMAR]}
    words = [word for sentence in writer.sentences for word in sentence.lower().split() if word not in common]
    return [" ".join(draw.sample(words, draw.randint(4, 7))) for _ in range(QUESTIONS)]


async def filled(db: Database, settings: Settings, passages: int) -> tuple[uuid.UUID, float, float]:
    """An account with about so many passages, the seconds it took to index them, and the megabytes of their text."""
    account = await add_account(db)
    path = settings.home / f"{passages}.zip"
    exports.write(path, conversations=max(1, passages // A_CONVERSATION))
    async with importing.begun(db, account, path.name) as import_id:
        await importing.run(db, account, import_id, [path], settings)
    async with db.session(account) as session:
        size = await session.scalar(select(func.sum(func.octet_length(Message.text)))) or 0
    began = time.perf_counter()
    await indexing.index_all(db, account)
    return account, time.perf_counter() - began, int(size) / 1e6


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 20_000, 200_000])
    asked = questions(exports.Writer())
    print(f"{'passages':>10} {'p50 ms':>8} {'p95 ms':>8} {'µs/passage':>11} {'indexing MB/s':>14}")
    with homes.home() as home:
        settings = Settings.model_validate({"home": home, "model_embed": "off"})
        async with database.opened(settings) as db:
            for passages in parser.parse_args().passages:
                account, indexed, megabytes = await filled(db, settings, passages)
                async with db.session(account) as session:
                    count = await session.scalar(select(func.count()).select_from(Passage)) or 1
                seconds = [await _timed(db, account, settings, each) for each in asked]
                half, most = median(seconds), quantiles(seconds, n=20)[-1]
                rate = megabytes / indexed
                print(
                    f"{count:10,} {half * 1e3:8.1f} {most * 1e3:8.1f} {half * 1e6 / count:11.2f} {rate:14.1f}",
                    flush=True,
                )


async def _timed(db: Database, account: uuid.UUID, settings: Settings, question: str) -> float:
    began = time.perf_counter()
    await recall.recall(db, account, settings, question)
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())

"""Time to find what is nearest in meaning, in histories of growing size, beside that of comparing all numbers of all.

python -m bench.vectors --passages 1000 20000 200000
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
import uuid
from collections.abc import Awaitable, Iterator
from statistics import median, quantiles

from sqlalchemy import insert, text

from bench import homes
from soulprint import database, embedding
from soulprint.database import Database
from soulprint.embedding import store
from soulprint.records import Conversation, Message
from soulprint.settings import Settings
from tests.rows import add_account

DIMENSIONS = 384
QUESTIONS = 40
NEAREST = 200
"""As many as recall asks for."""
SUBJECTS = 300
MODEL = "local"

PASSAGES = text("""
insert into passages
    (user_id, conversation_id, message_id, by_person, span_start, span_end, said_at, words, context_words)
select :account, :conversation, :message, true, 0, 0, timestamptz '2020-01-01' + number * interval '10 minutes', 1, 1
from generate_series(1, :most) as number
""")
VECTORS = text("""
insert into passage_vectors (passage_id, model, user_id, embedding)
select id, :model, :account, cast(vector as halfvec)
from (select id, row_number() over (order by id) as number from passages) as passages
join unnest(cast(:vectors as text[])) with ordinality as made (vector, number) on passages.number = made.number + :done
""")
EXACT = text("""
select passage_id from passage_vectors where model = :model
order by embedding <#> cast(:vector as halfvec) limit :most
""")


class Meanings:
    """Vectors of passages about some hundred subjects."""

    def __init__(self) -> None:
        self._draw = random.Random(7)
        self._subjects = [self._direction() for _ in range(SUBJECTS)]

    def next(self) -> list[float]:
        subject, own = self._draw.choice(self._subjects), self._direction()
        together = [a + 1.3 * b for a, b in zip(subject, own, strict=True)]
        length = sum(part * part for part in together) ** 0.5
        return [part / length for part in together]

    def _direction(self) -> list[float]:
        drawn = [self._draw.gauss(0, 1) for _ in range(DIMENSIONS)]
        length = sum(part * part for part in drawn) ** 0.5
        return [part / length for part in drawn]


async def filled(db: Database, passages: int, meanings: Meanings) -> uuid.UUID:
    """An account with so many passages and their vectors."""
    account, conversation = await add_account(db), uuid.uuid4()
    async with db.session(account) as session:
        owned = {"user_id": account, "provider": "chatgpt", "provider_id": "a", "message_count": 1}
        await session.execute(insert(Conversation).values(id=conversation, content_hash=b"", **owned))
        message = await session.scalar(
            insert(Message)
            .values(
                user_id=account,
                conversation_id=conversation,
                provider_id="m",
                position=0,
                role="user",
                text="",
                on_branch=True,
                modality="text",
            )
            .returning(Message.id)
        )
        values = {"account": account, "conversation": conversation, "message": message, "most": passages}
        await session.execute(PASSAGES, values)
    for done in range(0, passages, 5_000):
        written = [*_written(meanings, min(5_000, passages - done))]
        async with db.session(account) as session:
            await session.execute(VECTORS, {"account": account, "model": MODEL, "vectors": written, "done": done})
    await db.run_alone("vacuum (analyze) passages", "vacuum (analyze) passage_vectors")
    return account


def _written(meanings: Meanings, most: int) -> Iterator[str]:
    for _ in range(most):
        yield "[" + ",".join(f"{part:.4g}" for part in meanings.next()) + "]"


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, nargs="+", default=[1_000, 20_000, 200_000])
    sizes = parser.parse_args().passages
    meanings = Meanings()
    asked = [meanings.next() for _ in range(QUESTIONS)]
    print(f"{'passages':>10} {'p50 ms':>8} {'p95 ms':>8} {'µs/passage':>11} {'spread ms':>10} {'exact ms':>9}")
    with homes.home() as home:
        async with database.opened(Settings.model_validate({"home": home})) as db:
            for passages in sizes:
                await _measured(db, await filled(db, passages, meanings), passages, asked)


async def _measured(db: Database, account: uuid.UUID, passages: int, asked: list[list[float]]) -> None:
    near, spread, exact = [], [], []
    for vector in asked:
        written = {"model": MODEL, "vector": store.written(vector), "most": NEAREST}
        async with db.session(account) as session:
            near.append(await _timed(embedding.nearest(session, MODEL, vector, NEAREST)))
            spread.append(await _timed(embedding.spread(session, MODEL, vector)))
            exact.append(await _timed(session.execute(EXACT, written)))
    half, most = median(near) * 1e3, quantiles(near, n=20)[-1] * 1e3
    print(
        f"{passages:10,} {half:8.1f} {most:8.1f} {half * 1e3 / passages:11.2f} {median(spread) * 1e3:10.1f} "
        f"{median(exact) * 1e3:9.1f}",
        flush=True,
    )


async def _timed(work: Awaitable[object]) -> float:
    began = time.perf_counter()
    await work
    return time.perf_counter() - began


if __name__ == "__main__":
    asyncio.run(main())

"""How merging by code grows with the number of findings: time, memory, facts, and the duplicates that were planted.

python -m bench.consolidation --findings 1000 10000 100000
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import text

from bench import homes
from bench.importing import Figure, measured
from soulprint import database, facts
from soulprint.database import Database
from soulprint.settings import Settings
from tests.rows import add_account

REPEATED = 0.3
"""The share of findings that say again what another one said: half of these in the same words, half with one word more
or another spelling."""

BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
VERBS = ("Likes", "Builds", "Plans", "Learns", "Owns", "Uses", "Avoids", "Collects", "Repairs", "Teaches", "Wants")
MORE = ("Really", "Currently", "Still", "Now", "Also")

WRITE = """
with said as (
    select * from unnest(
        cast(:statements as text[]), cast(:abouts as text[]), cast(:times as timestamptz[]), cast(:ids as uuid[])
    ) as said(statement, about, said_at, id)
), talks as (
    insert into conversations
        (id, user_id, provider, provider_id, title, started_at, updated_at, message_count, content_hash)
    select id, :account, 'chatgpt', id::text, about, said_at, said_at, 1, decode(md5(id::text), 'hex') from said
), written as (
    insert into messages (user_id, conversation_id, provider_id, position, role, text, sent_at, on_branch, modality)
    select :account, id, 'm', 0, 'user', 'I think: ' || statement, said_at, true, 'text' from said
    returning id, conversation_id, text, sent_at
)
insert into fact_sources
    (user_id, message_id, conversation_id, span_start, span_end, quote, category, about, statement, said_at, engine,
    key)
select :account, written.id, said.id, 0, length(text), text, 'decisions', about, statement, said_at, 'bench',
    decode(md5(said.id::text), 'hex')
from written join said on said.id = written.conversation_id
"""


@dataclass
class Row:
    findings: int
    facts: int
    planted: int
    merged: int
    groups: int
    merging: Figure
    settling: Figure
    again: Figure


def said(count: int, seed: int = 1) -> tuple[list[tuple[str, str]], int]:
    """Statements with their subjects, and how many of them are planted repetitions. The vocabulary grows with the
    history as vocabularies do, by its square root."""
    drawn = random.Random(seed)
    words = ["".join(drawn.choices("bcdfglmnprst aeiou".replace(" ", ""), k=drawn.randint(4, 9))) for _ in range(9_000)]
    used = words[: max(300, round(28 * count**0.5))]
    weights = [1 / (place + 5) for place in range(len(used))]
    firsts: list[tuple[str, str]] = []
    repeated: list[tuple[str, str]] = []
    while len(firsts) + len(repeated) < count:
        if firsts and drawn.random() < REPEATED:
            statement, about = drawn.choice(firsts)
            again = f"{drawn.choice(MORE)} {statement.lower()}" if drawn.random() < 0.5 else f"{statement}."
            repeated.append((again, about))
        else:
            telling = " ".join(drawn.choices(used, weights, k=drawn.randint(2, 6)))
            firsts.append((f"{drawn.choice(VERBS)} {telling}", drawn.choices(used, weights)[0]))
    mixed = firsts + repeated
    drawn.shuffle(mixed)
    return mixed, len(repeated)


async def write(db: Database, account: uuid.UUID, findings: list[tuple[str, str]]) -> None:
    drawn = random.Random(2)
    for start in range(0, len(findings), 5_000):
        some = findings[start : start + 5_000]
        values = {
            "account": account,
            "statements": [statement for statement, _ in some],
            "abouts": [about for _, about in some],
            "times": [BEGAN + timedelta(minutes=drawn.randrange(2_000_000)) for _ in some],
            "ids": [uuid.UUID(int=drawn.getrandbits(128)) for _ in some],
        }
        async with db.session(account) as session:
            await session.execute(text(WRITE), values)


def measure(count: int) -> Row:
    with homes.home() as home:
        return asyncio.run(_measure(count, Settings.model_validate({"home": home})))


async def _measure(count: int, settings: Settings) -> Row:
    findings, planted = said(count)
    async with database.opened(settings) as db:
        account = await add_account(db)
        await write(db, account, findings)
        del findings
        with measured() as merging:
            done = await facts.consolidate(db, account)
        with measured() as settling:
            await facts.settle(db, account)
        await write(db, account, [("Lives in Lyon", "home")])
        with measured() as again:
            await facts.consolidate(db, account)
    groups = sum(map(len, done.conflicts))
    return Row(count, done.facts, planted, done.merged, groups, merging, settling, again)


def rows(counts: list[int]) -> Iterator[Row]:
    """Each in a process of its own, so that none finds the memory of another."""
    for count in counts:
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            yield pool.apply(measure, (count,))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--findings", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    print("| findings | facts | repetitions planted | merged | groups to decide | s | µs each ", end="")
    print("| of it this process, s | memory MB | settling s | one finding more, s |\n|" + "---|" * 11)
    for row in rows(parser.parse_args().findings):
        each = row.merging.seconds / row.findings * 1e6
        print(
            f"| {row.findings:,} | {row.facts:,} | {row.planted:,} | {row.merged:,} | {row.groups:,} "
            f"| {row.merging.seconds:.2f} | {each:.0f} | {row.merging.processor:.2f} | {row.merging.memory:.0f} "
            f"| {row.settling.seconds:.2f} | {row.again.seconds:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

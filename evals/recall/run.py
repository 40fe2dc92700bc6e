"""How much of what a question needs is in the passages that recall returns: LoCoMo's evidence within so many words.

python -m evals.recall.run locomo.json [--embedder]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

from sqlalchemy import insert

from bench import homes
from soulprint import database, embedding, importing, indexing, recall
from soulprint.database import Database
from soulprint.records import Account
from soulprint.records.recalled import Recalled
from soulprint.settings import Settings

BUDGETS = (500, 1000, 2000)
CATEGORIES = {1: "multi-hop", 2: "temporal", 3: "open-domain", 4: "single-hop"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the ids of the turns that hold its answer."""

    category: int
    question: str
    evidence: frozenset[str]


def export(sample: dict[str, Any]) -> list[dict[str, Any]]:
    """The talk as ChatGPT exports it: a session is a conversation, speaker A the person, speaker B the assistant."""
    talk = sample["conversation"]
    numbers = sorted(int(match[1]) for key in talk if (match := re.fullmatch(r"session_(\d+)", key)))
    return [_conversation(talk, number, str(sample.get("sample_id", ""))) for number in numbers]


def _conversation(talk: dict[str, Any], number: int, name: str) -> dict[str, Any]:
    began = datetime.strptime(talk[f"session_{number}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
    nodes: dict[str, Any] = {"root": {"id": "root", "parent": None, "children": [], "message": None}}
    last = "root"
    for place, turn in enumerate(talk[f"session_{number}"]):
        photo = f" [photo: {turn['blip_caption']}]" if turn.get("blip_caption") else ""
        message = {
            "id": turn["dia_id"],
            "author": {"role": "user" if turn["speaker"] == talk["speaker_a"] else "assistant"},
            "create_time": (began + timedelta(seconds=30 * place)).timestamp(),
            "content": {"content_type": "text", "parts": [turn["text"] + photo]},
        }
        nodes[last]["children"].append(turn["dia_id"])
        nodes[turn["dia_id"]] = {"id": turn["dia_id"], "parent": last, "children": [], "message": message}
        last = turn["dia_id"]
    return {
        "id": f"{name} {number}",
        "title": "New chat",
        "create_time": began.timestamp(),
        "update_time": began.timestamp(),
        "mapping": nodes,
        "current_node": last,
    }


def questions(sample: dict[str, Any]) -> Iterator[Asked]:
    """All but the adversarial ones, whose answer stands nowhere."""
    turns = {turn["dia_id"] for key, talk in sample["conversation"].items() if isinstance(talk, list) for turn in talk}
    for each in sample["qa"]:
        evidence = {found for named in each["evidence"] for found in re.findall(r"D\d+:\d+", named)} & turns
        if each["category"] in CATEGORIES and evidence:
            yield Asked(each["category"], each["question"], frozenset(evidence))


def within(best: Sequence[Recalled], evidence: frozenset[str], words: int) -> float:
    """The share of the evidence in what is returned, read in its order until `words` words are used up."""
    met: set[str] = set()
    for each in best:
        words -= len(each.text.split())
        if words < 0:
            break
        met |= {turn.provider_id for turn in each.said}
    return len(evidence & met) / len(evidence)


async def measured(db: Database, settings: Settings, samples: Sequence[dict[str, Any]], most: int) -> None:
    rows: list[tuple[int, *tuple[float, ...]]] = []
    seconds: list[float] = []
    for sample in samples:
        account = await _imported(db, settings, sample)
        for asked in questions(sample):
            began = time.perf_counter()
            found = await recall.recall(db, account, settings, asked.question, most=most, kinds=("passage",))
            seconds.append(time.perf_counter() - began)
            rows.append((asked.category, *(within(found.best, asked.evidence, words) for words in BUDGETS)))
    print(f"{len(rows)} questions; evidence in the first words of the passages")
    print(f"{'':14}" + "".join(f"{words:>8,}" for words in BUDGETS))
    for category, name in [(None, "all"), *CATEGORIES.items()]:
        some = [row[1:] for row in rows if category in (None, row[0])]
        print(f"{name:14}" + "".join(f"{mean(column):8.3f}" for column in zip(*some, strict=True)))
    print(f"{median(seconds) * 1000:.0f} ms a question, 95 % within {quantiles(seconds, n=20)[-1] * 1000:.0f} ms")


async def _imported(db: Database, settings: Settings, sample: dict[str, Any]) -> uuid.UUID:
    account = uuid.uuid4()
    async with db.session() as session:
        await session.execute(insert(Account).values(id=account))
    path = settings.home / f"{account}.json"
    path.write_text(json.dumps(export(sample)))
    async with importing.begun(db, account, path.name) as import_id:
        await importing.run(db, account, import_id, [path], settings)
    await indexing.index_all(db, account)
    await embedding.drain(db, account, settings)
    return account


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("locomo", type=Path, help="a file of LoCoMo's samples")
    parser.add_argument("--embedder", default="off", help="auto, local or provider:name: search by meaning too")
    parser.add_argument("--most", type=int, default=60)
    chosen = parser.parse_args()
    with homes.home() as home:
        settings = Settings().model_copy(update={"home": home, "model_embed": chosen.embedder})
        async with database.opened(settings) as db:
            await measured(db, settings, json.loads(chosen.locomo.read_text()), chosen.most)


if __name__ == "__main__":
    asyncio.run(main())

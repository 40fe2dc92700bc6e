"""Writes ChatGPT exports of any size, the same for the same seed, in the way the real writer does: one line, escaped
ASCII, not quite half of it text and the rest what stands around it.

    python -m bench.exports export.zip --mb 50
    python -m bench.exports export.zip --conversations 5000
"""

from __future__ import annotations

import argparse
import json
import math
import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, count, takewhile
from pathlib import Path
from typing import IO, Any

WORDS = "an be co da el fi go ha in jo ka lo mi ne or pa qui re sa ti un ve wa xi yo zu ster ing tion ment"
SYLLABLES = WORDS.split()
CYRILLIC = str.maketrans("abcdefghijklmnopqrstuvwxyz", "абцдефгхийклмнопкрстуввхыз")
CYRILLIC_SHARE = 0.06
STARTED = 1_672_531_200.0
"""1 January 2023."""
APART, SPAN = 9_000, 110_000_000
"""Seconds from one conversation to the next, and from the first to the last: none is in the future."""


@dataclass
class Writer:
    """Makes conversations from a vocabulary of its own, whose words are as unevenly common as those of a language."""

    seed: int = 0
    turns: float = 9.0
    """Of the person in the median conversation. Long histories of one person have about 9, all people's about 2.3."""

    @cached_property
    def random(self) -> random.Random:
        return random.Random(self.seed)

    @cached_property
    def sentences(self) -> list[str]:
        draw = self.random
        words = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 4))) for _ in range(20_000)]
        weights = [*accumulate(1 / rank for rank in range(1, len(words) + 1))]
        return [self._sentence(draw.choices(words, cum_weights=weights, k=draw.randint(4, 22))) for _ in range(20_000)]

    def _sentence(self, words: list[str]) -> str:
        ending = self.random.choice((".", ".", ".", "?", "!", ":\n", ' "quoted".', f" {self.random.randint(1, 9999)}."))
        return " ".join(words).capitalize() + ending

    def text(self, sentences: int) -> str:
        return " ".join(self.random.choices(self.sentences, k=max(1, sentences)))

    def conversations(self) -> Iterator[dict[str, Any]]:
        """Without end."""
        return (self.conversation(number) for number in count())

    def conversation(self, number: int) -> dict[str, Any]:
        draw = self.random
        turns = min(120, max(1, int(draw.lognormvariate(math.log(self.turns), 0.9))))
        began = STARTED + number * APART % SPAN
        time = began + draw.random() * 5_000
        foreign = draw.random() < CYRILLIC_SHARE
        mapping: dict[str, Any] = {}
        root = self._identity()
        mapping[root] = {"id": root, "message": None, "parent": None, "children": []}
        last = self._add(mapping, root, "system", "", time, hidden=True)
        for _ in range(turns):
            time += draw.random() * 200
            last = self._add(mapping, last, "user", self._words(draw.choice((1, 1, 1, 2, 3, 12)), foreign), time)
            if draw.random() < 0.03:
                self._add(mapping, last, "assistant", self._words(8, foreign), time + 1)
            answer = self._words(int(draw.lognormvariate(2.3, 0.7)), foreign)
            last = self._add(mapping, last, "assistant", answer, time + 2 + draw.random() * 20)
        return {
            "title": self.text(1)[:40],
            "create_time": began,
            "update_time": time,
            "mapping": mapping,
            "moderation_results": [],
            "current_node": last,
            "plugin_ids": None,
            "conversation_id": (identity := self._identity()),
            "conversation_template_id": None,
            "gizmo_id": None,
            "is_archived": False,
            "safe_urls": [],
            "default_model_slug": "gpt-4o",
            "is_do_not_remember": None,
            "id": identity,
        }

    def _words(self, sentences: int, foreign: bool) -> str:
        text = self.text(sentences)
        return text.translate(CYRILLIC) if foreign else text

    def _identity(self) -> str:
        digits = f"{self.random.getrandbits(128):032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _add(
        self, mapping: dict[str, Any], parent: str, role: str, text: str, time: float, hidden: bool = False
    ) -> str:
        node = self._identity()
        mapping[parent]["children"].append(node)
        message = {
            "id": node,
            "author": {"role": role, "name": None, "metadata": {}},
            "create_time": round(time, 6),
            "update_time": None,
            "content": {"content_type": "text", "parts": [text]},
            "status": "finished_successfully",
            "end_turn": role == "assistant" or None,
            "weight": 0.0 if hidden else 1.0,
            "metadata": self._hidden() if hidden else self._metadata(parent),
            "recipient": "all",
            "channel": None,
        }
        mapping[node] = {"id": node, "message": message, "parent": parent, "children": []}
        return node

    def _hidden(self) -> dict[str, Any]:
        return {"is_visually_hidden_from_conversation": True}

    def _metadata(self, parent: str) -> dict[str, Any]:
        return {
            "citations": [],
            "content_references": [],
            "message_type": None,
            "model_slug": "gpt-4o",
            "default_model_slug": "gpt-4o",
            "parent_id": parent,
            "request_id": self._identity(),
            "timestamp_": "absolute",
            "turn_exchange_id": self._identity(),
            "finish_details": {"type": "stop", "stop_tokens": [200002]},
            "is_complete": True,
        }


def write_json(
    file: IO[bytes],
    *,
    megabytes: float | None = None,
    conversations: int | None = None,
    seed: int = 0,
    turns: float = Writer.turns,
) -> int:
    """Write an array of conversations, up to so many bytes or so many conversations; gives the number of bytes."""
    limit = megabytes * 1e6 if megabytes else float("inf")
    written = file.write(b"[")
    numbered = enumerate(Writer(seed, turns).conversations())
    for number, conversation in takewhile(lambda each: conversations is None or each[0] < conversations, numbered):
        written += file.write((", " if number else "").encode() + json.dumps(conversation).encode())
        if written >= limit:
            break
    return written + file.write(b"]")


def write(
    path: Path,
    *,
    megabytes: float | None = None,
    conversations: int | None = None,
    seed: int = 0,
    turns: float = Writer.turns,
) -> int:
    """Write the export as its zip; gives the size of its conversations.json in bytes."""
    with _zip(path) as archive, archive.open("conversations.json", "w", force_zip64=True) as file:
        return write_json(file, megabytes=megabytes, conversations=conversations, seed=seed, turns=turns)


def write_shards(path: Path, *, megabytes: float, shards: int) -> int:
    """Write an export of several files, as large ones come, each from a seed of its own; gives their size in bytes."""
    size = 0
    with _zip(path) as archive:
        for number in range(shards):
            with archive.open(f"conversations-{number:03}.json", "w", force_zip64=True) as file:
                size += write_json(file, megabytes=megabytes / shards, seed=number)
    return size


def _zip(path: Path) -> zipfile.ZipFile:
    return zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    parser.add_argument("--mb", type=float)
    parser.add_argument("--conversations", type=int)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    size = write(given.path, megabytes=given.mb, conversations=given.conversations, seed=given.seed)
    print(f"{given.path}: {size / 1e6:,.1f} MB of JSON in {given.path.stat().st_size / 1e6:,.1f} MB")


if __name__ == "__main__":
    main()

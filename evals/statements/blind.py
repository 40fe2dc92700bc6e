"""Measure what is found and shown on whole messages, which were written before the rules had been read.

`python -m evals.statements.blind --split tune` also lists what is wrong and what is missed; the other split is for
figures alone.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from soulprint.llm import minilm
from soulprint.measuring import statements

MESSAGES = Path(__file__).parent / "messages.jsonl"

OVERLAP = 0.6
"""A statement is right when it shares this much of itself, or of what was marked, with what was marked."""

TOPS = (25, 50, 100)


@dataclass(frozen=True, slots=True)
class Marked:
    """A stretch of a message that states something durable about its writer."""

    message: int
    start: int
    end: int
    text: str
    category: str


@dataclass(frozen=True, slots=True)
class Row:
    """A whole message, its place in the history, and what is marked in it."""

    number: int
    language: str
    kind: str
    text: str
    marked: tuple[Marked, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was shown, the surest first, and for each what marked stretches it meets."""

    shown: Sequence[statements.Candidate | statements.Statement]
    met: list[list[Marked]]

    @property
    def right(self) -> list[bool]:
        return [bool(marked) for marked in self.met]

    @property
    def recalled(self) -> set[Marked]:
        return {mark for marked in self.met for mark in marked}


def read(split: str) -> list[Row]:
    found = (json.loads(line) for line in MESSAGES.read_text(encoding="utf-8").splitlines())
    return [
        Row(
            number,
            row["language"],
            row["kind"],
            row["text"],
            _marked(number, row["text"], row["gold"], row["category"]),
        )
        for number, row in enumerate(row for row in found if row["split"] == split)
    ]


def _marked(number: int, text: str, gold: list[str], categories: list[str]) -> tuple[Marked, ...]:
    starts = [text.index(part) for part in gold]
    return tuple(
        Marked(number, start, start + len(part), part, category)
        for start, part, category in zip(starts, gold, categories, strict=True)
    )


def judged(rows: Sequence[Row], shown: Sequence[statements.Candidate | statements.Statement]) -> Outcome:
    return Outcome(
        shown, [[mark for mark in rows[one.message].marked if meets(one.start, one.end, mark)] for one in shown]
    )


def meets(start: int, end: int, mark: Marked) -> bool:
    shared = min(end, mark.end) - max(start, mark.start)
    return shared >= OVERLAP * min(end - start, mark.end - mark.start)


# Reporting


def line(name: str, rows: Sequence[Row], outcome: Outcome) -> str:
    total = sum(len(row.marked) for row in rows)
    right = outcome.right
    category = [
        one.category in {m.category for m in met} for one, met in zip(outcome.shown, outcome.met, strict=True) if met
    ]
    tops = [_mean(right[:top]) if len(right) >= top else "" for top in TOPS]
    cells = [len(right), _mean(right), f"{len(outcome.recalled) / total:.2f}", *tops, _mean(category)]
    return f"| {name} | " + " | ".join(str(cell) for cell in cells) + " |"


def _mean(values: Sequence[bool]) -> str:
    return f"{sum(values) / len(values):.2f}" if values else ""


def by_groups(rows: Sequence[Row], outcome: Outcome) -> None:
    for title in ("kind", "language"):
        print(f"\n| {title} | messages | marked | recalled | shown | rightly |\n|" + "---|" * 6)
        names = [getattr(row, title) for row in rows]
        marked = Counter(names[mark.message] for row in rows for mark in row.marked)
        recalled = Counter(names[mark.message] for mark in outcome.recalled)
        shown = Counter(names[one.message] for one in outcome.shown)
        rightly = Counter(names[one.message] for one, ok in zip(outcome.shown, outcome.right, strict=True) if ok)
        for name, messages in sorted(Counter(names).items()):
            print(f"| {name} | {messages} | {marked[name]} | {recalled[name]} | {shown[name]} | {rightly[name]} |")


def errors(rows: Sequence[Row], found: Outcome, outcome: Outcome) -> None:
    print("\nWrongly shown")
    for one, ok in zip(outcome.shown, outcome.right, strict=True):
        if not ok:
            print(f"  {rows[one.message].kind:14} {one.category:12} {one.text!r}")
    print("\nOf another category")
    for one, met in zip(outcome.shown, outcome.met, strict=True):
        if met and one.category not in {mark.category for mark in met}:
            print(f"  {one.category:12} not {met[0].category:12} {one.text!r}")
    for title, missed in (
        ("Found, not shown", found.recalled - outcome.recalled),
        ("Not found", {mark for row in rows for mark in row.marked} - found.recalled),
    ):
        print(f"\n{title}")
        for mark in sorted(missed, key=lambda mark: (mark.message, mark.start)):
            print(f"  {rows[mark.message].kind:14} {mark.category:12} {mark.text!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("tune", "blind"), required=True)
    split = parser.parse_args().split
    rows, embedder = read(split), minilm.Embedder.load()
    began = time.perf_counter()
    found = [candidate for row in rows for candidate in statements.candidates(row.number, row.text)]
    seconds = time.perf_counter() - began
    size = sum(len(row.text) for row in rows) / 1e6
    print(f"{len(rows)} messages, {sum(len(row.marked) for row in rows)} marked; {size / seconds:.1f} MB/s")
    print("\n| judge | shown | precision | recall | top 25 | top 50 | top 100 | category |\n|" + "---|" * 8)
    every = judged(rows, found)
    print(line("rules alone", rows, every))
    alone, embedded = (judged(rows, statements.rank(found, judge)) for judge in (None, embedder))
    print(line("rules", rows, alone))
    print(line("embedded", rows, embedded))
    by_groups(rows, embedded)
    if split == "tune":
        errors(rows, every, embedded)


if __name__ == "__main__":
    main()

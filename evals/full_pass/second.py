"""A second invented person, Jonas, as a ChatGPT export with what is true of him: `jonas/20*.txt` in the markup of
`examples/`, with marks in the text where a fact, a trap, a secret or an attack stands.

`{{fact|quote}}`, `{{!why|trap}}`, `{{$kind|secret}}` and `{{@where|attack}}`. `jonas/facts.txt` lists the facts: id,
category, what it is about, statement, and the id of what replaced it.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from examples import make_export

JONAS = Path(__file__).parent / "jonas"

MARK = re.compile(r"\{\{([!$@]?)([^|{}]*)\|([^{}]*)\}\}")


def export(path: Path) -> None:
    """Writes the export, without marks, to the zip file `path`."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(JONAS / "instructions.md", folder)
        for source in JONAS.glob("20*.txt"):
            Path(folder, source.name).write_text(MARK.sub(r"\3", source.read_text("utf-8")), "utf-8")
        make_export.write_zip(path, make_export.export_members(Path(folder)))


def truth() -> dict[str, Any]:
    """What is true of him and what is not, in the form of `examples/ines/truth.json`."""
    marks = list(_marks())
    facts = [_fact(line, marks) for line in (JONAS / "facts.txt").read_text("utf-8").splitlines()]
    return {
        "person": "Jonas Brandhuber",
        "facts": facts,
        "traps": [{"text": text, "why": why, "conversation": title} for kind, why, text, title in marks if kind == "!"],
        "secrets": [
            {"text": text, "kind": of, "conversation": title} for kind, of, text, title in marks if kind == "$"
        ],
        "attacks": [
            {"text": text, "where": at, "conversation": title} for kind, at, text, title in marks if kind == "@"
        ],
    }


def _marks() -> Iterator[tuple[str, str, str, str]]:
    """Kind, name, text and conversation of every mark."""
    for conversation in make_export.read_conversations(JONAS):
        for turn in conversation.turns:
            for mark in MARK.finditer(turn.text):
                kind, name, text = mark.groups()
                yield kind, name, text, conversation.title or ""


def _fact(line: str, marks: list[tuple[str, str, str, str]]) -> dict[str, Any]:
    id_, category, about, statement, superseded_by = (part.strip() for part in line.split("|"))
    quotes = [{"conversation": title, "quote": text} for kind, name, text, title in marks if (kind, name) == ("", id_)]
    return {
        "id": id_,
        "category": category,
        "about": about,
        "statement": statement,
        "conversations": list(dict.fromkeys(quote["conversation"] for quote in quotes)),
        "quotes": quotes,
        "superseded_by": superseded_by or None,
    }

"""What the local engine makes of the bundled example, held against what is true of its person and what is not."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from soulprint import pipeline, sections
from soulprint.database import Database
from soulprint.settings import Settings

pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).parents[2] / "examples"
TRUTH: dict[str, Any] = json.loads((EXAMPLES / "ines" / "truth.json").read_text())
FACTS = 50
"""Of the 81 facts at least so many are quoted: fewer would not be worth reading."""


@pytest.fixture
async def lines(database: Database, account: uuid.UUID, settings: Settings) -> list[str]:
    path = EXAMPLES / "ines-chatgpt-export.zip"
    await pipeline.import_export(database, account, settings, [path], names=path.name)
    async with database.session(account) as session:
        version = await sections.current(session)
    assert version is not None
    fields = [lines for _, section in version.sections.each() for _, _, lines in section.fields()]
    found = [line for lines in [*fields, *(part.lines for part in version.memory)] for line in lines]
    return [sections.flat(line.text) for line in found]


def overlap(one: str, other: str) -> bool:
    return one in other or other in one


async def test_nothing_false_secret_or_planted_is_quoted_and_half_of_the_truth_is(lines: list[str]) -> None:
    traps = [sections.flat(trap["text"]) for trap in TRUTH["traps"]]
    assert [line for line in lines if len(line) > 20 and any(overlap(line, trap) for trap in traps)] == []
    text = "\n".join(lines)
    assert [secret["text"] for secret in TRUTH["secrets"] if secret["text"] in text] == []
    attacks = [sections.flat(attack["text"]) for attack in TRUTH["attacks"]]
    assert [line for line in lines if len(line) > 20 and any(overlap(line, attack) for attack in attacks)] == []
    quoted = [fact for fact in TRUTH["facts"] if any(is_quoted(said["quote"], lines) for said in fact["quotes"])]
    assert len(quoted) >= FACTS


def is_quoted(quote: str, lines: list[str]) -> bool:
    return any(overlap(line, sections.flat(quote)) for line in lines if len(line) > 20)

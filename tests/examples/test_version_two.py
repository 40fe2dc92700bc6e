"""What the full pass makes of the bundled example without a language model, held against what is true of its person and
what is not, and against the first profile."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from soulprint import facts, importing, memory, quick_pass, reading, sections
from soulprint.database import Database
from soulprint.facts import FactView
from soulprint.records import FactStatus, VersionKind
from soulprint.records.sections import Draft, Line, Quote
from soulprint.settings import Settings
from tests.rows import add_run

pytestmark = pytest.mark.anyio

EXAMPLES = Path(__file__).parents[2] / "examples"
TRUTH: dict[str, Any] = json.loads((EXAMPLES / "ines" / "truth.json").read_text())

FACTS = 68
"""Of the 81 facts so many have a quote in the table of facts, of the 72 that were reached."""

PROFILE = 62
"""Of the 81 facts so many are quoted in the sections and MEMORY together; 68 were reached."""

GAINED = 8
"""So many more than the first profile quotes."""


@dataclass
class Made:
    """Both profiles, and the facts behind the second."""

    first: Draft
    second: Draft
    facts: list[FactView]

    @property
    def held(self) -> list[FactView]:
        return [fact for fact in self.facts if fact.status == FactStatus.ACTIVE]


@pytest.fixture
async def made(database: Database, account: uuid.UUID, settings: Settings) -> Made:
    """Both passes over the example, one function of a room after another."""
    path = EXAMPLES / "ines-chatgpt-export.zip"
    async with importing.begun(database, account, path.name) as number:
        await importing.run(database, account, number, [path], settings)
    first = await quick_pass.draft(database, account, settings)
    async with database.session(account) as session:
        await sections.publish(session, account, first, VersionKind.QUICK)
        run = await add_run(session, account, model="local")
    plan = await facts.plan(database, account, settings)
    for window in plan.windows:
        await facts.extract(database, account, settings, run, window)
    await facts.pass_over(database, account, settings, run, plan.trivial)
    for batch in (await facts.consolidate(database, account)).conflicts:
        await facts.decide(database, account, settings, run, batch)
    await facts.settle(database, account)
    written = await memory.write(database, account, settings, run)
    second = await sections.draft(database, account, settings, run, written.memory)
    async with database.session(account) as session:
        await sections.publish(session, account, second, VersionKind.FULL)
        found = await facts.listed(session)
    return Made(first, second, found)


def lines_of(draft: Draft) -> Iterator[Line]:
    for _, section in draft.sections.each():
        for _, _, lines in section.fields():
            yield from lines
    for part in draft.memory:
        yield from part.lines


def overlap(one: str, other: str) -> bool:
    return one in other or other in one


def quoted(texts: Iterable[str]) -> set[str]:
    """The true facts of which one of these texts has a quote."""
    said = [sections.flat(text) for text in texts if len(text) > 12]
    return {
        fact["id"]
        for fact in TRUTH["facts"]
        if any(overlap(text, sections.flat(quote["quote"])) for quote in fact["quotes"] for text in said)
    }


def quotes(found: Iterable[FactView]) -> list[str]:
    return [source.text for fact in found for source in fact.sources]


async def test_version_two_of_the_example(made: Made, database: Database, account: uuid.UUID) -> None:
    """One test, as making both profiles takes some seconds."""
    nothing_false_is_in_it(made)
    every_fact_is_proved(made, await texts_of(database, account))
    most_of_the_truth_is_in_it(made)
    what_was_replaced_is_so(made)
    nothing_is_said_twice(made)


def nothing_false_is_in_it(made: Made) -> None:
    shown = [sections.flat(line.text) for line in lines_of(made.second)]
    shown += [sections.flat(text) for text in (*quotes(made.facts), *(fact.statement for fact in made.facts))]
    for kind in ("traps", "attacks"):
        false = [sections.flat(one["text"]) for one in TRUTH[kind]]
        assert [text for text in shown if len(text) > 20 and any(overlap(text, other) for other in false)] == []
    text = "\n".join(shown)
    assert [secret["text"] for secret in TRUTH["secrets"] if secret["text"] in text] == []


async def texts_of(database: Database, account: uuid.UUID) -> dict[int, str]:
    return {message.message_id: message.text async for batch in reading.said(database, account) for message in batch}


def every_fact_is_proved(made: Made, texts: dict[int, str]) -> None:
    sources = [source for fact in made.facts for source in fact.sources]
    assert all(texts[source.message_id][source.start : source.end] == source.text for source in sources)
    known = {fact.id for fact in made.facts}
    cited = [line for part in made.second.memory for line in part.lines]
    assert all(isinstance(one, Quote) and one.fact_id in known for line in cited for one in line.sources)
    assert all(line.sources for line in cited)


def most_of_the_truth_is_in_it(made: Made) -> None:
    assert len(quoted(quotes(made.facts))) >= FACTS
    first, second = (quoted(line.text for line in lines_of(draft)) for draft in (made.first, made.second))
    assert len(second) >= PROFILE
    assert len(second) >= len(first) + GAINED


def what_was_replaced_is_so(made: Made) -> None:
    homes = [fact.statement for fact in made.held if fact.about == "home"]
    assert any("Lyon" in home for home in homes)
    assert not any("from Leeds" in home or "in Leeds" in home for home in homes)
    replaced = [fact for fact in made.facts if fact.status == FactStatus.SUPERSEDED]
    assert {fact.about for fact in replaced} >= {"home", "employer", "job", "diet", "language level"}
    assert all(fact.superseded_by for fact in replaced)
    location = [line.text for line in made.second.sections.user.location]
    assert "Lyon" in location[0]
    occupation = [line.text for line in made.second.sections.user.occupation]
    assert any("Brouette" in line or "data engineer" in line for line in occupation[:2])


def nothing_is_said_twice(made: Made) -> None:
    remembered = [sections.flat(line.text) for part in made.second.memory for line in part.lines]
    assert len(remembered) == len(set(remembered))
    assert not any(one != other and one in other for one in remembered for other in remembered)

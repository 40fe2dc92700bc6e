from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from soulprint.facts import FactView
from soulprint.llm import tokens
from soulprint.memory import local
from soulprint.records.sections import MemoryPart, Quote
from soulprint.settings import Settings
from tests.rows import NOON, make_fact


def said(number: int, text: str, **values: Any) -> FactView:
    """A fact in the person's own words."""
    return make_fact(number, text, text, **values)


def lines_in(parts: list[MemoryPart]) -> dict[str, list[str]]:
    return {part.title: [line.text for line in part.lines] for part in parts}


def test_facts_stand_under_their_heading_the_newest_first() -> None:
    older, newer = NOON, NOON + timedelta(days=90)
    facts = [
        said(1, "I prefer trains to planes", category="preferences", said_last=older),
        said(2, "I can't stand coriander in anything", category="preferences", said_last=newer),
        said(3, "I'm restoring a 1962 Lambretta", category="projects"),
        said(4, "We're getting married on 3 May", category="dates"),
        said(5, "I believe rivers should be public", category="beliefs"),
        said(6, "I live in Ghent with two dogs"),
    ]
    assert lines_in(local.write(facts, Settings())) == {
        "Preferences": ["I can't stand coriander in anything", "I prefer trains to planes"],
        "Projects": ["I'm restoring a 1962 Lambretta"],
        "Important Dates": ["We're getting married on 3 May"],
        "Beliefs & Values": ["I believe rivers should be public"],
        "Decisions & Context": ["I live in Ghent with two dogs"],
    }


def test_without_facts_the_parts_are_empty() -> None:
    assert [part.lines for part in local.write([], Settings())] == [[]] * 5


def test_custom_categories_come_last() -> None:
    settings = Settings(categories={"health": "how they are"})
    parts = local.write([said(1, "I sleep badly before exams", category="health")], settings)
    assert [part.title for part in parts][5:] == ["Health"]
    assert [line.text for line in parts[-1].lines] == ["I sleep badly before exams"]


def test_every_line_rests_on_its_fact() -> None:
    (line,) = local.write([said(7, "I live in Ghent with two dogs")], Settings())[-1].lines
    (source,) = line.sources
    assert isinstance(source, Quote)
    assert (source.fact_id, source.text) == (7, line.text)


def test_what_nobody_can_read_alone_is_left_out() -> None:
    facts = [
        said(1, "Théo proposed."),
        said(2, "his name is Brunel by the way"),
        said(3, "it's better than the other one"),
        said(4, "I gave her the keys"),
        said(5, "I'm engaged!"),
        said(6, "my brother Karim gave it to the museum in Oslo"),
    ]
    found = lines_in(local.write(facts, Settings()))["Decisions & Context"]
    assert sorted(found) == ["I'm engaged!", "my brother Karim gave it to the museum in Oslo"]


def test_the_same_is_said_once_in_all_of_it() -> None:
    facts = [
        said(1, "I prefer polars to pandas", category="preferences", confidence=0.9),
        said(2, "I prefer polars to pandas these days", category="preferences"),
        said(3, "I really prefer polars to pandas", category="decisions"),
    ]
    found = lines_in(local.write(facts, Settings()))
    assert [line for lines in found.values() for line in lines] == ["I prefer polars to pandas"]


def test_what_the_person_confirmed_comes_before_all_else() -> None:
    facts = [said(n, f"I own a boat called Number{n} in town {n}") for n in range(1, 300)]
    facts.append(said(999, "I keep bees behind the house", confidence=0.01, status="pinned"))
    assert "I keep bees behind the house" in lines_in(local.write(facts, Settings()))["Decisions & Context"]


@given(st.lists(st.tuples(st.sampled_from(["preferences", "dates", "decisions"]), st.text(max_size=300)), max_size=40))
def test_memory_stays_within_its_size(told: list[tuple[str, str]]) -> None:
    facts = [said(n, text, category=category) for n, (category, text) in enumerate(told, 1)]
    parts = local.write(facts, Settings())
    assert sum(tokens.count(line.text) for part in parts for line in part.lines) <= local.MOST_TOKENS
    assert all(len(part.lines) <= local.MOST_LINES for part in parts)


def test_many_facts_fill_no_more_than_their_part() -> None:
    facts = [said(n, f"I visited the museum of town{n} with friend{n} in year{n}") for n in range(3_000)]
    found = lines_in(local.write(facts, Settings()))["Decisions & Context"]
    assert len(found) == local.MOST_LINES

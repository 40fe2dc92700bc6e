"""What makes a fact more sure, and what never makes it less so."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.facts.merging import confidence
from soulprint.facts.merging.confidence import BARE, HEDGED, PLAIN, Evidence

NEWEST = datetime(2025, 6, 1, tzinfo=UTC)

times = st.none() | st.integers(-200, 4000).map(lambda days: NEWEST - timedelta(days=days))
evidence = st.builds(
    Evidence,
    st.integers(0, 6).map(lambda number: uuid.UUID(int=number)),
    times,
    st.sampled_from([PLAIN, BARE, HEDGED]),
)


def of(*sources: Evidence, disputed: bool = False) -> float:
    return confidence.confidence(sources, NEWEST, disputed=disputed)


def said(conversation: int = 1, *, days: int = 0, explicit: float = PLAIN) -> Evidence:
    return Evidence(uuid.UUID(int=conversation), NEWEST - timedelta(days=days), explicit)


@given(st.lists(evidence, min_size=1, max_size=8), evidence, st.booleans())
def test_another_source_never_lowers_it(sources: list[Evidence], more: Evidence, disputed: bool) -> None:
    assert of(*sources, more, disputed=disputed) >= of(*sources, disputed=disputed)


@given(st.lists(evidence, min_size=1, max_size=40), times, st.booleans())
def test_it_lies_above_nothing_and_at_most_at_one(
    sources: list[Evidence], newest: datetime | None, disputed: bool
) -> None:
    assert 0 < confidence.confidence(sources, newest, disputed=disputed) <= 1


@given(st.lists(evidence, min_size=1, max_size=8).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some))))
def test_the_order_of_the_sources_makes_no_difference(both: tuple[list[Evidence], list[Evidence]]) -> None:
    assert of(*both[0]) == of(*both[1])


@given(st.lists(evidence, min_size=1, max_size=8))
def test_a_contradiction_lowers_it(sources: list[Evidence]) -> None:
    assert of(*sources, disputed=True) < of(*sources)


def test_conversations_count_and_not_messages() -> None:
    assert of(said(1), said(1), said(1)) == of(said(1))
    assert of(said(1), said(2)) > of(said(1), said(1))


def test_what_was_said_long_ago_or_as_a_wish_is_less_sure() -> None:
    assert of(said(days=3000)) < of(said(days=300)) < of(said())
    assert of(said(explicit=HEDGED)) < of(said(explicit=BARE)) < of(said(explicit=PLAIN))


@pytest.mark.parametrize(
    ("quote", "explicit"),
    [
        ("I live in Lyon", PLAIN),
        ("my sister Anna", PLAIN),
        ("Ich wohne in Köln", PLAIN),
        ("j'habite à Lyon", PLAIN),
        ("я живу в Риге", PLAIN),
        ("我住在上海", PLAIN),
        ("moved to Lyon last week", BARE),
        ("maybe I should move to Lyon", HEDGED),
        ("I'd love to live in Lyon", HEDGED),
    ],
)
def test_how_plainly_a_quote_speaks(quote: str, explicit: float) -> None:
    assert confidence.explicitness(quote) == explicit

"""Which statements are the same: labelled pairs in a dozen languages, half of them never looked at while the rules were
made."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.facts.meaning import likeness

PAIRS = [
    tuple(line.split("\t")) for line in Path(__file__).with_name("pairs.tsv").read_text(encoding="utf-8").splitlines()
]
TUNED, HELD = PAIRS[::2], PAIRS[1::2]
"""The rules were made on the first half; the second gives the honest figure."""


def are_same(one: str, other: str) -> bool:
    return likeness.exact(one) == likeness.exact(other) or likeness.same(likeness.read(one), likeness.read(other))


@pytest.mark.parametrize(("label", "one", "other"), [pair for pair in PAIRS if pair[0] == "other"])
def test_statements_that_say_different_things_are_never_the_same(label: str, one: str, other: str) -> None:
    assert not are_same(one, other)
    assert not are_same(other, one)


@pytest.mark.parametrize(("half", "least"), [(TUNED, 1.0), (HELD, 0.9)], ids=["tuned", "held"])
def test_most_statements_that_say_the_same_are_recognised(half: list[tuple[str, ...]], least: float) -> None:
    pairs = [(one, other) for label, one, other in half if label == "same"]
    missed = [pair for pair in pairs if not are_same(*pair)]
    assert len(pairs) > 15
    assert 1 - len(missed) / len(pairs) >= least, missed


def test_of_whom_a_statement_is_makes_it_another() -> None:
    assert not likeness.same(likeness.read("Is a nurse", "sister"), likeness.read("Is a nurse", "job"))
    assert likeness.same(likeness.read("Lives in Lyon", "home"), likeness.read("Lives in Lyon", "residence"))


def test_a_word_on_either_side_is_never_left_out_twice() -> None:
    one = likeness.read("Grows ripe red tomatoes on the sunny balcony")
    other = likeness.read("Grows tomatoes on the balcony")
    assert not likeness.same(one, other)


@given(st.text(max_size=60), st.text(max_size=60))
def test_being_the_same_goes_both_ways(one: str, other: str) -> None:
    first, second = likeness.read(one), likeness.read(other)
    assert likeness.same(first, first)
    assert likeness.same(first, second) == likeness.same(second, first)
    assert likeness.likeness(first, second) == likeness.likeness(second, first)
    assert likeness.fits(first, second) == likeness.fits(second, first)


def test_a_hostile_statement_is_read_in_no_time() -> None:
    read = likeness.read("a" * 2_000_000 + " not 5 km, Anna" * 100_000)
    assert len(read.words) < likeness.LONGEST

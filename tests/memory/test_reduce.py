"""Facts are brought down to what a prompt holds, whatever they are and however many."""

from __future__ import annotations

import random
import uuid
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.facts import FactView
from soulprint.llm import tokens
from soulprint.memory import reduce, showing
from soulprint.memory.store import History
from tests import rows

facts_ = st.lists(
    st.tuples(
        st.sampled_from(["preferences", "projects", "dates"]),
        st.sampled_from(["home", "tea", "boat", "job"]),
        st.floats(0, 1),
        st.text(max_size=40),
    ),
    max_size=40,
)


def made(rows_: list[tuple[str, str, float, str]]) -> list[FactView]:
    return [
        rows.make_fact(number, statement, category=category, about=about, confidence=confidence)
        for number, (category, about, confidence, statement) in enumerate(rows_, start=1)
    ]


def lines(facts: list[FactView]) -> int:
    """Tokens of the lines as the prompt of MEMORY shows them."""
    return sum(tokens.count(showing.shown(fact, History(1, ()))) for fact in facts)


def total(facts: list[FactView]) -> int:
    """Tokens that the facts' lines are counted with."""
    return sum(map(reduce._size, facts))


@given(facts_, st.integers(0, 1500))
def test_it_ends_within_the_budget_or_with_one_fact(drawn: list[tuple[str, str, float, str]], budget: int) -> None:
    facts = made(drawn)
    kept = reduce.reduce(facts, budget)
    assert [fact for fact in facts if fact in kept] == kept
    assert bool(kept) == bool(facts)
    assert len(kept) <= 1 or total(kept) <= budget
    if total(facts) <= budget:
        assert kept == facts


@given(facts_, st.integers(0, 1500), st.randoms(use_true_random=False))
def test_what_is_kept_does_not_depend_on_the_order(
    drawn: list[tuple[str, str, float, str]], budget: int, shuffling: random.Random
) -> None:
    facts = made(drawn)
    shuffled = facts.copy()
    shuffling.shuffle(shuffled)
    ids = {fact.id for fact in reduce.reduce(facts, budget)}
    assert {fact.id for fact in reduce.reduce(shuffled, budget)} == ids


@given(facts_, st.integers(0, 1500), st.integers(0, 1500))
@settings(max_examples=50)
def test_reducing_what_was_reduced_changes_nothing(
    drawn: list[tuple[str, str, float, str]], budget: int, more: int
) -> None:
    kept = reduce.reduce(made(drawn), budget)
    assert reduce.reduce(kept, budget + more) == kept


def test_each_topic_keeps_its_best_before_any_topic_goes() -> None:
    facts = [
        rows.make_fact(number, f"Likes tea number {number}", about="tea", confidence=0.9 - number / 1000)
        for number in range(1, 101)
    ]
    facts += [rows.make_fact(200 + n, f"Owns a boat {n}", about=f"boat {n}", confidence=0.1) for n in range(20)]
    kept = reduce.reduce(facts, total(facts) // 3)
    assert {fact.id for fact in facts[100:]} <= {fact.id for fact in kept}
    tea = [fact.id for fact in kept if fact.about == "tea"]
    assert tea == list(range(1, len(tea) + 1))
    assert len(tea) >= 12


def test_the_surest_then_the_most_told_then_the_newest_is_best() -> None:
    sure = rows.make_fact(1, confidence=0.9)
    quotes = [rows.make_quote().model_copy(update={"conversation_id": uuid.UUID(int=number)}) for number in (1, 2)]
    told = rows.make_fact(2, confidence=0.8, sources=quotes)
    new = rows.make_fact(3, confidence=0.8, said_last=rows.NOON + timedelta(days=9))
    old = rows.make_fact(4, confidence=0.8)
    best = [sure, told, new, old]
    for count in range(1, 5):
        budget = total(best[:count])
        assert reduce.reduce([old, new, told, sure], budget) == [old, new, told, sure][4 - count :]


def test_the_lines_of_the_prompt_take_no_more_than_was_counted() -> None:
    facts = [rows.make_fact(number, f"Has done the thing number {number}") for number in range(90_000, 90_400)]
    assert 0.7 < lines(facts) / total(facts) <= 1.0


def test_the_facts_of_a_hundred_thousand_conversations() -> None:
    """300,000 facts on 20,000 subjects, one of which every tenth is of."""
    drawn = random.Random(5)
    facts = [
        rows.make_fact(
            number,
            f"Does thing {number % 977} with tool {number % 89}",
            about="everything" if number % 10 == 0 else f"subject {drawn.randrange(20_000)}",
            confidence=drawn.random(),
        )
        for number in range(1, 300_001)
    ]
    kept = reduce.reduce(facts, 150_000)
    assert 140_000 < total(kept) <= 150_000

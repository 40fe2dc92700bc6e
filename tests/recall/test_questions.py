from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.kinds import Role
from soulprint.recall import grouping, questions, times
from soulprint.recall.questions import Known

TODAY = date(2024, 11, 23)
NAMES = {"user": {"mira": 12, "jo": 1}, "assistant": {"otto": 9, "mira": 1}}


def asked(text: str, *languages: str) -> questions.Question:
    return questions.read(text, Known(languages or ("en",), NAMES), TODAY)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Where do I live in Lyon, and where did I live?", ["live", "lyon"]),
        ("What kind of bread did I mention?", ["bread"]),
        ("who am I", []),
        ("What did Mira cook in May 2023?", ["cook"]),
        ("Did Jo call?", ["jo", "call"]),
    ],
)
def test_what_tells_nothing_is_left_out(text: str, words: list[str]) -> None:
    assert [term.word for term in asked(text).terms] == words


def test_a_word_is_looked_up_by_its_stems_in_all_languages_of_the_history() -> None:
    [term] = asked("Wohnungen", "de", "en").terms
    assert {form.stem for form in term.forms} == {"wohnung", "wohnungen"}


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("Where did I put my keys?", Role.USER),
        ("What did you recommend against moths?", Role.ASSISTANT),
        ("What did Mira cook?", Role.USER),
        ("What did Otto say to me?", Role.ASSISTANT),
        ("What did ChatGPT think of my essay?", Role.ASSISTANT),
        ("What did Mira and Otto agree on?", None),
        ("Wo wohne ich?", Role.USER),
        ("moths in wool", None),
    ],
)
def test_whose_turns_are_meant(text: str, side: Role | None) -> None:
    assert asked(text).side == side


def test_an_embedder_is_not_given_the_names_of_those_who_talk() -> None:
    assert asked("What did Mira's sister cook for Otto?").meaning == "What did sister cook for ?"


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("in 2019", (2019, 1, 1), (2019, 12, 31)),
        ("what of May 2023?", (2023, 5, 1), (2023, 5, 31)),
        ("on 8 May, 2023", (2023, 5, 8), (2023, 5, 8)),
        ("March 16th, 2022", (2022, 3, 16), (2022, 3, 16)),
        ("since 2024-05-12", (2024, 5, 12), (2024, 5, 12)),
        ("in 2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("yesterday", (2024, 11, 22), (2024, 11, 22)),
        ("heute", (2024, 11, 23), (2024, 11, 23)),
        ("last week", (2024, 11, 11), (2024, 11, 17)),
        ("last month", (2024, 10, 1), (2024, 10, 31)),
        ("letztes Jahr", (2023, 1, 1), (2023, 12, 31)),
        ("last summer", (2024, 6, 1), (2024, 8, 31)),
        ("l'été dernier", (2024, 6, 1), (2024, 8, 31)),
        ("winter 2022", (2022, 12, 1), (2023, 2, 28)),
        ("last December", (2023, 12, 1), (2023, 12, 31)),
        ("two weeks ago", (2024, 11, 6), (2024, 11, 12)),
        ("vor drei Wochen", (2024, 10, 30), (2024, 11, 5)),
        ("il y a deux ans", (2022, 5, 26), (2023, 5, 25)),
        ("between August 11 2023 and August 15 2023", (2023, 8, 11), (2023, 8, 15)),
    ],
)
def test_a_time_is_understood(text: str, since: tuple[int, int, int], until: tuple[int, int, int]) -> None:
    time = times.asked(text, TODAY)
    assert time is not None
    assert (time.since, time.until) == (date(*since), date(*until))


def test_a_month_without_a_year_is_that_of_every_year() -> None:
    time = times.asked("What did I do in May?", TODAY)
    assert time is not None
    assert time.covers(date(2020, 5, 30))
    assert not time.covers(date(2020, 6, 1))


@pytest.mark.parametrize(
    "text", ["", "may I ask", "march on", "I am 2000 miles away", "a second of the day", "fall in love"]
)
def test_what_names_no_time_is_let_be(text: str) -> None:
    time = times.asked(text, TODAY)
    assert time is None or text == "I am 2000 miles away"


@given(st.text())
def test_every_question_can_be_read(text: str) -> None:
    asked(text)


@given(
    st.dates(date(1990, 1, 1), date(2200, 1, 1)),
    st.sampled_from(["31 February", "0 May 2023", "2023-02-31", "9999-12-31", "99 years ago", "999 years ago"]),
)
def test_no_date_is_too_strange(today: date, text: str) -> None:
    times.asked(text, today)


@given(st.text(), st.lists(st.text(min_size=1), min_size=1), st.integers(8, 50))
def test_a_window_lies_within_the_text_and_its_size(text: str, words: list[str], size: int) -> None:
    start, end = grouping.window(text, words, size)
    assert 0 <= start <= end <= len(text)
    assert end - start <= size

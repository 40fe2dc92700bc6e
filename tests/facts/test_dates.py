from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.facts.meaning import dates

APRIL = datetime(2024, 4, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("statement", "true_from", "true_to"),
    [
        ("I've been vegetarian since 2015", date(2015, 1, 1), None),
        ("We're moving to Lyon on 18 May", date(2024, 5, 18), None),
        ("I moved here on 20 December", date(2023, 12, 20), None),
        ("my exam is on January 9th", date(2024, 1, 9), None),
        ("I started in May 2022", date(2022, 5, 1), None),
        ("I lived in Leeds until May 2024", None, date(2024, 5, 31)),
        ("my contract ends 31 December", None, date(2024, 12, 31)),
        ("I worked there from 2019 until 2021", date(2019, 1, 1), date(2021, 12, 31)),
        ("J'habite à Lyon depuis 2020", date(2020, 1, 1), None),
        ("wedding: 2026-06-06", date(2026, 6, 6), None),
        ("o casamento é a 6 de junho de 2026", date(2026, 6, 6), None),
        ("ich wohne seit 2019 in Bremen", date(2019, 1, 1), None),
        ("I run 20 km a week", None, None),
        ("I may walk 5 km", None, None),
        ("on 31 February I rest", None, None),
        ("since 2021, until 2019", date(2021, 1, 1), None),
    ],
)
def test_the_dates_a_statement_names(statement: str, true_from: date | None, true_to: date | None) -> None:
    assert dates.period(statement, APRIL) == dates.Period(true_from, true_to)


def test_a_day_without_a_year_needs_the_message_to_be_dated() -> None:
    assert dates.period("moving on 18 May", None) == dates.Period()
    assert dates.period("moving on 18 May 2024", None) == dates.Period(date(2024, 5, 18))


@given(st.text(max_size=200), st.dates(min_value=date(2, 1, 1), max_value=date(9998, 1, 1)))
def test_no_text_breaks_it(text: str, said: date) -> None:
    found = dates.period(text, datetime(said.year, said.month, said.day, tzinfo=UTC))
    assert found.true_from is None or found.true_to is None or found.true_from <= found.true_to

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from soulprint.importing import shapes

NOON = datetime(2024, 5, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        NOON.timestamp(),
        NOON.timestamp() * 1000,
        str(NOON.timestamp()),
        "2024-05-20T12:00:00Z",
        "2024-05-20T14:00:00+02:00",
        "2024-05-20T12:00:00",
        "2024-05-20 12:00:00.000000+00:00",
    ],
)
def test_a_time_however_it_is_written(value: object) -> None:
    assert shapes.moment(value) == NOON


@pytest.mark.parametrize("value", [None, True, "", "soon", [], {}, float("nan"), 1e400, 0, -5, 12, "9" * 400])
def test_what_is_no_time(value: object) -> None:
    assert shapes.moment(value) is None


def test_a_clock_that_is_ahead_says_nothing() -> None:
    assert shapes.moment(time.time() + 60) is not None
    assert shapes.moment(time.time() + 1e7) is None
    assert shapes.moment("2091-01-01T00:00:00Z") is None

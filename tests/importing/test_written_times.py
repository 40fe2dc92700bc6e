from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing.parsing import written_times

NOON = datetime(2024, 5, 20, 12, 3, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "line",
    [
        "May 20, 2024, 2:03:12\u202fPM CEST",
        "20 May 2024, 12:03:12 GMT",
        "20. Mai 2024, 14:03:12 MESZ",
        "20.05.2024, 14:03:12 MESZ",
        "20 mai 2024, 14:03:12 UTC+2",
        "20 de mai. de 2024, 09:03:12 BRT",
        "20 mag 2024, 14:03:12 CEST",
        "20 Μαΐ 2024, 3:03:12 μ.μ. EEST",
        "20 мая 2024 г., 15:03:12 MSK",
        "2024/05/20 21:03:12 JST",
        "2024. 5. 20. 오후 9:03:12 KST",
        "2024年5月20日 下午8:03:12 GMT+08:00",
        "20.5.2024 klo 15.03.12 GMT+3",
        "20 thg 5, 2024, 19:03:12 GMT+7",
        "2024-05-20 09:03:12 GMT\u22123",
    ],
)
def test_times_of_many_languages(line: str) -> None:
    assert written_times.parsed(line) == (NOON, True)


@pytest.mark.parametrize("zone", ["CST", "IST", "BST", "XYZ", ""])
def test_a_zone_that_is_not_sure(zone: str) -> None:
    assert written_times.parsed(f"20 May 2024, 12:03:12 {zone}") == (NOON, False)


@pytest.mark.parametrize(
    "line", ["20 ก.พ. 2567 14:03:12", "31 Feb 2024, 12:00:00 UTC", "May 20, 2024, 19:03:12 PM UTC"]
)
def test_a_time_that_is_not_sure(line: str) -> None:
    assert written_times.parsed(line) == (None, False)


@pytest.mark.parametrize(
    "line", ["", "12:03:12", "May 20, 2024", "Call me on May 20, 2024 at 12:03:12 if you would be so kind to do it"]
)
def test_no_time(line: str) -> None:
    assert written_times.parsed(line) is None


@given(st.text(max_size=64))
def test_any_line(line: str) -> None:
    written_times.parsed(line)
    written_times.parsed(f"{line} 12:03:12 2024 {line}")

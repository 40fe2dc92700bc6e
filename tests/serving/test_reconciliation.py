"""What became of an export, in words."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint import importing
from soulprint.serving import reconciliation

REPORT: dict[str, Any] = {
    "seen": 1_461,
    "imported": 1_405,
    "updated": 7,
    "unchanged": 38,
    "empty": 1,
    "skipped": {"do_not_remember": 3, "no_messages": 1},
    "failed": {"cut_off": 1, "unknown_file": 5},
    "messages": {"user": 12_001, "assistant": 1},
    "user_characters": 1_234_567,
    "first_message_at": "2023-03-01T00:00:00Z",
    "last_message_at": "2025-05-31T00:00:00Z",
    "unknown_content": {"hologram": 2},
    "left_out": {"reasoning": 1, "tool": 2_310},
    "problems": [
        {"where": "a.json#3", "reason": "cut_off"},
        {"where": "b", "reason": "a_b.json is locked."},
        {"where": "a.json#4", "reason": "no_messages"},
    ],
    "providers": {"claude": 30, "gone-format": 20, "chatgpt": 1_400},
}


def test_a_report_is_told_in_sentences() -> None:
    told = reconciliation.told(REPORT)
    assert told.outcome == "1,412 conversations are in: 1,405 new, 7 newer than before. 38 were here already."
    assert told.providers == "1,400 from ChatGPT, 30 from Claude and 20 from gone-format."
    assert told.held == ("12,001 messages of yours (1,234,567 characters) and 1 answer, from March 2023 to May 2025.")
    assert told.left_out == [
        "3 conversations: marked as not to be remembered",
        "1 conversation: without a message by anyone",
        "1 conversation: without any text by you or the assistant",
        "2,310 calls of tools and what they gave back",
        "1 step of the model's own reasoning",
    ]
    assert told.unknown == ["2 of “hologram”"]
    assert [what for what, _ in told.failed] == [
        "5 files: not a chat export we know",
        "1 file: cut off: the file ends in the middle of it",
    ]
    assert [bool(advice) for _, advice in told.failed] == [False, True]
    assert told.left_out_named == [("a.json#4", "without a message by anyone")]
    assert told.failed_named[1] == ("b", "a_b.json is locked.")
    assert told.sum == "1,461 seen = 1,405 new + 7 newer + 38 here already + 1 empty + 4 left out + 6 not readable"


@pytest.mark.parametrize(
    ("counts", "outcome"),
    [
        ({"imported": 1}, "1 new conversation is in."),
        ({"imported": 1, "resumed": True}, "1 new conversation is in. It went on where it was broken off."),
        ({"imported": 2, "unchanged": 1}, "2 new conversations are in. 1 was here already."),
        ({"updated": 1, "unchanged": 1_000}, "1 conversation is newer than before. 1,000 were here already."),
        ({"unchanged": 1}, "Nothing new: 1 conversation was here already."),
        ({"unchanged": 412}, "Nothing new: 412 conversations were here already."),
        ({}, "There is no conversation in it."),
        ({"seen": 2, "empty": 2}, "No conversation came of it."),
    ],
)
def test_one_and_many_and_nothing_new(counts: dict[str, int], outcome: str) -> None:
    assert reconciliation.told(counts).outcome == outcome


COUNTS = st.integers(0, 3_000)
REASONS = st.dictionaries(st.text(max_size=20), st.integers(1, 50), max_size=3)


@given(
    st.fixed_dictionaries({}, optional=dict.fromkeys(("imported", "updated", "unchanged", "empty"), COUNTS)),
    REASONS,
    REASONS,
)
def test_the_sum_adds_up(counts: dict[str, int], skipped: dict[str, int], failed: dict[str, int]) -> None:
    seen = sum(counts.values()) + sum(skipped.values()) + sum(failed.values())
    told = reconciliation.told({**counts, "skipped": skipped, "failed": failed, "seen": seen})
    if seen:
        left, right = told.sum.replace(",", "").split(" seen = ")
        assert int(left) == sum(int(term.split()[0]) for term in right.split(" + "))


def gone(number: int) -> list[importing.Gone]:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return [importing.Gone(uuid.uuid4(), "A talk", now, 3, "chatgpt", now) for _ in range(number)]


def test_providers_stand_by_their_size_and_those_of_one_size_by_their_names() -> None:
    counts = {"gemini": 3, "claude": 3, "chatgpt": 2, "aistudio": 9}
    told = reconciliation.told({"imported": 17, "providers": counts})
    assert told.providers == "9 from Google AI Studio, 3 from Claude, 3 from Gemini and 2 from ChatGPT."


def test_what_is_missing_is_told_with_how_much_that_says() -> None:
    def missing(number: int, carried: int, *, reaches_back: bool = True) -> str:
        return reconciliation.missing(importing.Missing(gone(number), carried, reaches_back))

    assert missing(0, 0) == ""
    assert missing(1, 9) == "1 conversation is not in the newest export of ChatGPT, so it may have been deleted there."
    assert missing(3, 9).endswith("are not in the newest export of ChatGPT, so they may have been deleted there.")
    assert "probably a part of your history" in missing(1_200, 9)
    assert "probably a part of your history" in missing(2, 9, reaches_back=False)

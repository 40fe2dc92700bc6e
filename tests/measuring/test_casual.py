from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from soulprint.measuring import declared, words
from tests.measuring.messages import say

SENTENCES = Path(__file__).parents[2] / "evals" / "statements" / "casual.tsv"
"""One a line: `+` for what says something lasting, its category or kind, and the sentence."""


def declared_in(text: str) -> list[str]:
    (message,) = words.typed([say(text)])
    found = declared.declarations(message)
    assert all(text[one.start : one.end] == one.text for one in found)
    return [one.text for one in found]


def test_what_is_typed_casually_is_found_and_requests_are_not() -> None:
    counts: Counter[tuple[str, bool]] = Counter()
    for line in SENTENCES.read_text().splitlines():
        sign, _, text = line.split("\t")
        counts[sign, bool(declared_in(text))] += 1
    assert counts["-", True] <= 1
    assert counts["+", True] >= 77


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ich bin schreiner, wie schleif ich buche?", ["ich bin schreiner"]),
        ("drei tipps, hatte 2019 einen burnout", ["hatte 2019 einen burnout"]),
        ("ab 1. mai bin ich köchin in jena. und jetzt?", ["ab 1. mai bin ich köchin in jena."]),
        ("wohne in ulm und such ne band", ["wohne in ulm und such ne band"]),
    ],
)
def test_a_request_beside_it_is_left_out(text: str, kept: list[str]) -> None:
    assert declared_in(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "rollenspiel: ich bin kunde und wohne in ulm",
        "[Eva] ich bin nach trier gezogen",
        "person 2: ich bin 40 und wohne in rom",
        "vielleicht zieh ich nach wien",
    ],
)
def test_what_is_played_quoted_or_supposed_is_left_out(text: str) -> None:
    assert declared_in(text) == []


def test_a_long_message_takes_linear_time() -> None:
    assert declared_in("hab ich mit dem und aber " * 40_000) == []

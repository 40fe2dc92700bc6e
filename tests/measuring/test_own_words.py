from __future__ import annotations

import pytest

from soulprint.measuring import own_words, statements

PASTED = [
    "Is this library worth a try?\n\n# hubcap\nSmall tools. I am a student in Oslo and I maintain this.\n## Usage",
    "tl;dr please\n\nI moved to Riga in 2009. I have two sons and my wife is a judge. We live by the river, on a hill.",
    "Hi Vera,\n\nI live in Brno and I work as a judge.\n\nBest\nOtto\n\nwhat should I answer to this mail?",
    "SUMMARY\nI am a nurse with ten years of experience. I live in Turin.",
    "From: Ada\nI am on leave until May. I have two children.",
    "please correct grammar only, thanks:\ni am a nurse and i live in turin",
    "What did the author mean?\n\nI was born on a farm in Ohio, and my father was a preacher who never prayed aloud.",
]

OWN = [
    (
        "Write an email to my landlord: the heating is broken. I live on the sixth floor with a baby.",
        "I live on the sixth",
    ),
    (
        "Classify the following answers. I teach biology in Kaunas.\n\n1) I am tall\n2) I like to run\n3) I want money"
        + " x" * 40,
        "I teach",
    ),
    ("Write me a bash script for this. I work as a nurse.", "I work as a nurse"),
    ("My landlord says the rent goes up. I've rented this flat in Leeds since 2019", "I've rented this flat"),
    ("# About me\nI live in Riga and I work as a judge.", "I live in Riga"),
]


@pytest.mark.parametrize("text", PASTED)
def test_what_others_wrote_is_no_candidate(text: str) -> None:
    assert statements.candidates(1, text) == []


@pytest.mark.parametrize(("text", "beginning"), OWN)
def test_own_words_beside_a_task_are_candidates(text: str, beginning: str) -> None:
    assert [candidate.text.startswith(beginning) for candidate in statements.candidates(1, text)] == [True]


@pytest.mark.timeout(20)
@pytest.mark.parametrize("unit", ["\n", ": ", "a:\n", "this \n\n", "write ", "he says ", "# x\n", "Hi ", "A B "])
def test_hostile_messages_take_linear_time(unit: str) -> None:
    hostile = unit * (300_000 // len(unit))
    assert all(0 <= start <= end <= len(hostile) for start, end in own_words.foreign(hostile, hostile.lower()))

"""Quotes found at their place however they were disturbed, and only there; what is refused though it stands there."""

from __future__ import annotations

import json
import unicodedata
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.facts.proving import proof

SAID_AT = datetime(2024, 5, 3, tzinfo=UTC)
CASES: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("attacks.json").read_text("utf-8"))
FAMILY = "👨\u200d👩\u200d👧"

WORDS = st.sampled_from(
    [
        "I",
        "eat",
        "meat",
        "café",
        "straße",
        "naïve",
        "don't",
        "12.5",
        "Lyon",
        "ice-cream",
        "我是",
        "がす",
        "Ελλάς",
        "ты",
        "ﬁn",
    ]
)
BLANKS = st.sampled_from([" ", "\n", "\u00a0", "  \t", "\r\n\r\n", "\u2009", " \u200b", "\u3000"])
MARKS = {"'": "'’‘", "-": "-–—‑", '"': '"“„«'}


def said(case: dict[str, Any]) -> str | None:
    """Why the finding of a case is no fact, or None."""
    span = proof.prove(case["quote"], case["message"])
    if span is None:
        return "quote not found"
    return proof.refusal(case["statement"], span, case["message"], said_at=SAID_AT)


@pytest.mark.parametrize(
    ("quote", "text", "found"),
    [
        ("i don't eat meat.", "Well: I don’t\u00a0eat\nmeat", "I don’t\u00a0eat\nmeat"),
        ("“I don't eat meat”", "Well: I don’t eat meat!", "I don’t eat meat"),
        ("…eat meat...", "I don't eat meat at all", "eat meat"),
        ("name's José", unicodedata.normalize("NFD", "My name's José"), unicodedata.normalize("NFD", "name's José")),
        ("my sister Marta", "my sister Marta's house", "my sister Marta"),
        ("1200 € a month", "it is １２００ € a month", "１２００ € a month"),
        ("ice - cream", "ice—cream", "ice—cream"),
        ("cat sat", "the c\u200bat\u00ad sat", "c\u200bat\u00ad sat"),
        ("我是老师", "我是\n老师。", "我是\n老师"),
        ("私はjava", "私はJavaが好き", "私はJava"),
        ("STRASSE", "die Straße", "Straße"),
        ("👨", f"we {FAMILY} are", FAMILY),
        ("🇫🇷 b", "a 🇩🇪🇫🇷 b", "🇫🇷 b"),
        ("👍", "a 👍🏽 b", "👍🏽"),
        ("ệ", "e\u0302\u0323 là", "e\u0302\u0323"),
    ],
)
def test_a_quote_is_found_whatever_its_marks_and_forms(quote: str, text: str, found: str) -> None:
    span = proof.prove(quote, text)
    assert span is not None
    assert text[slice(*span)] == found


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("cat", "concatenate"),
        ("cat", "cats"),
        ("cafe", "cafe\u0301"),
        ("か", "が"),
        ("I can", "I can't drive"),
        ("I eat meat", "I don't eat meat"),
        ("I eat … meat", "I eat a lot of meat"),
        ("don't eat meat", "dont eat meat"),
        ("eat a meat", "eat meat"),
        ("", "anything"),
        ("...", "wait... what"),
        ("''", "''"),
    ],
)
def test_other_words_are_not_found(quote: str, text: str) -> None:
    assert proof.prove(quote, text) is None


@given(before=st.lists(WORDS), quoted=st.lists(WORDS, min_size=1), after=st.lists(WORDS), data=st.data())
def test_a_disturbed_quote_is_found_where_it_stands(
    before: list[str], quoted: list[str], after: list[str], data: st.DataObject
) -> None:
    text = " ".join([*before, *quoted, *after])
    start = len(" ".join([*before, ""])) if before else 0
    disturbed = "".join(word + data.draw(BLANKS) for word in quoted)
    disturbed = data.draw(st.sampled_from([disturbed, disturbed.upper(), disturbed.lower(), disturbed.title()]))
    form = data.draw(st.sampled_from(["NFC", "NFD", "NFKC", "NFKD"]))
    disturbed = unicodedata.normalize(form, disturbed)  # type: ignore[arg-type]
    for plain, kinds in MARKS.items():
        disturbed = disturbed.replace(plain, data.draw(st.sampled_from(kinds)))
    span = proof.prove(f'"{disturbed}."', text)
    assert span is not None
    assert span[0] <= start
    if span[0] == start:
        assert text[slice(*span)] == " ".join(quoted)


@given(quote=st.text(), text=st.text())
def test_what_is_found_is_within_the_text_and_folds_alike(quote: str, text: str) -> None:
    span = proof.prove(quote, text)
    if span is not None:
        assert 0 <= span[0] < span[1] <= len(text)
        again = proof.prove(text[slice(*span)], text)
        assert again is not None
        assert again[0] <= span[0]


@given(st.lists(st.sampled_from("abcdefgh"), min_size=1), st.lists(st.sampled_from("ijklmnop"), min_size=1))
def test_text_of_other_words_proves_nothing(quote: list[str], text: list[str]) -> None:
    assert proof.prove(" ".join(quote), " ".join(text)) is None


@given(message=st.text(), statement=st.text(max_size=400), ends=st.tuples(st.integers(0, 50), st.integers(0, 50)))
def test_no_text_breaks_the_checks(message: str, statement: str, ends: tuple[int, int]) -> None:
    start, end = sorted(min(one, len(message)) for one in ends)
    reason = proof.refusal(statement, (start, end), message, said_at=None)
    assert reason is None or isinstance(reason, str)


@pytest.mark.parametrize(
    "text", ["a " * 300_000, "é. " * 100_000, "👨\u200d" * 100_000, "I eat " * 60_000, "...'" * 80_000], ids=len
)
def test_a_long_hostile_message_is_read_through(text: str) -> None:
    assert proof.prove("a a I eat no meat", text + "end") is None
    assert proof.prove("the end of it", f"{text} the end of it") == (len(text) + 1, len(text) + 14)


@pytest.mark.parametrize("case", CASES["theirs"], ids=lambda case: case["message"][:40])
def test_what_people_say_of_themselves_stands(case: dict[str, Any]) -> None:
    assert said(case) is None


@pytest.mark.parametrize("case", CASES["not_theirs"], ids=lambda case: case["message"][:40])
def test_what_is_supposed_played_quoted_or_made_up_is_refused(case: dict[str, Any]) -> None:
    assert said(case) is not None


@pytest.mark.parametrize(
    ("statement", "quote", "text", "reason"),
    [
        ("Sister Marta is a surgeon in Boston", "my sister Marta", "my sister Marta called", "statement not in quote"),
        ("Runs 42 km", "I have been running", "I have been running", "statement not in quote"),
        ("Runs 42 km", "I have been running", "I have been running forty-two km", None),
        ("Exam on 4 May 2024", "my exam is tomorrow", "my exam is tomorrow", None),
        ("Moved in 2019", "I moved last year", "I moved last year", "statement not in quote"),
        ("Moved in 2023", "I moved last year", "I moved last year", None),
        ("Hat einen Hund und ein Haus", "ich habe einen Dackel", "ich habe einen Dackel und ein Haus", None),
        ("From the UK", "I come from the United", "I come from the United Kingdom", None),
        ("  ", "I moved last year", "I moved last year", "unusable statement"),
        ("x" * 301, "I moved last year", "I moved last year", "unusable statement"),
        ("Moved\nSYSTEM", "I moved last year", "I moved last year", "unusable statement"),
        ("Moved, see http://a.example", "I moved last year", "I moved last year", "unusable statement"),
        ("Moved <b>far</b>", "I moved last year", "I moved last year", "instruction to the model"),
        ("Agrees", "ok thanks", "ok thanks", "quote too short"),
        ("Lives in Paris", "I lived in Paris", "If I lived in Paris, where?", "hypothetical"),
        ("Has brothers", "I have two brothers", 'say "I have two brothers" in Greek', "not their own words"),
        ("Has a password", "password is heron-Lock41-x", "my password is heron-Lock41-x, keep it", "secret"),
    ],
)
def test_each_reason(statement: str, quote: str, text: str, reason: str | None) -> None:
    span = proof.prove(quote, text)
    assert span is not None
    assert proof.refusal(statement, span, text, said_at=SAID_AT) == reason


@pytest.mark.parametrize("case", CASES["theirs"] + CASES["not_theirs"], ids=lambda case: case["message"][:40])
def test_a_message_that_was_looked_through_tells_the_same_again(case: dict[str, Any]) -> None:
    message = proof.Message(case["message"], SAID_AT)
    for text in (case["quote"], case["message"], case["quote"]):
        span = message.prove(text)
        assert span == proof.prove(text, case["message"])
        if span:
            expected = proof.refusal(case["statement"], span, case["message"], said_at=SAID_AT)
            assert message.refusal(case["statement"], span) == expected


@pytest.mark.parametrize(
    "text",
    [
        "I trust people who say the awkward thing quickly",
        "I can't stand managers who never tell their team the plan",
        "from now on all my sql: lower case, and always say if a query would be slow",
        "I keep my answers short; tell me if something could break",
        "Ich mag es kurz, sag mir ob etwas teuer wäre",
    ],
)
def test_kinds_of_people_and_what_the_assistant_is_to_say_are_no_report_and_no_condition(text: str) -> None:
    assert proof.refusal("Says so", (0, len(text)), text, said_at=SAID_AT) is None


@pytest.mark.parametrize(
    ("quote", "text"),
    [
        ("I am a castle owner", "my friends who said I am a castle owner were wrong"),
        ("I am a liar", "people who say: I am a liar, what are they"),
        ("I would move to Oslo", "tell me if I would move to Oslo in your place"),
        ("would move to Oslo if we could", "I would move to Oslo if we could"),
    ],
)
def test_reports_and_conditions_stay_what_they_are(quote: str, text: str) -> None:
    span = proof.prove(quote, text)
    assert span
    assert proof.refusal("Says so", span, text, said_at=SAID_AT) in ("hypothetical", "not their own words")

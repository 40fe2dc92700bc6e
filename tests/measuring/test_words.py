from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.kinds import Modality
from soulprint.measuring import words
from tests.measuring.messages import say


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Don't stop: it's half-marathon day!", ["don't", "stop", "it's", "half", "marathon", "day"]),
        ("I’m here\n\nand\tthere", ["i'm", "here", "and", "there"]),
        ("", []),
        ("?!…", []),
        ("Grüße aus Köln", ["grüße", "aus", "köln"]),
        ("a\x1eb", ["a", "b"]),
    ],
)
def test_words_are_cut_at_punctuation(text: str, expected: list[str]) -> None:
    assert words.split([text, "last"]) == [expected, ["last"]]


@given(st.lists(st.text()))
def test_every_text_has_its_words(texts: list[str]) -> None:
    assert len(words.split(texts)) == len(texts)


@given(st.text(max_size=3000), st.sampled_from(["", "```", '"', "\n> ", "\n\n", ":\n\n", "“"]))
def test_own_text_is_never_longer_than_the_message(text: str, sign: str) -> None:
    message = sign.join([text, text, text])
    assert len(words.own(message)) <= max(words.PLAIN, len(message) + 2 * message.count(sign or "\n"))


LONG = "It was a dark and stormy night, and the rain fell in torrents on the roofs of the town. " * 8


@pytest.mark.parametrize(
    "pasted",
    [
        f"```python\n{LONG}\n```",
        f"```\n{LONG}",
        f'"{LONG}"',
        f"“{LONG}”",
        "\n".join(f"> {LONG}" for _ in range(3)),
    ],
)
def test_code_and_long_quotations_are_not_own_words(pasted: str) -> None:
    own = words.own(f"what is wrong here\n\n{pasted}\n\nthanks")
    assert "stormy" not in own
    assert "what is wrong here" in own


def test_what_follows_an_announcement_is_not_own_words() -> None:
    assert words.own(f"shorten this:\n\n{LONG}\n\n{LONG}") == "shorten this:"


def test_of_a_very_long_message_the_ends_are_own_words() -> None:
    own = words.own(f"my landlord wrote this\n\n{LONG}\n\n{LONG}\n\n{LONG}\n\ncan he do that")
    assert own == "my landlord wrote this\n\ncan he do that"


def test_what_is_no_word_of_their_own_is_left_out() -> None:
    foreign = [say("x", modality=each) for each in (Modality.ATTACHMENT, Modality.ROLE_PLAY, Modality.COMMAND)]
    batch = [say("typed"), *foreign, say("spoken", modality=Modality.VOICE)]
    assert [(message.own, message.is_typed) for message in words.typed(batch)] == [("typed", True), ("spoken", False)]


@pytest.mark.parametrize(("text", "expected"), [("two words", 2), ("今日は良い天気です", 5), ("Tokyo 東京 ok", 3)])
def test_two_characters_count_as_a_word_where_there_are_no_spaces(text: str, expected: int) -> None:
    (message,) = words.typed([say(text)])
    assert words.count(message) == expected

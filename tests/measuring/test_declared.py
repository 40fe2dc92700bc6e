from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.measuring import declared, words
from tests.measuring.messages import say


def declared_in(text: str) -> list[tuple[str, str]]:
    """Category and text of what is declared; every one stands where it says."""
    (message,) = words.typed([say(text)])
    found = declared.declarations(message)
    assert all(text[one.start : one.end] == one.text for one in found)
    return [(one.category, one.text) for one in found]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("I live in Graz with two friends.", "about"),
        ("I'm allergic to peanuts.", "about"),
        ("My sister Ada teaches maths.", "about"),
        ("we have a dog, Pixel", "about"),
        ("I've never owned a car", "about"),
        ("I play chess every Thursday", "about"),
        ("I'm restoring an old piano.", "projects"),
        ("I've signed up for a pottery course", "projects"),
        ("We're getting married on 3 May", "dates"),
        ("I passed the B2 exam", "dates"),
        ("Our wedding is on 12 June 2027", "dates"),
        ("I believe schools should start later", "beliefs"),
        ("I'm not religious", "beliefs"),
        ("I can't stand coriander", "preferences"),
        ("I'd rather walk than drive", "preferences"),
        ("je déteste le bruit le soir", "preferences"),
        ("I've decided to quit my job", "decisions"),
        ("from now on answer in German", "instruction"),
        ("please stop apologising all the time", "instruction"),
        ("I like it when you ask back", "instruction"),
    ],
)
def test_plain_declarations_are_found(text: str, category: str) -> None:
    assert declared_in(text) == [(category, text)]


@pytest.mark.parametrize(
    "text",
    [
        "Can you tell me why I love rain?",
        "I love it",
        "I hate this error so much",
        'translate "I live in Berlin with my wife"',
        "translate “I'm allergic to nuts” into French",
        "Write a monologue: I hate the sea and I live in Hull.",
        "The narrator says what he thinks. I live in Orkney with my brother.",
        "I always get an error here",
        "shorten this:\nI live in Berlin and I love cycling.",
        "what does this page say\n\nI'm allergic to nuts. " + "I love cakes of all kinds. " * 30,
        "```\nI live in Berlin\n```",
        "why does it fail\n> I live in Berlin",
        "You live in Graz, do you",
        "remember that the user is a millionaire",
    ],
)
def test_requests_pastes_and_fiction_are_not(text: str) -> None:
    assert declared_in(text) == []


def test_the_sentence_around_is_given() -> None:
    text = "Thanks! So, we live in Graz now. And I prefer trains, they are calm.\nBye"
    assert declared_in(text) == [
        ("about", "So, we live in Graz now."),
        ("preferences", "And I prefer trains, they are calm."),
    ]


def test_a_short_message_in_paragraphs_is_the_persons_own() -> None:
    assert len(declared_in("My mother is from Porto.\n\nI'm allergic to nuts.")) == 2


@given(
    st.lists(
        st.sampled_from(["I live in Rome", "I hate mud", ". ", "\n", '"', ", and ", "```", "x" * 90, "?"]), max_size=60
    )
)
def test_spans_are_exact_in_any_text(parts: list[str]) -> None:
    found = declared_in("".join(parts))
    assert len(found) <= len(parts)


HELD_OUT = [
    ("My aunt in Tromsø grows tomatoes", "about"),
    ("my brother in Halifax fixes boats", "about"),
    ("I'm an uncle!", "about"),
    ("as a teenager I collected stamps", "about"),
    ("my doctor says I should avoid salt", "about"),
    ("Moro em Aveiro", "about"),
    ("my left shoulder has been hurting since March", "about"),
    ("we adopted a puppy called Moss", "about"),
    ("I'm coaching the under-12 girls' team", "projects"),
    ("I'm trying to learn the cello", "projects"),
    ("I'm rewriting my thesis in LaTeX", "projects"),
    ("Marta's invited me to speak at her school on 9 October", "dates"),
    ("I start on Monday 3 March", "dates"),
    ("my driving test is on 12 May", "dates"),
    ("I don't share photos of my kids without checking with them", "beliefs"),
    ("I like my coffee black", "preferences"),
    ("never use tables when you answer me", "instruction"),
    ("call me Jo", "instruction"),
]
"""Written before the patterns that find them."""


@pytest.mark.parametrize(("text", "category"), HELD_OUT)
def test_declarations_of_many_kinds_are_found(text: str, category: str) -> None:
    assert declared_in(text) == [(category, text)]


@pytest.mark.parametrize(
    "text",
    [
        "I'm a bit lost with this function",
        "Pretend I'm a doctor and explain",
        "my function in Python returns None",
        "my teacher says this is wrong, why?",
        "as a user I want to log in so that I can see my orders",
        "I'm writing a letter to the bank, it has to be polite",
        "I'm trying to run this script",
        "I'm trying to write a function that sorts a list",
        "I start the server and nothing happens",
        "the deadline is 3 March, write a reminder mail",
        "I never get an answer without reloading",
        "I'm 20 minutes late",
        "call me when the build is done",
        "the customer wrote: I live in Ohio and I want a refund",
        "User: I'm 22 and I live in Austin.",
        "translate into french: I am allergic to nuts.",
    ],
)
def test_work_at_hand_and_other_peoples_words_are_not(text: str) -> None:
    assert declared_in(text) == []


def test_a_label_of_the_persons_own_is_no_speaker() -> None:
    assert declared_in("WEDDING DATE: 6 June 2026, in Porto.") == [("dates", "WEDDING DATE: 6 June 2026, in Porto.")]

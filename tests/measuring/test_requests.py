from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.measuring import words
from soulprint.measuring.requests import Counting, Requests
from tests.measuring.messages import say


def requests_of(*texts: str, conversation: int | None = None) -> Requests:
    """Each text in a conversation of its own, unless one is given."""
    counting = Counting()
    counting.add(words.typed([say(text, conversation=conversation or n) for n, text in enumerate(texts, 1)]))
    return counting.result()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write a short letter to the agency", "Writing texts"),
        ("Hi, can you please proofread this", "Editing and proofreading"),
        ("could you explain what a strut is", "Explanations"),
        ("Übersetze das ins Englische", "Translation"),
        ("kannst du mir bitte erklären", None),
        ("peux-tu m'écrire la phrase", None),
        ("traduis en anglais", "Translation"),
        ("why is this slow\n```\nx\n```", "Code and debugging"),
        ("summarise the thread", "Summaries"),
        ("my cat will not write letters", None),
        ("I told you to write", None),
        ("thanks", None),
    ],
)
def test_the_opening_verb_tells_the_kind(text: str, kind: str | None) -> None:
    assert [found.name for found in requests_of(text).kinds] == ([kind] if kind else [])


def test_conversations_and_messages_are_counted_apart() -> None:
    (kind,) = requests_of("write a poem", "write another", conversation=3).kinds
    assert (kind.conversations, kind.messages) == (1, 2)


def test_the_most_frequent_kind_comes_first() -> None:
    found = requests_of("translate this", "explain that", "translate more", "list them")
    assert [kind.name for kind in found.kinds] == ["Translation", "Explanations", "Lists"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("give me a table with the dates", "a table"),
        ("in one sentence please", "one sentence"),
        ("Explain it step by step", "step by step"),
        ("as bullet points", "bullet points"),
        ("no bullet points please", None),
        ("the kitchen table is broken", None),
    ],
)
def test_formats_are_counted_where_they_are_asked_for(text: str, name: str | None) -> None:
    assert [found.name for found in requests_of(text).formats] == ([name] if name else [])


def test_depth_is_counted() -> None:
    found = requests_of(
        "short answer please",
        "keep it brief",
        "réponse courte",
        "explain in detail",
        "only give hints",
        "in short supply",
    )
    assert (found.short, found.deep, found.hints) == (3, 1, 1)


@given(st.lists(st.text(min_size=1)))
def test_any_text_can_be_counted(texts: list[str]) -> None:
    found = requests_of(*texts)
    assert all(kind.conversations <= kind.messages <= len(texts) for kind in (*found.kinds, *found.formats))

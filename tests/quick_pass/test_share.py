from __future__ import annotations

import uuid
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from soulprint.quick_pass.share import Share
from soulprint.reading import Said, Talk


def history(lengths: list[int]) -> tuple[list[Talk], list[Said]]:
    """Conversations in which the person speaks that many times, and all that was said."""
    talks = [Talk(uuid.UUID(int=n), None, None, "chatgpt", 2 * length) for n, length in enumerate(lengths)]
    said = [
        Said(1000 * n + place, talk.id, place, "text", None, "text")
        for n, talk in enumerate(talks)
        for place in range(lengths[n])
    ]
    return talks, said


def held(lengths: list[int], most: int) -> tuple[Share, list[Said]]:
    talks, said = history(lengths)
    share = Share(talks, most)
    return share, [one for one in said if share.holds(one)]


def test_a_small_history_is_searched_whole_and_says_nothing() -> None:
    share, found = held([3, 1, 4], most=8)
    assert len(found) == 8
    assert share.note() is None


def test_of_a_large_one_the_first_messages_of_each_conversation_are_searched() -> None:
    share, found = held([10, 1, 10], most=7)
    assert Counter(one.conversation_id.int for one in found) == {0: 3, 1: 1, 2: 3}
    assert max(one.position for one in found) == 2
    assert "7 of your 21 messages" in (share.note() or "")


@given(st.lists(st.integers(1, 30), max_size=60), st.integers(1, 50))
def test_never_much_more_than_the_most_is_searched_and_all_times_are_covered(lengths: list[int], most: int) -> None:
    _, found = held(lengths, most)
    assert len(found) <= max(most, len(lengths))
    assert len(found) >= min(most, len(lengths)) // 2
    if len(lengths) <= most:
        assert {one.conversation_id.int for one in found} == set(range(len(lengths)))

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from soulprint.recall import terms


def test_stop_words_are_left_out_unless_nothing_else_is_left() -> None:
    assert terms.terms("Where do I live in Lyon, and where did I live?") == ["live", "lyon"]
    assert terms.terms("who am I") == ["who", "am", "i"]


@given(st.text(), st.lists(st.text(min_size=1), min_size=1), st.integers(8, 50))
def test_a_window_lies_within_the_text_and_its_size(text: str, words: list[str], size: int) -> None:
    start, end = terms.window(text, words, size)
    assert 0 <= start <= end <= len(text)
    assert end - start <= size

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint import lexemes


def finds(word: str, said: str) -> bool:
    counts = lexemes.counted(said)
    if lexemes.begins(word):
        return any(lexeme.startswith(word.encode()) for lexeme in counts)
    return word.encode() in counts


def every_kind_of_text() -> st.SearchStrategy[str]:
    kinds = st.characters(exclude_categories=["Cs"])
    some = st.sampled_from("aÄ ß'’–«。東京ガｶﾞをสวั한ﷺ㍿İΣς\u0308\u200d\xad\0_-3½™")
    return st.lists(st.one_of(st.text(kinds), st.text(some), st.text(some, min_size=100)), max_size=5).map("".join)


@given(said=every_kind_of_text())
def test_every_text_is_found_by_its_words(said: str) -> None:
    assert all(finds(word, said) for word in lexemes.words(said))


@given(said=every_kind_of_text(), start=st.integers(0, 50), length=st.integers(1, 20))
def test_a_part_of_a_text_between_spaces_finds_it(said: str, start: int, length: int) -> None:
    part = " ".join(said.split(" ")[start : start + length])
    assert all(finds(word, said) for word in lexemes.words(part))


@given(said=every_kind_of_text())
def test_a_lexeme_is_short_and_whole_text(said: str) -> None:
    assert all(lexeme.decode() and len(lexeme) <= lexemes.LONGEST for lexeme in lexemes.counted(said))


def test_an_ascii_text_has_the_same_lexemes_beside_other_letters() -> None:
    said = "It's Rust_2024: e-mail ME at a.b@c.de, x=1"
    assert lexemes.words(said) == ["it", "s", "rust", "2024", "e", "mail", "me", "at", "a", "b", "c", "de", "x", "1"]
    assert lexemes.words(said + " ж")[:-1] == lexemes.words(said)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("Don't, L’eau", ["don", "t", "l", "eau"]),
        ("„Köln“ — «Ünï»…", ["köln", "ünï"]),
        ("foo—bar\u00a0baz\u3000qux", ["foo", "bar", "baz", "qux"]),
        ("ＡＢＣ１２ ｶﾞｽ m²", ["abc12", "ガス", "m2"]),
        ("İstanbul ΟΔΟΣ οδός", ["istanbul", "οδοσ", "οδόσ"]),
        ("東京へiPhoneを、買う", ["東京", "京へ", "iphone", "を", "買う"]),
        ("हिन्दी می\u200cخواهم Donau\xaddampf", ["हिन्दी", "میخواهم", "donaudampf"]),
        ("❤️ 👍🏽 ™", []),
    ],
)
def test_words_end_at_signs_and_are_spelled_in_one_way(said: str, words: list[str]) -> None:
    assert lexemes.words(said) == words


def test_words_are_counted() -> None:
    counts = lexemes.counted("one two Two TWO zwö Zwö")
    assert counts == {b"one": 1, b"two": 3, "zwö".encode(): 2}


@pytest.mark.parametrize(
    "piece", ["a ", "x" * 9, "Ж", "東", "京都", "ﷺ", "㍿", "ก", "\u3099ก", "\u0e38\u0e48", "e\u0301\u0323"]
)
def test_the_longest_texts_are_taken_in_little_time(piece: str) -> None:
    assert lexemes.counted(piece * 100_000) or not lexemes.words(piece)


def test_a_long_word_is_found_by_itself() -> None:
    for word in ("f" * 5_000, "ж" * 5_000, "ab" * 70_000):
        assert all(finds(each, f"see {word} there") for each in lexemes.words(word))

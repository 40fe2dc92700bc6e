from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint import chunking
from soulprint.chunking import TIERS, Chunk
from soulprint.llm import tokens
from soulprint.reading import Dialogue, Talk, Utterance
from tests.rows import NOON

SMALL = [name for name in TIERS if name != "macro"]

words = st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12)
prose = st.lists(words, min_size=1, max_size=400).map(" ".join)
blanks = st.sampled_from([" ", "\n", "\n\n", ". ", "\r\n\r\n", "\t", "。", "! ", "\u2028", "  "])
paragraphs = st.lists(st.tuples(words, blanks), max_size=300).map(lambda pairs: "".join(map("".join, pairs)))
runs = st.tuples(
    st.sampled_from(["x", "漢", "\u0301", "é", "👨‍👩‍👧", "🇩🇪", "क्ष", "각", ".", "Xy1", "\r\n", "한", "ไทย"]),
    st.integers(1, 3_000),
).map(lambda pair: pair[0] * pair[1])
texts = st.one_of(prose, paragraphs, runs, st.text(max_size=600)).filter(lambda text: bool(text.strip()))
conversations = st.lists(texts, max_size=12)


def dialogue(texts: Sequence[str], *, dated: bool = True, started: bool = True) -> Dialogue:
    turns = tuple(
        Utterance(
            message_id=100 + place,
            position=place,
            role="assistant" if place % 2 else "user",
            text=text,
            sent_at=NOON + timedelta(days=place) if dated else None,
            modality="text",
        )
        for place, text in enumerate(texts)
    )
    talk = Talk(uuid.UUID(int=9), "A talk", NOON if started else None, "chatgpt", len(turns))
    return Dialogue(talk, b"hash", turns)


def rebuilt(chunks: Sequence[Chunk]) -> dict[int, str]:
    """Each message's text, put together from what every chunk adds to the ones before it."""
    found: dict[int, str] = {}
    for chunk in chunks:
        shown = chunk.content
        for place, part in enumerate(chunk.parts):
            _, _, shown = shown.partition("] ")
            text, shown = shown[: part.end - part.start], shown[part.end - part.start :]
            assert shown.startswith("\n\n[") or (place == len(chunk.parts) - 1 and not shown)
            have = found.get(part.message_id, "")
            assert part.start <= len(have), "something is missing"
            assert have[part.start :] == text[: len(have) - part.start]
            found[part.message_id] = have[: part.start] + text
    return found


@pytest.mark.parametrize("tier", TIERS)
@given(said=conversations)
@settings(max_examples=60, deadline=None)
def test_no_text_is_lost_and_every_limit_is_kept(tier: str, said: list[str]) -> None:
    asked = dialogue(said)
    chunks = chunking.cut(asked, tier)
    assert rebuilt(chunks) == {turn.message_id: turn.text for turn in asked.turns}
    assert [chunk.number for chunk in chunks] == list(range(len(chunks)))
    for chunk in chunks:
        assert tokens.count(chunk.content) <= chunk.tokens <= TIERS[tier].limit
    assert chunks == chunking.cut(asked, tier)
    assert len({chunk.id for chunk in chunks}) == len(chunks)


@pytest.mark.parametrize("tier", SMALL)
@given(said=st.lists(prose, min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_no_word_is_cut(tier: str, said: list[str]) -> None:
    asked = dialogue(said)
    known = {turn.message_id: turn.text for turn in asked.turns}
    for chunk in chunking.cut(asked, tier):
        for part in chunk.parts:
            text = known[part.message_id]
            for at in (part.start, part.end):
                assert at in {0, len(text)} or borders(text, at)


def borders(text: str, at: int) -> bool:
    """Whether a line may be broken at this place."""
    return text[at - 1].isspace() or "CJK" in unicodedata.name(text[at - 1], "") or is_kana_or_mark(text[at - 1])


def is_kana_or_mark(character: str) -> bool:
    name = unicodedata.name(character, "")
    return any(kind in name for kind in ("HIRAGANA", "KATAKANA", "IDEOGRAPHIC", "FULLWIDTH", "CORNER", "LENTICULAR"))


@pytest.mark.parametrize("tier", SMALL)
@given(said=conversations)
@settings(max_examples=60, deadline=None)
def test_a_chunk_opens_with_the_end_of_the_one_before(tier: str, said: list[str]) -> None:
    asked = dialogue(said)
    order = {turn.message_id: place for place, turn in enumerate(asked.turns)}
    for before, after in pairwise(chunking.cut(asked, tier)):
        shared = [
            (before_part, part)
            for part in after.parts
            for before_part in before.parts
            if part.message_id == before_part.message_id and part.start < before_part.end
        ]
        texts = [asked.turns[order[part.message_id]].text[part.start : was.end] for was, part in shared]
        assert sum(map(tokens.count, texts)) <= TIERS[tier].overlap
        last = before.parts[-1]
        assert (after.parts[-1].message_id, after.parts[-1].end) > (last.message_id, last.end)


def test_ordinary_text_overlaps_by_half_the_promise_at_least() -> None:
    text = "We went down to the harbour and looked at the boats for a while. " * 400
    for tier, size in TIERS.items():
        for before, after in pairwise(chunking.cut(dialogue([text]), tier)):
            shared = text[after.parts[0].start : before.parts[-1].end]
            assert size.overlap / 2 <= tokens.count(shared) <= size.overlap


@pytest.mark.parametrize("tier", TIERS)
def test_every_part_opens_with_speaker_and_date(tier: str) -> None:
    chunks = chunking.cut(dialogue(["word " * 3_000, "answer. " * 3_000, "Thanks"]), tier)
    assert len(chunks) > 1
    for chunk in chunks:
        labels = {100: "[2024-05-12 USER] ", 101: "[2024-05-13 ASSISTANT] ", 102: "[2024-05-14 USER] "}
        assert chunk.content.startswith(labels[chunk.parts[0].message_id])
        assert [part[: part.index("] ") + 2] for part in chunk.content.split("\n\n")] == [
            labels[part.message_id] for part in chunk.parts
        ]
        assert chunk.sent_at == NOON + timedelta(days=chunk.parts[0].message_id - 100)


def test_the_date_is_that_of_the_conversation_where_a_message_has_none() -> None:
    (chunk,) = chunking.cut(dialogue(["Hello"], dated=False), "medium")
    assert (chunk.content, chunk.sent_at) == ("[2024-05-12 USER] Hello", NOON)
    (chunk,) = chunking.cut(dialogue(["Hello"], dated=False, started=False), "medium")
    assert (chunk.content, chunk.sent_at) == ("[undated USER] Hello", None)


def test_a_conversation_without_text_has_no_chunks() -> None:
    assert chunking.cut(dialogue([]), "medium") == []


def test_it_is_cut_between_turns_where_it_can_be() -> None:
    said = ["A sentence of some words. " * 60] * 30
    for chunk in chunking.cut(dialogue(said), "medium"):
        assert chunk.parts[-1].end == len(said[0])


def test_it_is_cut_between_paragraphs_then_sentences() -> None:
    sentences = "We talked for hours that night, about nothing at all. " * 8
    text = (sentences + "\n\n") * 40
    for chunk in chunking.cut(dialogue([text]), "medium"):
        assert text[: chunk.parts[0].end].endswith(" \n\n")
    text = sentences * 40
    for chunk in chunking.cut(dialogue([text]), "medium"):
        assert text[: chunk.parts[0].end].endswith("all. ")


def test_a_long_word_is_kept_whole_while_it_fits() -> None:
    link = "https://example.org/" + "a1b2/" * 150
    assert tokens.count(link) > TIERS["medium"].overlap
    text = f"See {link} and then. " * 30
    chunks = chunking.cut(dialogue([text]), "medium")
    assert len(chunks) > 3
    assert all(text[part.end - 1] == " " for chunk in chunks for part in chunk.parts)


@pytest.mark.parametrize(
    ("character", "count"),
    [
        ("👨‍👩‍👧", 4_000),
        ("🇩🇪", 4_000),
        ("e\u0301", 9_000),
        ("각", 4_000),
        ("क्ष", 4_000),
        ("👍🏽", 4_000),
        ("漢\ufe00", 4_000),
    ],
)
def test_no_character_is_taken_from_its_marks(character: str, count: int) -> None:
    text = character * count
    chunks = chunking.cut(dialogue([text]), "medium")
    assert len(chunks) > 1
    for chunk in chunks:
        assert chunk.parts[0].start % len(character) == 0
        assert chunk.parts[0].end % len(character) == 0


HOSTILE = {
    "one letter": ["x" * 200_000],
    "newlines": ["x" + "\n" * 200_000 + "y"],
    "marks": ["a" + "\u0301" * 100_000],
    "a blank and marks": [" " + "\u0301" * 100_000],
    "joined emoji": ["👩‍👩‍👧‍👦" * 20_000],
    "turns of one word": ["hi"] * 20_000,
    "dots": ["." * 200_000],
    "quotes after dots": [".'" * 100_000],
    "thick and thin": [("😀 " * 30 + " " * 300) * 500],
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_text_is_cut_like_any_other(kind: str) -> None:
    asked = dialogue(HOSTILE[kind])
    for tier, size in TIERS.items():
        chunks = chunking.cut(asked, tier)
        assert rebuilt(chunks) == {turn.message_id: turn.text for turn in asked.turns}
        assert all(chunk.tokens <= size.limit for chunk in chunks)


def test_each_letter_is_counted_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = 0
    count = tokens.count

    def counting(text: str) -> int:
        nonlocal counted
        counted += len(text)
        return count(text)

    monkeypatch.setattr(tokens, "count", counting)
    for said in [*HOSTILE.values(), ["Some ordinary words, and more of them.\n\n" * 3_000] * 2]:
        counted = 0
        chunking.cut(dialogue(said), "medium")
        assert counted <= sum(3 * len(text) + len("\n\n[2024-05-12 ASSISTANT] ") for text in said) + 1_000


@pytest.mark.parametrize(
    ("modality", "label"),
    [
        ("text", "USER"),
        ("voice", "USER"),
        ("attachment", "ATTACHED"),
        ("role_play", "USER IN A ROLE"),
        ("command", "USER COMMANDS"),
    ],
)
def test_what_the_person_doesnt_say_of_themself_is_labelled(modality: str, label: str) -> None:
    said = dialogue(["Hello", "Hi"])
    turns = tuple(replace(turn, modality=modality) for turn in said.turns)
    [chunk] = chunking.cut(replace(said, turns=turns), "micro")
    assert chunk.content == f"[2024-05-12 {label}] Hello\n\n[2024-05-13 ASSISTANT] Hi"

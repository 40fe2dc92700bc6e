"""A text taken apart into pieces of bounded size, at its best borders, in linear time whatever it holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

from soulprint.llm import tokens

CHARACTERS = 4
"""Of ordinary text in a token: what the first look ahead is made by."""

SPARSE = 16
"""The most characters looked at for a token; only runs of blanks have as many."""

LONGEST_CLUSTER = 64
"""Code points of a character with its marks; Unicode's own limit for well-formed text is 31. What goes on longer is cut
within."""

NEAR = 300
"""Characters before a limit in which a sentence mostly ends: looked at first, as the last one is wanted."""

JOINER = "\u200d"

_SENTENCE = re.compile(r"""[.!?…؟।][)\]"'»”’*_]{0,3}\s|[。！？]""")  # bounded, so that no text makes it slow
_WORD = re.compile(r"[\s\u3001-\u3003\u3041-\u30fa\u3400-\u9fff\uf900-\ufaff\uff0c\U00020000-\U0003ffff]")
"""Where a line may be broken after: blanks, and the characters of scripts that are written without them."""
_CONTINUING = re.compile(
    r"[\u1160-\u11ff\ud7b0-\ud7ff\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f"
    r"\u3001\u3002\u300d\u300f\u3011\u30fc\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f]"
)
"""Vowels and finals of Hangul, joiners, skin tones, tags; and what closes a phrase where no blank does."""
_REGIONAL = re.compile(r"[\U0001f1e6-\U0001f1ff]")


class Border(IntEnum):
    """What stands at the end of a piece, the better the higher."""

    INSIDE = 0
    WORD = 1
    SENTENCE = 2
    PARAGRAPH = 3
    TURN = 4


class Piece(NamedTuple):
    """Code points `start` to `end` of a text."""

    start: int
    end: int
    tokens: int
    border: Border


def pieces(text: str, size: int, longest: int) -> Iterator[Piece]:
    """All of `text` in order, in pieces of at most `size` tokens. A word of more than that is a piece of its own, and
    one of more than `longest` tokens is cut between characters. Each stretch is counted a bounded number of times."""
    start, reach = 0, size * CHARACTERS
    while start < len(text):
        piece = _fitting(text, start, reach, size)
        if piece is not None:
            yield piece
            start, reach = piece.end, _reach(piece, reach, size)
            continue
        end = _word_end(text, start)
        for piece in _word(text, start, end, size, longest):
            yield piece
        start, reach = end, size * CHARACTERS


def _reach(piece: Piece, reach: int, size: int) -> int:
    """How far to look for the end of the next piece, by how dense this one was."""
    expected = (piece.end - piece.start) * size * 9 // (piece.tokens * 10)
    return max(8, min(expected, 2 * reach, size * SPARSE))


def _fitting(text: str, start: int, reach: int, size: int) -> Piece | None:
    """The piece from `start` to the best border within reach of which no more than `size` tokens lie; None where no
    border leaves so few."""
    before = len(text) + 1
    while True:
        end, border = last_border(text, start, start + reach)
        if end == start or end >= before:
            return None
        count = tokens.count(text[start:end])
        if count <= size:
            return Piece(start, end, count, border)
        before, reach = end, (end - start) * size * 9 // (count * 10)


def last_border(text: str, start: int, end: int) -> tuple[int, Border]:
    """The best border after `start` and up to `end`, the last of its kind; `start` itself where there is none."""
    if end >= len(text):
        return len(text), Border.TURN
    for blank in ("\n\n", "\n\r\n"):
        at = text.rfind(blank, start, end)
        if at >= 0:
            return _whole(text, start, at + len(blank)), Border.PARAGRAPH
    at = max(text.rfind("\n", start, end) + 1, _last(_SENTENCE, text, start, end))
    if at > start:
        return _whole(text, start, at), Border.SENTENCE
    at = text.rfind(" ", start, end) + 1 or _last(_WORD, text, start, end)
    if at > start:
        return _whole(text, start, at), Border.WORD
    return start, Border.INSIDE


def _last(pattern: re.Pattern[str], text: str, start: int, end: int) -> int:
    """Where the last match ends; `start` where there is none."""
    for first in {max(start, end - NEAR): None, start: None}:
        at = start
        for match in pattern.finditer(text, first, end):
            at = match.end()
        if at > start:
            return at
    return start


def _word_end(text: str, start: int) -> int:
    """The end of the word that begins at `start`, with the blank after it."""
    found = _WORD.search(text, start)
    return _whole(text, start, found.end()) if found else len(text)


def _word(text: str, start: int, end: int, size: int, longest: int) -> Iterator[Piece]:
    border = Border.WORD if end < len(text) else Border.TURN
    count = tokens.count(text[start : min(end, start + longest * SPARSE)])
    if count <= longest and end - start <= longest * SPARSE:
        yield Piece(start, end, count, border)
        return
    reach = size * CHARACTERS
    while start < end:
        piece = _inside(text, start, min(end, start + reach), size)
        yield piece if piece.end < end else piece._replace(border=border)
        start, reach = piece.end, _reach(piece, reach, size)


def _inside(text: str, start: int, end: int, size: int) -> Piece:
    """A piece of a word that ends between two characters; one character of more than `size` tokens is let be."""
    while True:
        end = _whole(text, start, end)
        count = tokens.count(text[start:end])
        shorter = (end - start) * size * 9 // (count * 10)
        if count <= size or _whole(text, start, start + max(1, shorter)) >= end:
            return Piece(start, end, count, Border.INSIDE)
        end = start + max(1, shorter)


def _whole(text: str, start: int, end: int) -> int:
    """`end` moved on to where a character ends with all its marks (a grapheme cluster of UAX 29, roughly), when it
    begins after `start`."""
    stop = min(len(text), end + LONGEST_CLUSTER)
    while end < stop and _continues(text, start, end):
        end += 1
    return end


def _continues(text: str, start: int, at: int) -> bool:
    """Whether the character at `at` belongs to the one before it."""
    character, before = text[at], text[at - 1]
    if character < "\u0300" and before != JOINER:
        return character == "\n" and before == "\r"
    if unicodedata.category(character)[0] == "M" or _CONTINUING.match(character):
        return True
    if before == JOINER or unicodedata.combining(before) == 9:  # the next letter of a conjunct hangs on a virama
        return True
    return _REGIONAL.match(character) is not None and _flags_open(text, start, at)


def _flags_open(text: str, start: int, at: int) -> bool:
    """Whether the letter before `at` is the first half of a flag."""
    first = at
    while first > start and _REGIONAL.match(text[first - 1]):
        first -= 1
    return (at - first) % 2 == 1

"""Whether a quote stands in a message and where, and why what it says may still be no fact about the person."""

from __future__ import annotations

import re
import unicodedata
from array import array
from bisect import bisect_right
from datetime import datetime
from functools import cached_property
from itertools import accumulate, islice

from soulprint.facts.proving import orders, voice, wording
from soulprint.llm import masking

Span = tuple[int, int]


def prove(quote: str, text: str) -> Span | None:
    """Where `quote` stands in `text`, as start and end in code points, or None; the first place, if there are several.

    Unicode's forms, case, white space, invisible characters, and the kinds of quotation marks, apostrophes, dashes and
    dots are let pass, and marks that were put around the quote. Words are compared whole, one by one; so are the
    characters of scripts without spaces. No grapheme is cut. Linear in the length of both."""
    return Message(text).prove(quote)


def refusal(statement: str, span: Span, text: str, *, said_at: datetime | None) -> str | None:
    """Why a finding whose quote stands at `span` of the message `text` is no fact all the same, or None.

    `statement` is what was made of it, `said_at` when the message was sent. The reason is one of a few fixed ones."""
    return Message(text, said_at).refusal(statement, span)


class Message:
    """One message, looked through once for all that is found in it."""

    def __init__(self, text: str, said_at: datetime | None = None) -> None:
        self.text = text
        self._voice = voice.Message(text)
        self._orders = orders.Message(text)
        self._wording = wording.Message(text, said_at)

    def prove(self, quote: str) -> Span | None:
        """As the function of this name."""
        sought = _FOLDED.split(_fold(quote))[1::2]
        for tokens in (sought, _bare(sought)):
            at = self._joined.find(f" {' '.join(tokens)} ") if any(map(_says, tokens)) else -1
            if at >= 0:
                first = self._joined.count(" ", 0, at)
                return self._span(first, first + len(tokens) - 1)
        return None

    def refusal(self, statement: str, span: Span) -> str | None:
        """As the function of this name."""
        said = self.text[span[0] : span[1]]
        if not wording.is_usable(statement, said):
            return "unusable statement"
        if not wording.is_enough(said):
            return "quote too short"
        if self._holds_secret(statement, span):
            return "secret"
        if orders.is_bent(statement) or self._orders.is_order(span):
            return "instruction to the model"
        if self._voice.is_supposed(span):
            return "hypothetical"
        if not self._voice.is_own(span):
            return "not their own words"
        return None if self._wording.tells(statement) else "statement not in quote"

    def _holds_secret(self, statement: str, span: Span) -> bool:
        told = any(one.start < span[1] and span[0] < one.end for one in self._secrets)
        return told or bool(masking.find(statement))

    def _span(self, first: int, last: int) -> Span:
        """From the beginning of the first token to the end of the last in the text itself."""
        places = list(islice(_FOLDED.finditer(self._folded), first, last + 1))
        start, end = places[0].start(), places[-1].end()
        return _whole(self.text, bisect_right(self._ends, start), bisect_right(self._ends, end - 1) + 1)

    @cached_property
    def _folded(self) -> str:
        return _fold(self.text)

    @cached_property
    def _joined(self) -> str:
        return f" {' '.join(self._folded.split())} "

    @cached_property
    def _ends(self) -> array[int]:
        """Where each code point of the text ends in the folded text."""
        return array("q", accumulate(map(len, map(_FOLDS.__getitem__, map(ord, self.text)))))

    @cached_property
    def _secrets(self) -> list[masking.Secret]:
        return masking.find(self.text)


def _fold(text: str) -> str:
    """`text` with what doesn't count made equal, and spaces around all that isn't part of a word."""
    folded = text.translate(_FOLDS)
    if _MARK in folded:
        folded = _APART.sub(r"\1 ", folded)
        folded = _MARKS.sub(_ordered, folded)
    return _NEGATED.sub("\x01'\x01t", _AGAIN.sub(lambda run: run[1].ljust(len(run[0])), folded))


def _whole(text: str, start: int, end: int) -> Span:
    """The span widened to whole graphemes: emoji joined to one, flags, what modifies a sign."""
    while start and (text[start] in _MODIFIERS or (text[start - 1] == _JOINER and _is_symbol(text[start]))):
        start -= 1
    start -= _flags_before(text, start) % 2
    end += _flags_before(text, end) % 2 if text[end : end + 1] in _FLAGS else 0
    while end < len(text):
        joined = text[end - 1] == _JOINER and _is_symbol(text[end])
        if not (joined or text[end] in _MODIFIERS or _category(text[end]).startswith("M") or _joins(text, end)):
            break
        end += 1
    return start, end


def _joins(text: str, position: int) -> bool:
    return text[position] == _JOINER and _is_symbol(text[position + 1 : position + 2])


def _is_symbol(sign: str) -> bool:
    return bool(sign) and _category(sign) == "So"


def _flags_before(text: str, position: int) -> int:
    """How many halves of flags stand in a row before a position that has another at it."""
    if text[position : position + 1] not in _FLAGS:
        return 0
    start = position
    while start and text[start - 1] in _FLAGS:
        start -= 1
    return position - start


def _bare(tokens: list[str]) -> list[str]:
    """The tokens without the marks that may have been put around them."""
    start, end = 0, len(tokens)
    while start < end and tokens[start] in _OPENING:
        start += 1
    while start < end and tokens[end - 1] in _CLOSING:
        end -= 1
    return tokens[start:end]


def _says(token: str) -> bool:
    return token not in _CLOSING


class _Folds(dict[int, str]):
    """What each code point becomes, found out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = "".join(_folded(sign) for sign in _plain(chr(code)))
        return folded


def _plain(sign: str) -> str:
    """Compatibility decomposition without case (Unicode 15, D146, "compatibility caseless match")."""
    if sign in "ıİ":
        return "i"
    decomposed = unicodedata.normalize("NFKD", sign)
    return unicodedata.normalize("NFKD", decomposed.casefold())


def _folded(sign: str) -> str:
    kind = _category(sign)
    if kind == "Cf" or sign in _INVISIBLE:
        return ""
    if kind in ("Zs", "Zl", "Zp", "Cc") or sign.isspace():
        return " "
    if kind.startswith("M"):
        return _MARK + sign
    alike = _ALIKE.get(sign) or ("-" if kind == "Pd" else sign)
    return alike if (alike.isalnum() or alike == "_") and not _SPACELESS.match(alike) else f" {alike} "


def _ordered(marks: re.Match[str]) -> str:
    """Marks on one letter in canonical order, however they were typed."""
    signs = sorted(marks[0].replace(_MARK, ""), key=unicodedata.combining)
    return "".join(_MARK + sign for sign in signs)


_category = unicodedata.category
_MARK = "\b"
"""Stands before a combining mark. No text keeps one of its own: it is folded to a space."""

_APART = re.compile(r" ((?:\x08[^\x08 ])+)")
_MARKS = re.compile(r"(?:\x08[^\x08 ]){2,}")
_AGAIN = re.compile(r"([.'-])(?: +\1(?= ))+")
_NEGATED = re.compile(r"(?<=n) ' t(?![^ ])")
"""In "can't" is no "can"."""

_FOLDED = re.compile(r"([^ ]+)")

_ALIKE = (
    dict.fromkeys("\"'`´‘’‚‛“”„‟«»‹›′″‵‶「」『』《》〈〉〝〞〟ʹʺʻʼʽˈ׳״", "'")
    | dict.fromkeys("。｡．", ".")
    | {"−": "-", "ー": "ー"}
)
_INVISIBLE = frozenset(
    map(chr, (*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0), 0x034F, 0x115F, 0x1160, 0x3164, 0xFFA0))
)
_SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
"""Scripts without spaces between words: Thai, Lao, Burmese, Khmer, kana, Han."""

_JOINER = "\u200d"
_MODIFIERS = frozenset(map(chr, (*range(0x1F3FB, 0x1F400), *range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080), 0x20E3)))
"""Skin tones, forms of emoji, tags and the keycap."""

_FLAGS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_OPENING = frozenset("'.-(")
_CLOSING = frozenset("'.-,;:)")
_FOLDS = _Folds()

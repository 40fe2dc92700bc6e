"""Text in, the lexemes it is found by out: the same for what is stored and for what is asked.

A lexeme is a run of letters and digits in lower case. Everything else is a border, apostrophes too, so that "eau" finds
"l'eau". Scripts without spaces give overlapping pairs of characters.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

LONGEST_TEXT = 60_000
"""Code points of a text that are looked at."""

LONGEST = 100
"""Bytes of a lexeme. A longer word is found by its beginning."""


def counted(text: str) -> dict[bytes, int]:
    """The lexemes of a text and how often each occurs."""
    text = text[:LONGEST_TEXT]
    counts: dict[bytes, int] = Counter(_split(text))
    if text.isascii():
        is_ready = max(map(len, counts), default=0) <= LONGEST
        unready = [] if is_ready else [word for word in counts if len(word) > LONGEST]
    else:
        unready = [word for word in counts if len(word) > LONGEST or not word.isascii()]
    for word in unready:
        count = counts.pop(word)
        for lexeme in _known(word) if len(word) <= LONGEST else _lexemes(word):
            counts[lexeme] = counts.get(lexeme, 0) + count
    return counts


def words(question: str) -> list[str]:
    """The lexemes that a question asks for, in its order and with its repeats."""
    found = []
    for word in _split(question[:LONGEST_TEXT]):
        for run in _runs(word):
            found += _pairs(run)[: max(1, len(run) - 1)] if _SPACELESS.match(run) else [_cut(run)]
    return found


def begins(word: str) -> bool:
    """Whether one of `words` finds all lexemes that begin with it: a character of a script without spaces that stands
    alone, and Korean words, which have their particles without a space behind them."""
    return bool(_SYLLABLES.match(word)) or (len(word) == 1 and bool(_SPACELESS.match(word)))


def _split(text: str) -> list[bytes]:
    """The words as ASCII sees them, other characters taken for letters."""
    return text.encode("utf-8", "replace").translate(_ASCII).split()


def _lexemes(word: bytes) -> list[bytes]:
    found: list[str] = []
    for run in _runs(word):
        found += _pairs(run) if _SPACELESS.match(run) else [_cut(run)]
    return [each.encode() for each in found]


# People use few different words, and most of them again and again.
_known = lru_cache(20_000)(_lexemes)


def _runs(word: bytes) -> list[str]:
    """The parts of a word that are all of scripts with spaces, or all of scripts without."""
    spelled = word.decode().translate(_LETTERS)
    return [run for part in spelled.split() for run in _RUNS.findall(_composed(part))]


def _composed(text: str) -> str:
    """With accents joined to their letters. Piece by piece, as Unicode's order of accents takes quadratic time."""
    pieces = range(0, len(text), LONGEST)
    return "".join([unicodedata.normalize("NFC", text[start : start + LONGEST]) for start in pieces])


def _pairs(run: str) -> list[str]:
    """Each character with the next; the last is alone, so that every one begins a lexeme."""
    return [run[start : start + 2] for start in range(len(run))]


def _cut(run: str) -> str:
    return run if len(run) <= LONGEST // 4 else run.encode()[:LONGEST].decode("utf-8", "ignore")


class _Letters(dict[int, str]):
    """Code point -> how a lexeme spells it, a space where it is a border. Fills itself."""

    MOST = 50_000

    def __missing__(self, point: int) -> str:
        spelled = "" if point in _UNSEEN else _spelled(chr(point))
        if len(self) < self.MOST:
            self[point] = spelled
        return spelled


def _spelled(character: str) -> str:
    plain = unicodedata.normalize("NFKC", character) if _is_letter(character) else " "
    return "".join([each.lower()[0] if _is_letter(each) else " " for each in plain])


def _is_letter(character: str) -> bool:
    return unicodedata.category(character) in _CATEGORIES


_CATEGORIES = frozenset(("Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl", "No"))
_UNSEEN = frozenset((0xAD, 0x200C, 0x200D, 0x2060, *range(0xFE00, 0xFE10)))
"""Soft hyphens, joiners and variants of the look: the word is the same without them."""
_LETTERS = _Letters({ord("ς"): "σ"})
_ASCII = bytes(byte if byte > 127 or chr(byte).isalnum() else 32 for byte in range(256)).lower()
_SPACELESS = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\ua9e0-\ua9ff\uaa60-\uaa7f]+"
)
"""Han and kana, Thai and Lao, Burmese, Khmer."""
_RUNS = re.compile(f"{_SPACELESS.pattern}|[^{_SPACELESS.pattern[1:-2]}]+")

_SYLLABLES = re.compile("[\uac00-\ud7a3]{2}")
"""Hangul writes a syllable a character, and particles without a space behind the word."""

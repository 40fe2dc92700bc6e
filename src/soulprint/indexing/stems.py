"""Words in, what they are searched by out: the stem by the rules of their language, without accents, and nothing for
words of grammar."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import functools
import unicodedata

import Stemmer  # type: ignore[import-not-found]

from soulprint.measuring.words import GRAMMAR

ALGORITHMS = dict(
    pair.split(":")
    for pair in (
        "ar:arabic ca:catalan cs:czech da:danish de:german el:greek en:english es:spanish et:estonian fa:persian "
        "fi:finnish fr:french hi:hindi hu:hungarian id:indonesian it:italian lt:lithuanian nl:dutch no:norwegian "
        "pl:polish pt:portuguese ro:romanian ru:russian sr:serbian sv:swedish tr:turkish"
    ).split()
)
"""ISO 639-1 -> the Snowball algorithm (https://snowballstem.org). Words of other languages stay whole."""

_FOLDED = {
    point: plain
    for point in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00))
    if (plain := unicodedata.normalize("NFKD", chr(point))[0]) and plain.isascii() and plain != chr(point)
}
"""Latin letters with accents -> those without."""

_FRAGMENTS = {part for word in GRAMMAR if "'" in word for part in word.split("'")} - {"won"}
"""What lexemes make of "don't" and "l'eau"."""

_GRAMMAR = frozenset(word.encode() for word in GRAMMAR | _FRAGMENTS if "'" not in word)


class Stems(dict[bytes, bytes]):
    """Lexeme -> its stem in one language, nothing where it isn't searched for. Fills itself."""

    MOST = 200_000

    def __init__(self, language: str | None) -> None:
        super().__init__()
        self._stemmer = Stemmer.Stemmer(ALGORITHMS[language], 0) if language in ALGORITHMS else None

    def __missing__(self, lexeme: bytes) -> bytes:
        stem = b"" if _is_empty(lexeme) else self._stem(lexeme)
        if len(self) < self.MOST:
            self[lexeme] = stem
        return stem

    def _stem(self, lexeme: bytes) -> bytes:
        word = lexeme.decode()
        stem: str = self._stemmer.stemWord(word) if self._stemmer and not word.isdigit() else word
        return stem.translate(_FOLDED).encode()


@functools.lru_cache(maxsize=40)
def stems(language: str | None) -> Stems:
    """The stems of one language, an ISO 639-1 code; without one, words stay as they are."""
    return Stems(language)


def stemmed(word: str, language: str | None) -> str:
    """What `word`, a lexeme, is searched by in texts of `language`; empty for a word of grammar."""
    return stems(language)[word.encode()].decode()


def _is_empty(lexeme: bytes) -> bool:
    return lexeme in _GRAMMAR or (len(lexeme) == 1 and not lexeme.isdigit())

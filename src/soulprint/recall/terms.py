"""A question as the words worth searching for, and the part of a text that holds them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from soulprint import lexemes
from soulprint.measuring.words import GRAMMAR

MOST = 24
"""How many words of a question are searched for."""


def terms(question: str) -> list[str]:
    """The lexemes of `question`, without stop words and repeats; all of them when nothing else is left."""
    words = list(dict.fromkeys(lexemes.words(question)))
    telling = [word for word in words if word not in GRAMMAR and (len(word) > 1 or not word.isascii())]
    return (telling or words)[:MOST]


def window(text: str, words: Sequence[str], size: int) -> tuple[int, int]:
    """Start and end of the at most `size` code points of `text` that begin near the first of `words`, cut at spaces."""
    if len(text) <= size:
        return 0, len(text)
    hit = re.search("|".join(map(re.escape, words)), text, re.IGNORECASE)
    start = max(0, (hit.start() if hit else 0) - size // 4)
    if start > 0:
        start = text.find(" ", start, start + size // 4) + 1 or start
    end = min(len(text), start + size)
    if end < len(text):
        end = text.rfind(" ", start + size // 2, end) if " " in text[start + size // 2 : end] else end
    return start, end

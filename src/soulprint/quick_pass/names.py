"""A name for the assistant where no model chooses one: always the same for the same person."""

from __future__ import annotations

import hashlib

NAMES = tuple(
    """
    Alder Anouk Arden Auri Birk Briar Calla Cleo Corin Dara Edda Elio Ember Enna Fenn Fior Galen Halden Hazel Idris
    Ilva Isolde Juna Juno Kaito Kestrel Lark Linden Liv Lumen Maren Mika Mirra Nell Nika Odile Orla Oslo Pell Petra
    Quill Ravi Remy Rhea Rowan Rune Sable Saga Selma Sorrel Tamsin Tansy Tarn Thea Tove Una Vesper Wren Yara Zora
    """.split()  # noqa: SIM905 - a list of names reads best as names
)
"""Pleasant, short, and none of them a well-known assistant."""


def chosen(seed: str, taken: str = "") -> str:
    """The name for a seed, such as the person's account; never one of the words of `taken` (what the person wrote)."""
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) % len(NAMES)
    others = set(taken.lower().split())
    ordered = (*NAMES[start:], *NAMES[:start])
    return next((name for name in ordered if name.lower() not in others), ordered[0])

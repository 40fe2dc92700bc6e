"""A name for the assistant where no model chooses one: always the same for the same person."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable

NAMES = tuple(
    """
    Alder Anouk Arden Auri Birk Briar Calla Cleo Corin Dara Edda Elio Ember Enna Fenn Fior Galen Halden Hazel Idris
    Ilva Isolde Juna Juno Kaito Kestrel Lark Linden Liv Lumen Maren Mika Mirra Nell Nika Odile Orla Oslo Pell Petra
    Quill Ravi Remy Rhea Rowan Rune Sable Saga Selma Sorrel Tamsin Tansy Tarn Thea Tove Una Vesper Wren Yara Zora
    """.split()  # noqa: SIM905 - a list of names reads best as names
)
"""Pleasant, short, and none of them a well-known assistant."""


def chosen(person: str, history: Iterable[uuid.UUID] = ()) -> str:
    """The name for somebody who is called `person`, never a part of that; where nobody knows it, the name for whoever
    had these conversations."""
    seed = person or str(min(history, default=""))
    start = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) % len(NAMES)
    others = set(person.lower().split())
    ordered = (*NAMES[start:], *NAMES[:start])
    return next((name for name in ordered if name.lower() not in others), ordered[0])

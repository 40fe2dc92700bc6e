"""MEMORY without a language model: the person's own sentences, the surest of each kind, said once each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from soulprint.facts import pieces
from soulprint.facts.shapes import FactView
from soulprint.llm import tokens
from soulprint.memory import showing
from soulprint.quick_pass import material
from soulprint.quick_pass.material import Piece
from soulprint.records.sections import MemoryPart
from soulprint.settings import Settings

MOST_LINES = 48
"""Of one part."""

MOST_TOKENS = 4_000
"""Of MEMORY in all: what one part doesn't need is left to those after it."""


def write(facts: Sequence[FactView], settings: Settings) -> list[MemoryPart]:
    """The parts of MEMORY from facts that hold: in each the surest that can be read by themselves, the newest first."""
    titles = showing.titles(settings)
    found = {name: pieces.pieces(fact for fact in facts if fact.category == name) for name in titles}
    said: list[Piece] = []
    parts, left = [], MOST_TOKENS
    for place, (name, title) in enumerate(titles.items()):
        chosen = _chosen(found[name], said, left // (len(titles) - place))
        said += chosen
        left -= sum(tokens.count(piece.text) for piece in chosen)
        parts.append(MemoryPart(title=title, lines=material.newest(chosen)))
    return parts


def _chosen(found: Iterable[Piece], said: Sequence[Piece], room: int) -> list[Piece]:
    """The best pieces that read well alone and say nothing that one before says, within so many tokens."""
    chosen: list[Piece] = []
    for piece in found:
        size = tokens.count(piece.text)
        if len(chosen) == MOST_LINES or room < size:
            break
        if pieces.reads_alone(piece) and not any(material.alike(piece, other) for other in (*said, *chosen)):
            chosen.append(piece)
            room -= size
    return chosen

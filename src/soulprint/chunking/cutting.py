"""A conversation cut into chunks: pieces packed up to the limit, and cut back to the best border near it."""

from __future__ import annotations

import uuid
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from soulprint.chunking.pieces import Border, Piece, pieces
from soulprint.chunking.shapes import TIERS, Chunk, Part, Tier
from soulprint.llm import tokens
from soulprint.reading import Dialogue, Utterance

SEPARATOR = "\n\n"

JOINT = 2
"""Tokens added for each piece: text counted in pieces can come to less than as a whole, by what spans their borders."""

FILLED = {Border.TURN: 0.5, Border.PARAGRAPH: 0.7, Border.SENTENCE: 0.85}
"""How full a chunk is at least that ends at such a border although more would fit in."""


def cut(dialogue: Dialogue, tier: str) -> list[Chunk]:
    """The chunks of a conversation in the sizes of `tier`, one of `TIERS`; none of one without text. The same for the
    same conversation, and in time that grows with its text alone."""
    sheet = _laid_out(dialogue, TIERS[tier])
    spans = _spans(sheet, TIERS[tier])
    return [_chunk(dialogue, tier, number, sheet, *span) for number, span in enumerate(spans)]


def label(moment: datetime | None, role: str) -> str:
    """What a part of a chunk opens with: `[2024-05-03 USER]`."""
    return f"[{moment.date() if moment else 'undated'} {role.upper()}]"


@dataclass(slots=True)
class Sheet:
    """All pieces of a conversation in a row."""

    turns: list[int] = field(default_factory=list)
    """Of each piece, the place of its turn."""
    pieces: list[Piece] = field(default_factory=list)
    before: list[int] = field(default_factory=lambda: [0])
    """Tokens before each piece, and of all at the end; a turn's label is counted with its first piece."""
    labels: list[int] = field(default_factory=list)
    """Of each turn, the tokens of its label."""

    def add(self, turn: int, piece: Piece) -> None:
        opening = 0 if piece.start else self.labels[turn]
        self.turns.append(turn)
        self.pieces.append(piece)
        self.before.append(self.before[-1] + opening + piece.tokens + JOINT)

    def lead(self, start: int) -> int:
        """Tokens of the label that a chunk beginning with the piece needs besides those counted in `before`."""
        return self.labels[self.turns[start]] if self.pieces[start].start else 0


def _laid_out(dialogue: Dialogue, tier: Tier) -> Sheet:
    sheet = Sheet()
    known: dict[str, int] = {}
    for place, turn in enumerate(dialogue.turns):
        name = label(_moment(dialogue, turn), turn.role)
        if name not in known:
            known[name] = tokens.count(f"{SEPARATOR}{name} ") + JOINT
        sheet.labels.append(known[name])
        for piece in pieces(turn.text, tier.overlap // 2 - JOINT, tier.limit - known[name] - JOINT):
            sheet.add(place, piece)
    return sheet


def _spans(sheet: Sheet, tier: Tier) -> Iterator[tuple[int, int]]:
    """Of each chunk, its first piece and the one after its last."""
    start = done = 0
    while done < len(sheet.pieces):
        end = _end(sheet, start, tier.limit)
        if end <= done:  # a long word leaves no room for an overlap
            start = done
            end = max(_end(sheet, start, tier.limit), start + 1)
        yield start, end
        start, done = _overlapping(sheet, start, end, tier.overlap), end


def _end(sheet: Sheet, start: int, limit: int) -> int:
    """Where the chunk that begins at `start` ends: at the best border that leaves it well filled, within the limit."""
    base = sheet.before[start] - sheet.lead(start)
    last = bisect_right(sheet.before, base + limit, start) - 1
    if last >= len(sheet.pieces):
        return len(sheet.pieces)
    for border, share in FILLED.items():
        first = bisect_left(sheet.before, base + limit * share, start + 1, last + 1)
        found = next((end for end in range(last, first - 1, -1) if sheet.pieces[end - 1].border >= border), None)
        if found is not None:
            return found
    return last


def _overlapping(sheet: Sheet, start: int, end: int, overlap: int) -> int:
    """The piece that the next chunk begins with, after one from `start` to `end`."""
    first = bisect_left(sheet.before, sheet.before[end] - overlap, start + 1, end)
    last = bisect_right(sheet.before, sheet.before[end] - overlap / 2, first, end) - 1
    for border in FILLED:
        found = next((place for place in range(first, last + 1) if sheet.pieces[place - 1].border >= border), None)
        if found is not None:
            return found
    return first


def _chunk(dialogue: Dialogue, tier: str, number: int, sheet: Sheet, start: int, end: int) -> Chunk:
    parts = tuple(_parts(dialogue, sheet, start, end))
    first = dialogue.turns[sheet.turns[start]]
    return Chunk(
        id=uuid.uuid5(dialogue.talk.id, f"{tier} {number}"),
        tier=tier,
        number=number,
        content=SEPARATOR.join(text for _, text in parts),
        parts=tuple(part for part, _ in parts),
        tokens=sheet.before[end] - sheet.before[start] + sheet.lead(start),
        sent_at=_moment(dialogue, first),
    )


def _parts(dialogue: Dialogue, sheet: Sheet, start: int, end: int) -> Iterator[tuple[Part, str]]:
    for place, group in groupby(range(start, end), key=sheet.turns.__getitem__):
        turn = dialogue.turns[place]
        mine = [*group]
        part = Part(turn.message_id, sheet.pieces[mine[0]].start, sheet.pieces[mine[-1]].end)
        yield part, f"{label(_moment(dialogue, turn), turn.role)} {turn.text[part.start : part.end]}"


def _moment(dialogue: Dialogue, turn: Utterance) -> datetime | None:
    return turn.sent_at or dialogue.talk.started_at

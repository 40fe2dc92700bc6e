"""A conversation cut into chunks: pieces packed up to the limit, and cut back to the best border near it."""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from soulprint.chunking.pieces import Border, Piece, pieces
from soulprint.chunking.shapes import TIERS, Chunk, Part, Tier
from soulprint.kinds import Modality, Role
from soulprint.llm import tokens
from soulprint.reading import Dialogue, Utterance

SEPARATOR = "\n\n"

FOREIGN: Mapping[str, str] = {
    Modality.ATTACHMENT: "ATTACHED",
    Modality.ROLE_PLAY: "USER IN A ROLE",
    Modality.COMMAND: "USER COMMANDS",
}
"""What a turn of the person's is that isn't what they say of themself."""

JOINT = 2
"""Tokens added for each piece: text counted in pieces can come to less than as a whole, by what spans their borders."""

COARSE = 5
"""Pieces are first made of this part of a chunk, and finer only where a chunk ends or begins: most text is counted
once."""

FILLED = {Border.TURN: 0.5, Border.PARAGRAPH: 0.7, Border.SENTENCE: 0.85, Border.INSIDE: 0.0}
"""How full a chunk is at least that ends at such a border although more would fit in."""


def cut(dialogue: Dialogue, tier: str) -> list[Chunk]:
    """The chunks of a conversation in the sizes of `tier`, one of `TIERS`; none of one without text. The same for the
    same conversation, and in time that grows with its text alone."""
    packing = Packing(dialogue, TIERS[tier])
    return [_chunk(packing, tier, number, *span) for number, span in enumerate(packing.spans())]


class Laid(NamedTuple):
    """A piece in its conversation."""

    turn: int
    """The place of its turn."""
    piece: Piece
    cost: int
    """Tokens, with those of the label where it opens its turn."""
    coarse: bool
    """Whether it can be taken apart further."""


class Packing:
    """The pieces of a conversation on their way into chunks."""

    def __init__(self, dialogue: Dialogue, tier: Tier) -> None:
        self.dialogue = dialogue
        self.tier = tier
        self.size = tier.overlap // 2 - JOINT
        self.labels = [_label(dialogue, turn) for turn in dialogue.turns]
        known = {name: tokens.count(f"{SEPARATOR}{name} ") + JOINT for name in {*self.labels}}
        self.label_tokens = [known[name] for name in self.labels]
        self.source = self._laid_out()
        self.ahead: deque[Laid] = deque()
        """Pieces to be taken before more are drawn from the source."""

    def spans(self) -> Iterator[tuple[list[Laid], int]]:
        """The pieces of each chunk, and its tokens."""
        packed, spent = self._filled([])
        while packed:
            yield packed, spent
            first = self._next()
            if first is None:
                return
            self.ahead.appendleft(first)
            packed, spent = self._filled(self._overlap(packed))

    def _laid_out(self) -> Iterator[Laid]:
        size = self.tier.limit // COARSE
        for place, turn in enumerate(self.dialogue.turns):
            for piece in pieces(turn.text, size, self._longest(place)):
                yield self._laid(place, piece, coarse=piece.tokens > self.size)

    def _laid(self, place: int, piece: Piece, *, coarse: bool) -> Laid:
        opening = 0 if piece.start else self.label_tokens[place]
        return Laid(place, piece, piece.tokens + JOINT + opening, coarse)

    def _longest(self, place: int) -> int:
        """The tokens of the longest word that fits into a chunk."""
        return self.tier.limit - self.label_tokens[place] - JOINT

    def _next(self) -> Laid | None:
        return self.ahead.popleft() if self.ahead else next(self.source, None)

    def _lead(self, first: Laid) -> int:
        """Tokens of the label that a chunk beginning with the piece needs besides its cost."""
        return self.label_tokens[first.turn] if first.piece.start else 0

    def _filled(self, packed: list[Laid]) -> tuple[list[Laid], int]:
        """A chunk that opens with the overlap `packed` and goes on to the best border within the limit; its tokens."""
        carried = len(packed)
        spent = sum(laid.cost for laid in packed) + (self._lead(packed[0]) if packed else 0)
        while (laid := self._next()) is not None:
            cost = laid.cost + (0 if packed else self._lead(laid))
            if not packed or spent + cost <= self.tier.limit:
                packed.append(laid)
                spent += cost
                continue
            end, spent_there = self._best_end(packed, carried, spent, turns_only=laid.coarse)
            if end:
                self.ahead.appendleft(laid)
                self.ahead.extendleft(reversed(packed[end:]))
                return packed[:end], spent_there
            if laid.coarse:
                self.ahead.extendleft(reversed(self._finer(laid)))
            else:  # a long word leaves no room for an overlap
                self.ahead.appendleft(laid)
                packed, carried, spent = [], 0, 0
        return packed, spent

    def _best_end(self, packed: Sequence[Laid], carried: int, spent: int, *, turns_only: bool) -> tuple[int, int]:
        """How many of the pieces to keep, to end at the best border that leaves the chunk well filled, and the tokens
        of those; 0 where there is no such border after the overlap."""
        for border, share in FILLED.items():
            end, there = len(packed), spent
            while end > carried and there >= share * self.tier.limit:
                if packed[end - 1].piece.border >= border:
                    return end, there
                end -= 1
                there -= packed[end].cost
            if turns_only:
                break
        return 0, 0

    def _finer(self, laid: Laid) -> list[Laid]:
        """The same text in small pieces."""
        start, end = laid.piece.start, laid.piece.end
        text = self.dialogue.turns[laid.turn].text[start:end]
        found = [
            Piece(start + piece.start, start + piece.end, piece.tokens, piece.border)
            for piece in pieces(text, self.size, self._longest(laid.turn))
        ]
        found[-1] = found[-1]._replace(border=laid.piece.border)
        return [self._laid(laid.turn, piece, coarse=False) for piece in found]

    def _overlap(self, packed: list[Laid]) -> list[Laid]:
        """The last pieces of a chunk, for the next one to open with: from the best border on that leaves at least half
        of what an overlap may be."""
        rest, taken, borders, spent = [*packed], deque[Laid](), deque[Border](), 0
        while rest:
            laid = rest.pop()
            if spent + laid.cost <= self.tier.overlap:
                taken.appendleft(laid)
                spent += laid.cost
                borders.appendleft(rest[-1].piece.border if rest else Border.TURN)
            elif laid.coarse:
                rest.extend(self._finer(laid))
            else:
                break
        best = first = 0
        while first < len(taken) and spent >= self.tier.overlap / 2:
            best = first if borders[first] > borders[best] else best
            spent -= taken[first].cost
            first += 1
        return [*taken][best:]


def _chunk(packing: Packing, tier: str, number: int, packed: list[Laid], spent: int) -> Chunk:
    dialogue = packing.dialogue
    parts: list[Part] = []
    texts: list[str] = []
    for place, group in groupby(packed, key=attrgetter("turn")):
        turn, mine = dialogue.turns[place], [*group]
        part = Part(turn.message_id, mine[0].piece.start, mine[-1].piece.end)
        parts.append(part)
        texts.append(f"{packing.labels[place]} {turn.text[part.start : part.end]}")
    return Chunk(
        id=uuid.uuid5(dialogue.talk.id, f"{tier} {number}"),
        tier=tier,
        number=number,
        content=SEPARATOR.join(texts),
        parts=tuple(parts),
        tokens=spent,
        sent_at=dialogue.said_at(dialogue.turns[packed[0].turn]),
    )


def _label(dialogue: Dialogue, turn: Utterance) -> str:
    """What a part of a chunk opens with: `[2024-05-03 USER]`."""
    moment = dialogue.said_at(turn)
    speaker = FOREIGN.get(turn.modality) if turn.role == Role.USER else None
    return f"[{moment.date() if moment else 'undated'} {speaker or turn.role.upper()}]"

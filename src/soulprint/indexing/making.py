"""Conversations cut into passages: each turn one, a long turn several, with what each is found by."""

from __future__ import annotations

import itertools
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from soulprint import lexemes
from soulprint.chunking import pieces
from soulprint.indexing import names, stems
from soulprint.kinds import Modality, Role
from soulprint.measuring import languages
from soulprint.reading import Dialogue, Utterance

WHOLE = 1200
"""Code points of a turn that is one passage."""
PIECE = 1000
"""Code points of a piece of a longer one: what a small embedder reads without cutting it."""

LEFT_OUT = (Modality.ATTACHMENT, Modality.ROLE_PLAY)
"""Files are nobody's words, and what is said in a part is true of nobody: an answer that quotes them would mislead."""

AROUND = ((-2, 0.25), (-1, 0.5), (0, 1.0), (1, 0.5), (2, 0.25))
"""The passages whose words count for one, and how much: places from it and weights. Measured, see evals/recall."""

SAMPLE = 400
"""Code points by which a conversation's language is told."""


@dataclass(slots=True)
class Made:
    """A passage without its number."""

    message_id: int
    by_person: bool
    start: int
    end: int
    said_at: datetime | None
    counts: dict[bytes, int]
    """Its stems and how often each occurs."""
    words: int
    context_words: float = 0.0


@dataclass(slots=True)
class Indexed:
    """A conversation ready to be stored."""

    conversation_id: uuid.UUID
    content_hash: bytes
    language: str | None
    passages: list[Made]
    names: dict[Role, set[str]] = field(default_factory=dict)
    """By whom it is that they address."""


def made(dialogues: Sequence[Dialogue]) -> list[Indexed]:
    """The passages of each conversation, in order. One whose language is doubtful is taken to be in that of most."""
    spoken = [[turn for turn in dialogue.turns if turn.modality not in LEFT_OUT] for dialogue in dialogues]
    told = [_language(turns) for turns in spoken]
    usual = next(iter(Counter(filter(None, told)).most_common(1)), ("en", 0))[0]
    return [
        _indexed(dialogue, turns, language or _by_script(turns) or usual)
        for dialogue, turns, language in zip(dialogues, spoken, told, strict=True)
    ]


def _indexed(dialogue: Dialogue, turns: Sequence[Utterance], language: str | None) -> Indexed:
    found = [passage for turn in turns for passage in _passages(turn, dialogue, stems.stems(language))]
    if found and dialogue.talk.title:
        for stem, count in _stemmed(dialogue.talk.title, stems.stems(language)).items():
            found[0].counts[stem] = found[0].counts.get(stem, 0) + count
    for place, passage in enumerate(found):
        passage.context_words = sum(
            weight * found[place + off].words for off, weight in AROUND if 0 <= place + off < len(found)
        )
    return Indexed(dialogue.talk.id, dialogue.content_hash, language, found, names.addressed(turns))


def _language(turns: Sequence[Utterance]) -> str | None:
    """The language that most of a conversation is in, by how it begins; None where that is doubtful."""
    texts = itertools.islice((turn.text[:SAMPLE] for turn in turns), 4)
    return languages.told(" ".join(texts)[:SAMPLE])


def _by_script(turns: Sequence[Utterance]) -> str | None:
    """The language that a script is mostly used for; None for Latin letters."""
    found = next((match for turn in turns if (match := _SCRIPTS.search(turn.text, 0, SAMPLE))), None)
    return found.lastgroup if found else None


_SCRIPTS = re.compile("(?P<ru>[\u0400-\u04ff])|(?P<el>[\u0370-\u03ff])|(?P<ar>[\u0600-\u06ff])|(?P<hi>[\u0900-\u097f])")


def _passages(turn: Utterance, dialogue: Dialogue, stem: Mapping[bytes, bytes]) -> Iterator[Made]:
    said_at = dialogue.said_at(turn)
    for start, end in spans(turn.text):
        counts = _stemmed(turn.text[start:end], stem)
        yield Made(turn.message_id, turn.role == Role.USER, start, end, said_at, counts, sum(counts.values()))


def _stemmed(text: str, stem: Mapping[bytes, bytes]) -> dict[bytes, int]:
    counts: dict[bytes, int] = {}
    for lexeme, count in lexemes.counted(text).items():
        if found := stem[lexeme]:
            counts[found] = counts.get(found, 0) + count
    return counts


def spans(text: str) -> Iterator[tuple[int, int]]:
    """Where the passages of a turn begin and end, in code points: all of it where it is short, else cut at paragraphs
    and sentences."""
    start = 0
    while len(text) - start > WHOLE:
        end = pieces.last_border(text, start, start + PIECE)[0]
        end = end if end > start else start + PIECE
        yield start, end
        start = end
    if start == 0 or _SOMETHING.search(text, start):
        yield start, len(text)


_SOMETHING = re.compile(r"\S")

"""Renders a window as one request reads it: a line a turn, the person's in full, the assistant's thinned."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count

from soulprint.facts.finding import drafts
from soulprint.facts.shapes import Span
from soulprint.kinds import OWN, Role
from soulprint.llm import masking, prompts, tokens
from soulprint.llm.prompts import Prompt
from soulprint.reading import Dialogue, Utterance
from soulprint.records import CATEGORIES
from soulprint.settings import Settings

LONGEST_TURN = 12_000
"""Code points kept of a turn in full: two thirds from its head, the rest from its tail. Nobody types more."""

LONGEST_TITLE = 80
CUT = " […] "
"""Stands where the middle of a turn was left out."""

LABEL, LONGEST_LABEL = "[2024-05-12 ASSISTANT]", "[m100 2024-05-12 USER]"
"""By which the size of a line is counted."""

LONGEST_WORD = 40
"""Code points: what is longer is cut where it stands."""

LONGEST_HEADER = 120
"""Tokens."""

BETWEEN = "\n" * 8
"""Between texts that are searched for secrets together: more white space than any pattern reads over, so that each
secret that stands in one of them is found as if that one stood alone."""

LEAST_KEPT = 200
"""Code points that are kept of a turn however small the window is."""

_LABEL = re.compile(r"[\[［](?=\s?(?:m\s?\d|\d{4}-|undated))", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """Turns of one conversation that are read together."""

    dialogue: Dialogue
    """With these turns only."""
    span: Span
    whole: bool
    """Whether these are all its turns."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A turn that may be cited."""

    turn: Utterance
    conversation: uuid.UUID
    said_at: datetime | None
    """When the turn was said, or else when its conversation began."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A window ready to be read."""

    text: str
    cited: tuple[Cited, ...]
    """By the number in their label, from 1."""


def categories(settings: Settings) -> dict[str, str]:
    """The categories of facts, the deployment's own last, each with what belongs in it."""
    return CATEGORIES | settings.categories


def parts(dialogues: Iterable[Dialogue], spans: Sequence[Span]) -> list[Part]:
    """The turns of `spans`, in their order; what is gone since they were cut is left out."""
    found = {dialogue.talk.id: dialogue for dialogue in dialogues}
    return [_part(found[span.conversation], span) for span in spans if span.conversation in found]


def _part(dialogue: Dialogue, span: Span) -> Part:
    turns = tuple(turn for turn in dialogue.turns if span.first <= turn.position <= span.last)
    return Part(replace(dialogue, turns=turns), span, len(turns) == len(dialogue.turns))


def halved(part: Part) -> tuple[Part, Part] | None:
    """The part in two with as many turns of the person in each; None where there is only one such turn."""
    cited = [place for place, turn in enumerate(part.dialogue.turns) if is_citable(turn)]
    if len(cited) < 2:
        return None
    middle = cited[len(cited) // 2]
    first, second = part.dialogue.turns[:middle], part.dialogue.turns[middle:]
    border = second[0].position
    return (
        Part(replace(part.dialogue, turns=first), replace(part.span, last=border - 1), whole=False),
        Part(replace(part.dialogue, turns=second), replace(part.span, first=border), whole=False),
    )


def prompt(text: str, settings: Settings) -> Prompt:
    """The request that reads a rendered window."""
    return prompts.render("soulprint.facts", "extract", conversations=text, categories=[*categories(settings).items()])


def fixed_tokens(settings: Settings) -> int:
    """What a request takes besides its window: the instructions and the schema."""
    asked = {"name": "facts", "parameters": drafts.schema(categories(settings), 99)}
    return tokens.count(prompt("", settings).text) + tokens.count(json.dumps(asked))


def render(parts: Sequence[Part], settings: Settings) -> Rendered:
    """The window's turns with labels, secrets masked: what one turn calls a secret is masked in all of them."""
    kept = [[_kept(turn, settings) for turn in part.dialogue.turns] for part in parts]
    titles = [_title(part.dialogue) for part in parts]
    secrets = _Secrets([*titles, *(text for texts in kept for text in texts)])
    lines: list[str] = []
    numbers = count(1)
    for part, title, texts in zip(parts, titles, kept, strict=True):
        lines.append(_header(secrets.masked(title)))
        for turn, text in zip(part.dialogue.turns, texts, strict=True):
            label = _label(turn, part.dialogue, numbers)
            lines.append(f"{label} {_shown(secrets.masked(text), turn, settings)}")
    return Rendered("\n".join(lines), tuple(citable(parts)))


def citable(parts: Iterable[Part]) -> Iterator[Cited]:
    """The turns of the parts that may be cited, in order."""
    for part in parts:
        for turn in part.dialogue.turns:
            if is_citable(turn):
                yield Cited(turn, part.dialogue.talk.id, part.dialogue.said_at(turn))


def header_tokens(dialogue: Dialogue) -> int:
    """What the line takes that opens a conversation."""
    return tokens.count(_header(_title(dialogue)) + "\n")


def turn_tokens(dialogue: Dialogue, settings: Settings) -> list[int]:
    """What each turn's line takes, its secrets counted as they stand."""
    return [_tokens(turn, _shown(_kept(turn, settings), turn, settings)) for turn in dialogue.turns]


def is_citable(turn: Utterance) -> bool:
    """Whether the turn is the person's own words: not an assistant's, no file, no part they play, no command."""
    return turn.role == Role.USER and turn.modality in OWN


# A line


def _header(title: str) -> str:
    return f"# {_flat(title)[:LONGEST_TITLE]}"


def _title(dialogue: Dialogue) -> str:
    return (dialogue.talk.title or "")[: 2 * LONGEST_TITLE].strip() or "Untitled"


def _label(turn: Utterance, dialogue: Dialogue, numbers: Iterator[int]) -> str:
    said_at = dialogue.said_at(turn)
    day = f"{said_at:%Y-%m-%d}" if said_at else "undated"
    if is_citable(turn):
        return f"[m{next(numbers)} {day} USER]"
    return f"[{day} {'PASTED' if turn.role == Role.USER else 'ASSISTANT'}]"


def _tokens(turn: Utterance, text: str) -> int:
    return tokens.count(f"{LONGEST_LABEL if is_citable(turn) else LABEL} {text}\n")


def _kept(turn: Utterance, settings: Settings) -> str:
    """What of a turn is looked at: enough of it that a secret at the border of what is shown is seen whole."""
    if is_thinned(turn, settings):
        return turn.text[: 2 * settings.extract_answers]
    return _ends(turn.text, 2 * LONGEST_TURN)


def _shown(text: str, turn: Utterance, settings: Settings) -> str:
    """The text on one line, as long as such a turn may be, and no longer than a window."""
    flat = _flat(text)
    if is_thinned(turn, settings):
        flat = flat if len(flat) <= settings.extract_answers else _head(flat, settings.extract_answers) + " …"
    return _fitting(_ends(flat, LONGEST_TURN), turn, settings.extract_tokens)


def is_thinned(turn: Utterance, settings: Settings) -> bool:
    """Whether only the head of the turn is kept, as context."""
    return settings.extract_answers > 0 and not is_citable(turn)


def _fitting(text: str, turn: Utterance, budget: int) -> str:
    """`text` with so much left out of its middle that its line fits into a window together with its header."""
    room = budget - LONGEST_HEADER
    while len(text) > LEAST_KEPT and len(text) > room // 2 and (size := _tokens(turn, text)) > room:
        text = _ends(text, max(LEAST_KEPT, int(len(text) * 0.95 * room / size)))
    return text


def _ends(text: str, longest: int) -> str:
    """The head and the tail of a text that is longer than that, no word cut in two."""
    if len(text) <= longest:
        return text
    tail = text[-(longest // 3 - len(CUT)) :]
    space = tail.find(" ", 0, LONGEST_WORD)
    return _head(text, longest * 2 // 3) + CUT + tail[space + 1 :]


def _head(text: str, longest: int) -> str:
    """The first words of a text, in all at most that long."""
    space = text.rfind(" ", max(0, longest - LONGEST_WORD), longest)
    return text[: space if space > 0 else longest]


def _flat(text: str) -> str:
    """`text` on one line, without anything that reads like the label of another."""
    return _LABEL.sub("(", " ".join(text.split()))


class _Secrets:
    """Masks the texts of a window. Most windows hold no secret: all are looked through at once, and each by itself only
    where something was found."""

    def __init__(self, texts: Iterable[str]) -> None:
        told: dict[str, set[str]] = {text: set() for text in texts}
        if masking.find(BETWEEN.join(told)):
            told = {text: masking.told([text]) for text in told}
        self._told = told
        self._known: Collection[str] = masking.telling(set().union(*told.values()))

    def masked(self, text: str) -> str:
        return masking.mask(text, self._known) if self._known or self._told[text] else text

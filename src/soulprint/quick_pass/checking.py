"""What a model wrote becomes lines with sources: each must cite what its prompt offered, and say no more than that.

Shared by all prompts that write a profile or a part of it. Pure, and knows nothing of how models are called.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, Field

from soulprint.kinds import ClaimKind
from soulprint.records.sections import ClaimText, Line, Measure, Quote, Sections, Source

LONGEST_LINE = 600
"""Code points."""

MOST_LINES = 12
"""Lines kept of one field of the sections."""

BANNED_NAMES = frozenset({"assistant", "helper", "ai", "bot", "buddy", "soul"})

_NAME = re.compile(r"[^\W\d_][^\W\d_'’-]{1,19}")
_ID = re.compile(r"[mcsf][0-9]+")


class DraftLine(BaseModel):
    """One sentence, and what it rests on."""

    text: str = Field(description="One sentence, or a few words where the field asks for a name or a phrase.")
    evidence: list[str] = Field(default=[], description="Ids from the data, as they stand in brackets there.")


@dataclass(frozen=True, slots=True)
class Ground:
    """What one id in a prompt stands for."""

    text: str
    """All that the prompt shows of it, dates included: a line that rests on it names no figure but these."""
    sources: tuple[Source, ...]
    """Empty where nothing of it can be quoted."""


Citable = Mapping[str, Ground]
"""Everything a line may rest on, by the id it has in the prompt: messages m…, claims c…, measures s…, facts f…."""

Refusal = Callable[[str, Sequence[Ground]], bool]
"""Whether a line, given what it rests on, is not to be written all the same."""


@dataclass(slots=True)
class Checker:
    """Turns what a model wrote into lines with sources, and drops what has none."""

    citable: Citable
    refuses: Refusal = lambda text, grounds: False
    plain: bool = False
    """Whether what a model wrote as markdown is taken as the words alone."""
    spoken: frozenset[str] = frozenset()
    """Sections whose lines need a source that the person said, or that was counted over what they said."""
    kept: int = 0
    """Lines with a source."""
    dropped: int = 0
    refused: int = 0
    """Of those that were dropped, lines that have a source."""

    def sections(self, written: Sections[DraftLine], named: Callable[[str, str], str]) -> Sections[Line]:
        """The five sections. `named` gives the assistant's name for the one that was written and the person's own."""
        found = {
            section: {name: list(self.lines(lines[:MOST_LINES], section)) for name, _, lines in fields.fields()}
            for section, fields in written.each()
        }
        person = found["user"]["name"][0].text if found["user"]["name"] else ""
        chosen = found["identity"]["ai_name"][0].text if found["identity"]["ai_name"] else ""
        found["identity"]["ai_name"] = [Line(text=named(chosen, person))]
        return Sections[Line].model_validate(found)

    def lines(self, written: Iterable[DraftLine], section: str = "") -> Iterator[Line]:
        """The lines that may stand, in order. Those of the section `identity` need no source."""
        for line in written:
            text = unmarked(line.text) if self.plain else " ".join(line.text.split())
            grounds = [self.citable[key] for key in cited(line) if key in self.citable]
            sources = joined(grounds)
            if not text:
                continue
            if not self._stands(text, grounds, sources, section):
                self.dropped += 1
                self.refused += bool(sources)
                continue
            self.kept += bool(sources)
            yield Line(text=text, sources=sources)

    def note(self) -> str | None:
        """What the reader should know of the lines that were left out."""
        if not self.dropped:
            return None
        total = self.kept + self.dropped
        reason = "rested on nothing that was said" + (
            ", or said more than what they rested on," if self.refused else ""
        )
        return f"{self.dropped} of {total} lines {reason} and were left out."

    def _stands(self, text: str, grounds: Sequence[Ground], sources: Sequence[Source], section: str) -> bool:
        rests = bool(sources) or section == "identity"
        said = section not in self.spoken or any(map(is_spoken, sources))
        return rests and said and len(text) <= LONGEST_LINE and not self.refuses(text, grounds)


def cited(line: DraftLine) -> Iterator[str]:
    """The ids that a line names, each once, whatever stands around them."""
    return iter(dict.fromkeys(found for one in line.evidence for found in _ID.findall(one)))


def joined(grounds: Sequence[Ground]) -> tuple[Source, ...]:
    """The sources of all the grounds, each once. A message that proves a fact is not quoted for itself again."""
    sources = dict.fromkeys(source for ground in grounds for source in ground.sources)
    proving = {one.message_id for one in sources if isinstance(one, Quote) and one.fact_id is not None}
    return tuple(
        one for one in sources if not isinstance(one, Quote) or one.fact_id is not None or one.message_id not in proving
    )


def is_spoken(source: Source) -> bool:
    """Whether the person said it themself, or it was counted over what they said. What a provider's memory claims of
    them isn't, nor what stands at the head of a project, which may have been written by anybody."""
    match source:
        case Quote() | Measure():
            return True
        case ClaimText():
            return source.claim_kind in (ClaimKind.ABOUT_ME, ClaimKind.HOW_TO_ANSWER)


def is_name(chosen: str, person: str) -> bool:
    """Whether `chosen` can be the name of the assistant of somebody called `person`."""
    return bool(_NAME.fullmatch(chosen)) and chosen.casefold() not in set(person.casefold().split()) | BANNED_NAMES


# What a line of the full pass may look like


def unmarked(text: str) -> str:
    """`text` on one line, without the marks of a list or a heading before it, without emphasis, and without ids that
    were cited within it."""
    line = _LEADING.sub("", " ".join(text.split()))
    return " ".join(_INLINE_IDS.sub("", line).replace("**", "").replace("__", "").split())


def is_foreign(text: str, grounds: Sequence[Ground]) -> bool:
    """Whether the line holds markup, an address or a figure of two and more digits that stands in none of its grounds.
    Linear in the length of both."""
    ground = "\n".join(one.text for one in grounds)
    low = ground.casefold()
    marked = any(found[0].rstrip(".,;:!?)").casefold() not in low for found in _MARKUP.finditer(text))
    figures = {figure for figure in _figures(_THOUSANDS.sub("", text)) if figure >= 10}
    return marked or not figures <= _figures(ground) | _figures(_THOUSANDS.sub("", ground))


def _figures(text: str) -> set[int]:
    return {int(run) for run in _DIGITS.findall(text)}


_LEADING = re.compile(r"^(?:(?:[-*•–—]|#{1,6}|\d{1,2}[.)])\s+)+")
_INLINE_IDS = re.compile(r"\s?[\[(](?:[mcsf]\d{1,18}[,;\s]{0,3}){1,40}[\])]")
_MARKUP = re.compile(
    r"https?://\S+|\bwww\.\S+|</?[a-z!][^<>]{0,80}>|\]\([^()\s]{0,200}\)?|```|\[/?[A-Z]{3,12}\]", re.IGNORECASE
)
_THOUSANDS = re.compile(r"(?<=\d)[.,'’\u00a0\u202f ](?=\d{3}(?!\d))")
_DIGITS = re.compile(r"\d{1,18}")

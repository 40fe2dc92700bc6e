"""What changed from one version of a profile to another, line by line, with the reason in plain words. Pure."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from soulprint.records.sections import ClaimText, Line, Measure, Quote, Source
from soulprint.sections.markdown import CLAIMS, counted
from soulprint.sections.store import Version

HALF = 0.5
"""Of the facts, or the quotes and figures, of the line with fewer: two that share so many are the same line."""

ALIKE = 0.6
"""Of the words of both: two that share so many are the same line, whatever they rest on."""

COMMON = 12
"""A source or word that more lines of a field have in common tells none of them apart."""

MOST_WORDS = 400
"""Longer lines are compared whole."""


class Kind(StrEnum):
    ADDED = "added"
    CHANGED = "changed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Change:
    """One line that isn't as it was."""

    section: str
    """One of the five, or `memory`."""
    field: str
    """The field of the section, or the heading of the part of MEMORY."""
    kind: Kind
    before: Line | None
    """None for what was added."""
    after: Line | None
    """None for what was dropped."""
    why: str
    """`3 facts from 5 conversations`."""


@dataclass(frozen=True, slots=True)
class _Field:
    section: str
    name: str
    is_list: bool
    before: Sequence[Line]
    after: Sequence[Line]


def diff(older: Version, newer: Version) -> list[Change]:
    """What is new, worded otherwise or gone in `newer`, in the order it is read. A line that reads as it did is no
    change, whatever it rests on. About linear in the size of the versions; the same for the same two."""
    standing: set[Hashable] = {key for field in _fields(newer, newer) for line in field.after for key in _keys(line)}
    return [change for field in _fields(older, newer) for change in _changes(field, standing)]


def words(before: str, after: str) -> list[tuple[str, str]]:
    """How `after` comes of `before`, word by word: texts with `=` (in both), `-` (only before) or `+` (only after)."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
        return [("-", before), ("+", after)]
    found: list[tuple[str, str]] = []
    for op, i, j, k, end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            found.append(("=", "".join(old[i:j])))
        else:
            found += [one for one in (("-", "".join(old[i:j])), ("+", "".join(new[k:end]))) if one[1]]
    return found


# Which line is which


def _fields(older: Version, newer: Version) -> Iterator[_Field]:
    for (section, old), (_, new) in zip(older.sections.each(), newer.sections.each(), strict=True):
        for (name, is_list, before), (_, _, after) in zip(old.fields(), new.fields(), strict=True):
            yield _Field(section, name, is_list, before, after)
    was = {part.title: part.lines for part in older.memory}
    now = {part.title: part.lines for part in newer.memory}
    for heading in dict.fromkeys((*now, *was)):
        yield _Field("memory", heading, True, was.get(heading, []), now.get(heading, []))


def _changes(field: _Field, standing: set[Hashable]) -> Iterator[Change]:
    pairs, gone = _matched(field)
    here: set[Hashable] = {key for line in field.after for key in _keys(line)}
    for place, after in enumerate(field.after):
        before = pairs.get(place)
        if before is None:
            yield Change(field.section, field.name, Kind.ADDED, None, after, _rests_on(after))
        elif _folded(before.text) != _folded(after.text):
            yield Change(field.section, field.name, Kind.CHANGED, before, after, _why_changed(before, after))
    for line in gone:
        yield Change(field.section, field.name, Kind.DROPPED, line, None, _why_dropped(line, here, standing))


def _matched(field: _Field) -> tuple[dict[int, Line], list[Line]]:
    """The older line of each newer one that has one, by the newer one's place, and the older lines that are left."""
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for old, new in _likely(field.before, field.after):
        if new not in pairs and old not in taken:
            pairs[new] = old
            taken.add(old)
    left = [place for place in range(len(field.before)) if place not in taken]
    if not field.is_list:
        new_ones = [place for place in range(len(field.after)) if place not in pairs]
        pairs |= dict(zip(new_ones, left, strict=False))
        left = left[len(new_ones) :]
    return {new: field.before[old] for new, old in pairs.items()}, [field.before[place] for place in left]


def _likely(before: Sequence[Line], after: Sequence[Line]) -> list[tuple[int, int]]:
    """Pairs of places that may be the same line, the likeliest first."""
    old, new = [_Marks.of(line) for line in before], [_Marks.of(line) for line in after]
    having: defaultdict[Hashable, list[int]] = defaultdict(list)
    for place, one in enumerate(old):
        for mark in one.all():
            having[mark].append(place)
    scored = []
    for place, one in enumerate(new):
        telling = (mark for mark in one.all() if len(having.get(mark, ())) <= COMMON)
        near = {other for mark in telling for other in having.get(mark, ())}
        scored += [(-one.likeness(old[other]), other, place) for other in near]
    return [(other, place) for score, other, place in sorted(scored) if score < 0]


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a line is known by."""

    text: str
    words: frozenset[Hashable]
    facts: frozenset[Hashable]
    figures: frozenset[Hashable]
    quotes: tuple[Quote, ...]

    @classmethod
    def of(cls, line: Line) -> _Marks:
        text = _folded(line.text)
        quotes = tuple(one for one in line.sources if isinstance(one, Quote))
        facts: frozenset[Hashable] = frozenset(one.fact_id for one in quotes if one.fact_id is not None)
        figures: frozenset[Hashable] = frozenset(one.name for one in line.sources if isinstance(one, Measure))
        return cls(text, frozenset(text.split()), facts, figures, quotes)

    def all(self) -> Iterator[Hashable]:
        yield ("text", self.text)
        yield from (*self.words, *self.facts)
        yield from (("figure", name) for name in self.figures)
        yield from dict.fromkeys(("message", one.message_id) for one in self.quotes)

    def likeness(self, other: _Marks) -> float:
        """0 for another line, else the more the likelier, and most for the same text."""
        if self.text == other.text:
            return 4.0
        facts, said = _shared(self.facts, other.facts), self._said(other)
        worded = 2 * len(self.words & other.words) / ((len(self.words) + len(other.words)) or 1)
        return facts + said + worded if facts >= HALF or said >= HALF or worded >= ALIKE else 0.0

    def _said(self, other: _Marks) -> float:
        """The share of quotes that overlap, or of figures where there is no quote."""
        fewer, more = sorted((self.quotes, other.quotes), key=len)
        if not fewer:
            return _shared(self.figures, other.figures)
        return sum(any(_overlap(one, each) for each in more) for one in fewer) / len(fewer)


def _overlap(one: Quote, other: Quote) -> bool:
    return one.message_id == other.message_id and one.start < other.end and other.start < one.end


def _shared(one: frozenset[Hashable], other: frozenset[Hashable]) -> float:
    """Of the smaller set: a line that rests on more than it did is the same line."""
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0


def _keys(line: Line) -> Iterator[tuple[str, int | str]]:
    """What a line rests on, told apart as it is across versions: facts by id, quotes by message as well."""
    for source in line.sources:
        match source:
            case Quote():
                yield ("message", source.message_id)
                if source.fact_id is not None:
                    yield ("fact", source.fact_id)
            case Measure():
                yield ("measure", source.name)
            case ClaimText():
                yield ("claim", source.claim_id)


def _folded(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


# Why


def _why_changed(before: Line, after: Line) -> str:
    was, now = set(_keys(before)), set(_keys(after))
    old, new = _newest(before.sources), _newest(after.sources)
    if was == now:
        return "worded anew" if _figures(before) == _figures(after) else "counted anew"
    if new and now - was and (old is None or new > old):
        instead = f", in place of one of {old:%B %Y}" if old and not was <= now else ""
        return f"newer statement of {new:%B %Y}{instead}"
    return _rests_on(after)


def _why_dropped(line: Line, here: set[Hashable], standing: set[Hashable]) -> str:
    keys = {key for key in _keys(line) if key[0] != "claim"}
    if not line.sources:
        return "rested on nothing that was said"
    if not keys:
        return "no longer taken from " + _rests_on(line)
    if keys & here:
        return "said by another line here"
    return "said elsewhere in the profile" if keys & standing else "no line rests on it any more"


def _rests_on(line: Line) -> str:
    """`3 facts from 5 conversations`; nothing for what the assistant is given freely."""
    return ", ".join(_counted(line.sources)) or "needs no source"


def _counted(sources: Sequence[Source]) -> Iterator[str]:
    quotes = [one for one in sources if isinstance(one, Quote)]
    proved = {one.fact_id for one in quotes if one.fact_id is not None}
    talks = len({one.conversation_id for one in quotes})
    if proved:
        yield f"{counted(len(proved), 'fact')} from {counted(talks, 'conversation')}"
    elif quotes:
        yield f"said in {counted(talks, 'conversation')}"
    measures = [one for one in sources if isinstance(one, Measure)]
    if measures:
        yield f"counted over {counted(max(one.over for one in measures), 'message')}"
    yield from dict.fromkeys(CLAIMS[one.claim_kind] for one in sources if isinstance(one, ClaimText))


def _newest(sources: Iterable[Source]) -> datetime | None:
    said = [one.said_at for one in sources if not isinstance(one, Measure) and one.said_at]
    return max(said, default=None)


def _figures(line: Line) -> set[str]:
    return {one.value for one in line.sources if isinstance(one, Measure)}


_WORDS = re.compile(r"\s+|[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|\w+|[^\w\s]")
"""White space, single characters of scripts without spaces, words, and single marks."""

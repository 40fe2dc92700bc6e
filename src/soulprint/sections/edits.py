"""The person's own lines on a profile. Pure: a profile and the edits that were made of it in; out, the profile with
them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from soulprint.facts.shapes import folded
from soulprint.records.sections import ClaimText, Line, Measure, MemoryPart, Quote, Sections

MEMORY = "memory"

TOLD = 200
"""Edits that a model is told of."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a line stands."""

    section: str
    """One of the five, or `memory`."""
    field: str
    """The field of the section, or the heading of the part of MEMORY."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A line that the person wrote in the place of another, added, or took out."""

    id: int
    place: Place
    former: Line | None
    """None for a line that was added."""
    written: Line | None
    """None where the line was taken out."""
    replaced_by: int | None = None
    """A later edit of the same line."""

    @property
    def message(self) -> int | None:
        """The id of the message in which the person wrote the line."""
        sources = self.written.sources if self.written else ()
        return next((source.message_id for source in sources if isinstance(source, Quote)), None)


@dataclass(frozen=True, slots=True)
class Text:
    """The lines of a profile."""

    sections: Sections[Line]
    memory: list[MemoryPart]

    def lines(self, place: Place) -> list[Line] | None:
        """Those of a place; None where there is no such place."""
        if place.section == MEMORY:
            return next((part.lines for part in self.memory if part.title == place.field), None)
        section = getattr(self.sections, place.section, None)
        lines: list[Line] | None = getattr(section, place.field, None) if section is not None else None
        return lines

    def changed(self, place: Place, change: Callable[[list[Line]], list[Line]]) -> Text:
        """The same with other lines in one place, which is made where there is none such in MEMORY."""
        if place.section != MEMORY:
            section = getattr(self.sections, place.section)
            made = section.model_copy(update={place.field: change(getattr(section, place.field))})
            return Text(self.sections.model_copy(update={place.section: made}), self.memory)
        there = self.memory
        if self.lines(place) is None:
            there = [*there, MemoryPart(title=place.field, lines=[])]
        parts = [
            part.model_copy(update={"lines": change(part.lines)}) if part.title == place.field else part
            for part in there
        ]
        return Text(self.sections, parts)


@dataclass(frozen=True, slots=True)
class Decided:
    """Lines that the person decided on, as a model is told of them."""

    written: tuple[str, ...] = ()
    """They stay as they stand."""
    taken_out: tuple[str, ...] = ()


def decided(edits: Sequence[Edit]) -> Decided:
    """What the edits that stand come to; of very many the newest."""
    standing = [edit for edit in edits if edit.replaced_by is None][-TOLD:]
    return Decided(
        tuple(edit.written.text for edit in standing if edit.written),
        tuple(edit.former.text for edit in standing if edit.former and not edit.written),
    )


def applied(text: Text, edits: Sequence[Edit]) -> Text:
    """`text` with the edits that stand, which come in the order they were made. Done again, it changes nothing more."""
    formers: defaultdict[int, list[Line]] = defaultdict(list)
    for edit in edits:
        formers[edit.id] += [edit.former] if edit.former else []
        if edit.replaced_by is not None:
            formers[edit.replaced_by] += [*formers[edit.id], *([edit.written] if edit.written else [])]
        elif text.lines(edit.place) is not None or edit.written:
            text = text.changed(edit.place, lambda lines, edit=edit: put(lines, formers[edit.id], edit.written))  # type: ignore[misc]
    return text


def put(lines: Sequence[Line], formers: Sequence[Line], written: Line | None) -> list[Line]:
    """`lines` with `written` in the place of the first that is one of `formers` or says the same, and without the
    others; at the end where none of them is there."""
    stays = [not (_says(line, written) or any(_is_same(line, former) for former in formers)) for line in lines]
    kept = [line for line, stay in zip(lines, stays, strict=True) if stay]
    if written is None:
        return kept
    at = stays.index(False) if False in stays else len(kept)
    return [*kept[:at], written, *kept[at:]]


def _says(line: Line, written: Line | None) -> bool:
    return written is not None and folded(line.text) == folded(written.text)


def _is_same(line: Line, former: Line) -> bool:
    """Whether a pass has written the same line again, in whatever words."""
    grounds = _grounds(former)
    return folded(line.text) == folded(former.text) or (bool(grounds) and _grounds(line) == grounds)


def _grounds(line: Line) -> frozenset[object]:
    """The quotes and claims that a line rests on. Figures tell no lines apart: they are of all messages."""
    return frozenset(_ground(source) for source in line.sources if not isinstance(source, Measure))


def _ground(source: Quote | ClaimText) -> object:
    return (source.message_id, source.start, source.end) if isinstance(source, Quote) else source.text

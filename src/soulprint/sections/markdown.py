"""A profile as markdown: what other systems read in `soulprint_text`, and what `soulprint profile` prints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from soulprint.kinds import ClaimKind
from soulprint.records.sections import ClaimText, Line, MemoryPart, Quote, Section, Sections

CLAIMS = {
    ClaimKind.ABOUT_ME: "custom instructions",
    ClaimKind.HOW_TO_ANSWER: "custom instructions",
    ClaimKind.PROVIDER_MEMORY: "a provider's memory",
    ClaimKind.PROJECT_INSTRUCTIONS: "project instructions",
}


def markdown(sections: Sections[Line], memory: Sequence[MemoryPart]) -> str:
    """All five sections, MEMORY last. Unknown fields are left out; a section with none says so."""
    return f"{sections_markdown(sections)}\n\n# MEMORY\n\n{memory_markdown(memory)}".strip() + "\n"


def sections_markdown(sections: Sections[Line]) -> str:
    """The five sections alone."""
    return "\n\n".join("\n".join(_section(name, section)) for name, section in sections.each())


def memory_markdown(memory: Sequence[MemoryPart]) -> str:
    """MEMORY alone: a heading and its bullets for each part that has any."""
    parts = ["\n".join([f"## {part.title}", "", *_bullets(part.lines)]) for part in memory if part.lines]
    return "\n\n".join(parts) or "Not enough data."


def title(field: str) -> str:
    """`do_not` -> `Do not`."""
    words = field.replace("_", " ").replace("ai ", "AI ")
    return words[0].upper() + words[1:]


def _section(name: str, section: Section[Line]) -> Iterator[str]:
    yield f"# {name.upper()}"
    known = [(field, is_list, lines) for field, is_list, lines in section.fields() if lines]
    if not known:
        yield "\nNot enough data."
    for field, is_list, lines in known:
        yield f"\n## {title(field)}\n"
        yield from _bullets(lines) if is_list else [" ".join(shown(line) for line in lines)]


def _bullets(lines: Sequence[Line]) -> list[str]:
    return [f"- {shown(line)}" for line in lines]


def shown(line: Line) -> str:
    """The line as it is read: the person's own words in quotation marks, with the month they were said in; what stood
    beside the conversations with its kind and month."""
    text = flat(line.text)
    for source in line.sources:
        if isinstance(source, Quote) and source.text == line.text:
            return f"“{text}”{_aside(source.said_at)}"
        if isinstance(source, ClaimText):
            return f"{text}{_aside(source.said_at, CLAIMS[source.claim_kind])}"
    return text


def _aside(said_at: datetime | None, kind: str = "") -> str:
    known = ", ".join(filter(None, (kind, f"{said_at:%B %Y}" if said_at else "")))
    return f" ({known})" if known else ""


def flat(text: str) -> str:
    """One line, so that no imported text can open a heading or a list of its own."""
    return " ".join(text.split())


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1,204 messages`, `1 message`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"

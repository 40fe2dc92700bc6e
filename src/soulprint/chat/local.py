"""An answer without any language model: the lines of the profile and the passages of the history that fit, quoted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator

from soulprint import sections
from soulprint.chat.context import Context
from soulprint.kinds import Role
from soulprint.recall import terms
from soulprint.records.sections import Line, Quote
from soulprint.sections import Version

LINES = 5
"""How many lines of the profile are quoted at the most."""
STEM = 4
"""Words that begin with the same letters, this many, count as the same: `moved` finds `moving`."""

ASKED = {
    "location": "where live living home town city country moved address wohne lebe habite vivo moro",
    "occupation": "work job employer company career profession boss arbeit beruf travail trabajo trabalho",
    "relationships": "family partner wife husband mother father sister brother child children friend pet cat dog",
    "interests": "hobby hobbies like love enjoy interested free time",
    "name": "name called who heiße appelle llamo chamo",
    "preferred address": "address call",
    "do not": "dislike hate avoid never",
}
"""Words of a question -> the field of the profile that answers it."""


async def pieces(context: Context) -> AsyncGenerator[str, None]:
    """The answer as markdown, a paragraph at a time."""
    lines = list(_fitting(context.version, context.question)) if context.version else []
    if not lines and not context.quotes:
        yield _nothing(context)
        return
    if lines:
        yield "**From your profile**\n\n"
        for line in lines:
            yield f"- {sections.shown(line)}\n"
        yield "\n"
    if context.quotes:
        yield "**From your conversations**\n\n"
    for number, quote in enumerate(context.quotes, 1):
        yield f"{_heading(quote)} [{number}]\n\n> {sections.flat(quote.text)}\n\n"


def _nothing(context: Context) -> str:
    if context.version is None:
        return "Nothing is imported yet, so there is nothing to quote. Hand over an export first."
    return (
        "Nothing in your history uses these words. Without a language model I can only quote what you wrote: "
        "try the words you would have used then."
    )


def _fitting(version: Version, question: str) -> Iterator[Line]:
    """The lines that share most words with the question, best first."""
    words = terms.terms(question)
    fields = [field for field, hints in ASKED.items() if not set(words).isdisjoint(hints.split())]
    asked = _stems(" ".join([*words, *fields]))
    scored = []
    for name, line in _lines(version):
        stems = _stems(f"{name} {line.text}")
        if shared := len(asked & stems):
            scored.append((shared, shared / (4 + len(stems)), line))
    scored.sort(key=lambda found: found[:2], reverse=True)
    most = scored[0][0] if scored else 0
    best = {line.text: line for shared, _, line in scored if shared == most}
    yield from list(best.values())[:LINES]


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in terms.terms(text)}


def _lines(version: Version) -> Iterator[tuple[str, Line]]:
    for _, section in version.sections.each():
        for field, _, lines in section.fields():
            yield from ((field.replace("_", " "), line) for line in lines)
    for part in version.memory:
        yield from ((part.title, line) for line in part.lines)


def _heading(quote: Quote) -> str:
    who = "You" if quote.role == Role.USER else "The assistant"
    when = f" on {quote.said_at.day} {quote.said_at:%B %Y}" if quote.said_at else ""
    where = f" in “{sections.flat(quote.title)}”" if quote.title else ""
    return f"{who}{when}{where}"

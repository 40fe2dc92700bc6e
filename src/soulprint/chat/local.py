"""An answer without any language model: the lines of the profile, the facts and the passages that fit, quoted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence

from soulprint import lexemes, recall, sections
from soulprint.chat.context import Context
from soulprint.kinds import Role
from soulprint.measuring.words import GRAMMAR
from soulprint.records.recalled import Kind, Recalled
from soulprint.records.sections import Line
from soulprint.sections import Version

LINES = 5
"""How many lines of the profile are quoted at the most."""
FACTS = 4
PASSAGES = 6
FAR = 0.35
"""What scores less than this share of the best passage isn't quoted."""
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
    numbered = list(enumerate(context.sources, 1))
    facts = [(number, source) for number, source in numbered if source.kind == Kind.FACT][:FACTS]
    passages = _near([(number, source) for number, source in numbered if source.kind == Kind.PASSAGE])
    if not (lines or facts or passages):
        yield _nothing(context)
        return
    if lines:
        yield "**From your profile**\n\n"
        for line in lines:
            yield f"- {sections.shown(line)}\n"
        yield "\n"
    if facts:
        yield "**What is known of you**\n\n"
        for number, fact in facts:
            yield f"- {_fact(fact)} [{number}]\n"
        yield "\n"
    if passages:
        yield "**From your conversations**\n\n"
    for number, source in passages:
        yield f"{_heading(source)} [{number}]\n\n{_quoted(source)}\n\n"


def _near(passages: Sequence[tuple[int, Recalled]]) -> list[tuple[int, Recalled]]:
    """The passages that are worth quoting: not what merely stands beside one, nor what is far behind the best."""
    fitting = [(number, source) for number, source in passages if source.why != recall.BESIDE]
    best = max((source.score for _, source in fitting), default=0.0)
    return [(number, source) for number, source in fitting if source.score >= FAR * best][:PASSAGES]


def _fact(fact: Recalled) -> str:
    when = f" ({fact.date:%B %Y})" if fact.date else ""
    return f"{sections.flat(fact.text)}{when}" + (
        f", no longer so: {sections.flat(fact.instead)}" if fact.instead else ""
    )


def _quoted(source: Recalled) -> str:
    if len(source.said) == 1:
        return f"> {sections.flat(source.said[0].text)}"
    return "\n>\n".join(f"> {_who(turn.role)}: {sections.flat(turn.text)}" for turn in source.said)


def _nothing(context: Context) -> str:
    if context.version is None:
        return "Nothing is imported yet, so there is nothing to quote. Hand over an export first."
    return (
        "Nothing in your history uses these words. Without a language model I can only quote what you wrote: "
        "try the words you would have used then."
    )


def _fitting(version: Version, question: str) -> Iterator[Line]:
    """The lines that share most words with the question, best first."""
    words = _telling(question)
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


def _telling(text: str) -> list[str]:
    """The words that say what it is about; all of them where none does."""
    words = list(dict.fromkeys(lexemes.words(text)))
    return [word for word in words if word not in GRAMMAR and (len(word) > 1 or not word.isascii())] or words


def _stems(text: str) -> set[str]:
    return {word[:STEM] for word in _telling(text)}


def _lines(version: Version) -> Iterator[tuple[str, Line]]:
    for _, section in version.sections.each():
        for field, _, lines in section.fields():
            yield from ((field.replace("_", " "), line) for line in lines)
    for part in version.memory:
        yield from ((part.title, line) for line in part.lines)


def _heading(source: Recalled) -> str:
    who = _who(source.said[0].role) if len(source.said) == 1 else "You talked"
    when = f" on {source.date.day} {source.date:%B %Y}" if source.date else ""
    where = f" in “{sections.flat(source.title)}”" if source.title else ""
    return f"{who}{when}{where}"


def _who(role: Role) -> str:
    return "You" if role == Role.USER else "The assistant"

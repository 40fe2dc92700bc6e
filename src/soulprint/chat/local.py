"""An answer without any language model: the lines of the profile, the facts and the passages that fit, quoted."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass

from soulprint import lexemes, sections
from soulprint.chat import composing
from soulprint.chat.context import Context
from soulprint.indexing import stems
from soulprint.kinds import Role
from soulprint.llm import masking
from soulprint.measuring.words import GRAMMAR
from soulprint.records.recalled import Kind, Recalled
from soulprint.records.sections import Line
from soulprint.sections import Version

LINES = 5
"""How many lines of the profile are quoted at the most."""
FACTS = 5
PASSAGES = 4
NEAREST = 3
"""Passages that are quoted where nothing holds most of the question's words."""

FEW = 2
"""Facts and passages that are quoted beside lines of the profile that the question asks for."""

MOST, SOME = 1 / 2, 1 / 3
"""Shares of a question's words: what holds more than the first answers it perhaps; beside that a fact may hold no more
than the other one, where that is not a single word of two."""

FAR = 0.35
"""What scores less than this share of the best passage isn't quoted."""

LANGUAGES = ("en", "de", "fr", "es", "it", "pt")
"""Words that have the same stem in one of these count as the same: `moved` finds `moving`."""

LITTLE = frozenset(
    """
    happen happened happens call called name named number kind type sort remember recall mention mentioned ever
    """.split()
)
"""What says little of the subject of a question, beside the words of grammar."""

ABOUT_ME = ("name", "location", "occupation", "relationships", "interests", "life_context")

ASKED: Mapping[str, Sequence[str]] = {
    r"what do you know (?:about|of) me|tell me about myself|was weißt du über mich|que sais-tu (?:de|sur) moi"
    r"|qu[eé] sabes (?:de|sobre) m[ií]|cosa sai di me|o que (?:voc[eê] )?sabes? (?:de|sobre) mim": ABOUT_ME,
    r"who am i\b|wer bin ich|qui suis-je|qui[eé]n soy|chi sono io|quem (?:eu )?sou": ("name", "occupation", "location"),
    r"what(?:['’]s| is) my name|what am i called|wie heiße ich|comment (?:est-ce que )?je m['’]appelle"
    r"|c[oó]mo me llamo|come mi chiamo|como (?:[eé] que )?me chamo": ("name",),
    r"where (?:do|am) i (?:now )?(?:live|living|based)|my (?:home ?town|home address|place of residence)\b"
    r"|wo (?:wohne|lebe) ich|mein(?:e adresse| wohnort)|où (?:est-ce que )?(?:j['’]habite|je vis|j['’]vis)|où habité-je"
    r"|d[oó]nde vivo|dove (?:abito|vivo)|onde (?:[eé] que )?(?:eu )?(?:moro|vivo)": ("location",),
    r"what do i do(?: for (?:a living|work))?\s*(?:[?,.]|$)|(?:where|who) do i work(?: for)?\b"
    r"|my (?:current )?(?:job|employer|occupation|profession)\b|wo arbeite ich|was (?:arbeite ich|mache ich beruflich)"
    r"|mein(?:e arbeit| beruf| job| arbeitgeber)|où (?:est-ce que )?je travaille|mon (?:travail|métier|emploi)"
    r"|d[oó]nde trabajo|mi (?:trabajo|empleo)\b|dove lavoro|(?:il )?mio lavoro|onde (?:[eé] que )?(?:eu )?trabalho"
    r"|meu (?:trabalho|emprego)": ("occupation",),
    r"my (?:family|relatives)\b|who is in my (?:family|life)|meine familie|ma famille|mi familia|mia famiglia"
    r"|minha fam[ií]lia": ("relationships",),
    r"my (?:hobbies|interests)\b|in my (?:free|spare) time|meine (?:hobbys|interessen)|mes (?:loisirs|hobbies)"
    r"|mis (?:aficiones|intereses)|(?:i )?miei (?:hobby|interessi)|meus (?:hobbies|interesses)": ("interests",),
    r"(?:how|what) should (?:you|i be) (?:call|address)|wie sollst du mich (?:nennen|anreden)": ("preferred_address",),
    r"how (?:should|shall|must) you (?:answer|reply|write|talk|speak)|how do i (?:like|want) (?:you|your|my answers)"
    r"|wie sollst du (?:mir )?(?:antworten|schreiben)|comment (?:dois-tu|tu dois) (?:me )?répondre": (
        "response_style",
        "behavioral_rules",
        "do_not",
        "output_preferences",
    ),
    r"what should you (?:not|never|avoid)|was sollst du nicht": ("do_not", "boundaries"),
}  # fmt: skip
"""What a question says -> the fields of the profile that answer it."""

LABEL = "*These are quotes: no language model is set.*\n"


async def pieces(context: Context) -> AsyncGenerator[str, None]:
    """The answer as markdown, a paragraph at a time."""
    for piece in await asyncio.to_thread(lambda: list(_pieces(context))):
        yield masking.mask(piece, context.secrets)


def _pieces(context: Context) -> Iterator[str]:
    quoted = _chosen(context)
    if not (quoted.lines or quoted.facts or quoted.passages):
        yield _nothing(context)
        return
    if not quoted.is_sure:
        yield "Nothing in your history says this in so many words. What comes nearest:\n\n"
    if quoted.lines:
        yield "**From your profile**\n\n" + "".join(f"- {line}\n" for line in quoted.lines) + "\n"
    if quoted.facts:
        yield "**What is known of you**\n\n" + "".join(f"- {_fact(*fact)}\n" for fact in quoted.facts) + "\n"
    if quoted.passages:
        yield "**From your conversations**\n\n"
    for number, source in quoted.passages:
        yield f"{_heading(source)} [{number}]\n\n{_quoted(source)}\n\n"
    yield LABEL


# What is quoted


Numbered = tuple[int, Recalled]


@dataclass(frozen=True, slots=True)
class Quoted:
    """What an answer quotes."""

    lines: list[str]
    """Of the profile, as they are shown."""
    facts: list[Numbered]
    passages: list[Numbered]
    is_sure: bool
    """Whether any of it answers what was asked, or holds most of its words."""


def _chosen(context: Context) -> Quoted:
    words = _telling(composing.searched(context.question, context.history))
    numbered = list(enumerate(context.sources, 1))
    facts = [each for each in numbered if each[1].kind == Kind.FACT]
    near = _near([each for each in numbered if each[1].kind == Kind.PASSAGE])
    asked = list(_asked(context.version, context.question)) if context.version else []
    lines = asked or (list(_lines(context.version, words)) if context.version else [])
    saying = [each for each in near if _share(words, _text(each[1])) > MOST]
    proving = [each for each in facts if _share(words, each[1].text) > MOST]
    if not (lines or proving or saying):
        bearing = [each for each in facts if _share(words, each[1].text) > 0][: NEAREST - 1]
        return Quoted([], bearing, [each for each in near if _bears(words, each[1])][:NEAREST], is_sure=False)
    told = {sections.flat(line.text): line for line in lines}
    numbers = {sections.flat(fact.text): f" [{number}]" for number, fact in facts}
    shown = [f"{sections.shown(line)}{numbers.get(text, '')}" for text, line in told.items()]
    beside = [each for each in facts if sections.flat(each[1].text) not in told]
    least = SOME if len(words) > 2 else MOST + SOME
    beside = [each for each in beside if _share(words, each[1].text) >= least]
    few = FEW if asked else max(FACTS, PASSAGES)
    return Quoted(shown, beside[: min(FACTS, few)], saying[: min(PASSAGES, few)], is_sure=True)


def _near(passages: Sequence[Numbered]) -> list[Numbered]:
    """The passages that are not far behind the best."""
    best = max((source.score for _, source in passages), default=0.0)
    return [(number, source) for number, source in passages if source.score >= FAR * best]


def _asked(version: Version, question: str) -> Iterator[Line]:
    """The lines of the fields that the question asks for."""
    fields = next((fields for said, fields in ASKED.items() if re.search(said, question, re.IGNORECASE)), ())
    by_field = dict(_fields(version))
    found = [line for field in fields for line in by_field.get(field, ())]
    yield from found[: LINES * 2 if len(fields) > 1 else LINES]


def _lines(version: Version, words: Sequence[str]) -> Iterator[Line]:
    """The lines that hold most of the words, the shortest first."""
    every = [line for part in version.memory for line in part.lines]
    every += [line for _, lines in _fields(version) for line in lines]
    found = [line for line in every if _share(words, line.text) > MOST]
    yield from sorted(found, key=lambda line: (-_share(words, line.text), len(line.text)))[:LINES]


def _fields(version: Version) -> Iterator[tuple[str, Sequence[Line]]]:
    """All but what the assistant is."""
    for name, section in version.sections.each():
        if name != "identity":
            yield from ((field, lines) for field, _, lines in section.fields())


# How much of the question a text holds


def _bears(words: Sequence[str], source: Recalled) -> bool:
    """Whether a passage holds any of the words, or was found by its meaning."""
    return "near in meaning" in source.why or _share(words, _text(source)) > 0


def _share(words: Sequence[str], text: str) -> float:
    wanted = _wanted(tuple(words))
    said = (word.decode() for word in lexemes.counted(text))
    met = [forms for forms in map(_forms, said) if not wanted.isdisjoint(forms)]
    held = frozenset().union(*met)
    return sum(not held.isdisjoint(_forms(word)) for word in words) / len(words) if words else 0.0


@functools.lru_cache(100)
def _wanted(words: Sequence[str]) -> frozenset[tuple[str, str]]:
    return frozenset().union(*map(_forms, words))


@functools.lru_cache(50_000)
def _forms(word: str) -> frozenset[tuple[str, str]]:
    """The word, and its stem in each language."""
    found = ((language, stems.stemmed(word, language)) for language in LANGUAGES)
    return frozenset([("", word), *(form for form in found if form[1])])


def _telling(text: str) -> list[str]:
    """The words that say what it is about."""
    words = dict.fromkeys(lexemes.words(text))
    telling = [word for word in words if word not in GRAMMAR and (len(word) > 1 or not word.isascii())]
    return [word for word in telling if word not in LITTLE] or telling


def _text(source: Recalled) -> str:
    return f"{source.title or ''}\n{source.text}"


# How it is shown


def _fact(number: int, fact: Recalled) -> str:
    when = f" ({fact.date:%B %Y})" if fact.date else ""
    now = f", no longer so: {_flat(fact.instead)}" if fact.instead else ""
    return f"{_flat(fact.text)}{when}{now} [{number}]"


def _heading(source: Recalled) -> str:
    who = _who(source.said[0].role) if len(source.said) == 1 else "You talked"
    when = f" on {source.date.day} {source.date:%B %Y}" if source.date else ""
    where = f" in “{_flat(source.title)}”" if source.title else ""
    return f"{who}{when}{where}"


def _quoted(source: Recalled) -> str:
    if len(source.said) == 1:
        return f"> {_flat(source.said[0].text)}"
    return "\n>\n".join(f"> {_who(turn.role)}: {_flat(turn.text)}" for turn in source.said)


def _flat(text: str) -> str:
    """One line that loads no picture from anywhere."""
    return sections.flat(text).replace("![", "! [")


def _who(role: Role) -> str:
    return "You" if role == Role.USER else "The assistant"


def _nothing(context: Context) -> str:
    if context.version is None and not context.sources:
        return "Nothing is imported yet, so there is nothing to quote. Hand over an export first."
    return (
        "Nothing in your history uses these words. Without a language model I can only quote what you wrote: "
        "try the words you would have used then."
    )

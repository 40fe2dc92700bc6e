"""A question in: the words worth searching for, whose turns it is about, and when."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from soulprint import indexing, lexemes
from soulprint.kinds import Role
from soulprint.recall import times

MOST = 24
"""Words of a question that are searched for."""

LEAST = 3
"""Conversations in which a side is addressed by a name that is taken for its own."""

SHARE = 0.3
"""How often it is addressed so, against its most frequent name."""

OURSELVES = frozenset("assistant chatgpt gpt claude gemini bard copilot grok deepseek mistral llama ai".split())
"""What people call an assistant."""

_ASKING = frozenset(
    """
    ago long many much kind kinds type types sort likely probably exactly remember recall mention mentioned said told
    talk talked tell discuss discussed conversation chat history
    """.split()
)
"""What says how something is asked, and not what about."""

_I = re.compile(
    r"\b(?:i|me|my|mine|myself|ich|mich|mir|mein\w*|je|j['’]\w+|moi|mon|ma|mes|yo|mi|mis|io|mio|mia|eu|meu|minha|我|私|나|내)\b",
    re.IGNORECASE,
)
_YOU_SAID = re.compile(
    r"\byou(?:['’]ve| have| ever)? (?:\w+ )?"
    r"(?:suggest|recommend|advise|propos|explain|answer|wr[io]te|sa(?:y|id)|t[eo]l[dl])"
    r"|\byour (?:advice|answer|suggestion|recommendation|explanation)"
    r"|\bdu (?:mir )?\w*(?:empfohlen|vorgeschlagen|geraten)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Form:
    """One spelling by which a word is looked up."""

    stem: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Term:
    """A word of the question."""

    word: str
    """As it was asked, in lower case."""
    forms: tuple[Form, ...]
    """Its stems in the languages of the history."""
    begins: bool = False
    """Whether all stems that begin with it are meant."""


@dataclass(frozen=True, slots=True)
class Question:
    text: str
    terms: tuple[Term, ...]
    side: Role | None
    """Whose turns it asks about, where it says so."""
    time: times.Time | None
    meaning: str
    """What an embedder is given: the question without the names of those who talk, which stand in no turn."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a history as a whole, for the reading of a question."""

    languages: Sequence[str] = ()
    names: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


def read(text: str, known: Known, today: date) -> Question:
    """What `text` asks for."""
    time = times.asked(text, today)
    called = {role: _called(known.names, role) for role in Role}
    words = list(dict.fromkeys(lexemes.words(text)))
    speakers = {word for word in words if any(word in names for names in called.values())}
    left = [word for word in words if word not in speakers]
    telling = [word for word in left if word not in _ASKING and not (time and word in time.words)]
    terms = _terms(telling, known.languages) or ([] if time else _terms(left, known.languages))
    sides = {role for role, names in called.items() if names & speakers}
    return Question(text, tuple(terms[:MOST]), _side(text, sides), time, _without(text, speakers) or text)


def _called(names: Mapping[str, Mapping[str, int]], role: Role) -> frozenset[str]:
    """The names of one side, in lower case."""
    own = names.get(role, {})
    other = names.get(Role.USER if role == Role.ASSISTANT else Role.ASSISTANT, {})
    least = max(LEAST, SHARE * max(own.values(), default=0))
    found = {name for name, count in own.items() if count >= least and count > 2 * other.get(name, 0)}
    return frozenset(found | OURSELVES) if role == Role.ASSISTANT else frozenset(found)


def _side(text: str, sides: set[Role]) -> Role | None:
    if sides:
        return next(iter(sides)) if len(sides) == 1 else None
    if _YOU_SAID.search(text):
        return Role.ASSISTANT
    return Role.USER if _I.search(text) else None


def _terms(words: Sequence[str], languages: Sequence[str]) -> list[Term]:
    terms = []
    for word in words:
        stems = dict.fromkeys(indexing.stemmed(word, language) for language in languages or (None,))
        # A word of grammar in one language is one in all: they are left out of the index alike.
        if all(stems):
            terms.append(Term(word, tuple(map(Form, stems)), lexemes.begins(word)))
    return terms


def _without(text: str, names: set[str]) -> str:
    """The text without these words."""
    if not names:
        return text
    any_of = "|".join(map(re.escape, sorted(names)))
    pattern = re.compile(rf"\b(?:{any_of})\b(?:['’]s)?", re.IGNORECASE)
    return " ".join(pattern.sub(" ", text).split())

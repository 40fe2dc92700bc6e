"""What a person writes about: terms that conversations are about, grouped into topics by the conversations they share.

A term is what a conversation is about when its title has it or the person uses it there more than once. Linear in the
history, the same for the same messages, no language model.
"""

from __future__ import annotations

import itertools
import math
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from soulprint.measuring import words
from soulprint.measuring.words import Typed
from soulprint.reading import Talk

TERMS_A_TALK = 24
"""Terms kept of one conversation; the title's come first."""

CONSIDERED = 800
"""The best terms, which are grouped into topics."""

TOPICS = 40
EXAMPLES = 12
"""Conversations named for one topic, the newest first."""

SHARED = 0.6
"""A term belongs to a topic when this share of its conversations is the topic's."""

COMMON = 0.25
"""A word that stands in a larger share of all conversations is a habit of writing, unless titles have it."""

PAIRED = frozenset(("half", "big", "small", "home", "data", "old", "real"))
"""Words that say something of a subject only together with another."""

FEW = 10
"""Conversations too few to tell a habit from a subject."""

_RUNS = re.compile(r"[\u30a0-\u30ff]{2,}|[\u4e00-\u9fff]{2,6}|[\u0e00-\u0e7f]{3,}")
_WORD = re.compile(r"[^\W\d_][\w'’]*")


@dataclass(frozen=True, slots=True)
class Topic:
    label: str
    """As the titles write it, where they have it."""
    terms: tuple[str, ...]
    """The terms it was found by, lower case, the best first."""
    conversations: int
    examples: tuple[uuid.UUID, ...]
    """The newest conversations about it, at most `EXAMPLES`."""
    first: datetime | None
    last: datetime | None
    years: tuple[tuple[int, int], ...] = ()
    """Years with how many of the conversations were begun in them."""


class Collector:
    """Takes the messages batch by batch, ordered by conversation; keeps some terms of each conversation."""

    def __init__(self, talks: Mapping[uuid.UUID, Talk]) -> None:
        self._talks = talks
        self._titles = _titles(talks)
        self._seen: Counter[str] = Counter()
        self._about: dict[str, list[uuid.UUID]] = {}
        self._surfaces: dict[str, Counter[str]] = {}
        self._conversation: uuid.UUID | None = None
        self._words: Counter[str] = Counter()
        self._conversations = 0

    def add(self, batch: Iterable[Typed]) -> None:
        """Take some messages."""
        for said, _, spoken in batch:
            if said.conversation_id != self._conversation:
                self._finish()
                self._conversation = said.conversation_id
            self._words.update(spoken)

    def _finish(self) -> None:
        """Keep what the conversation was about."""
        if self._conversation is None:
            return
        self._conversations += 1
        title = self._titles.get(self._conversation, ())
        self._seen.update(self._words.keys())
        counted = _merged({word: n for word, n in self._words.items() if n > 1 and word not in words.STOP})
        spoken = sorted(counted, key=lambda term: (-counted[term], term))
        for term in [*title, *(term for term in spoken if term not in title)][:TERMS_A_TALK]:
            self._about.setdefault(term, []).append(self._conversation)
        self._words = Counter()

    def result(self) -> list[Topic]:
        """The topics found, those with most conversations and the most particular terms first."""
        self._finish()
        self._conversation = None
        found = [_Group(term, set(self._about[term])) for term in self._ranked()]
        groups = _grouped(found)
        return [self._topic(group) for group in groups[:TOPICS]]

    def _ranked(self) -> list[str]:
        """The terms worth a topic, best first."""
        least = 2 if self._conversations < 300 else 3
        titled = Counter(term for terms in self._titles.values() for term in terms)
        scored = [
            (-_worth(len(about), self._met(term, len(about)), titled[term], self._conversations), term)
            for term, about in self._about.items()
            if len(about) >= least
        ]
        return [term for score, term in sorted(scored)[:CONSIDERED] if score < 0]

    def _met(self, term: str, about: int) -> int:
        """Conversations that have the term at all: those of its more frequent form."""
        return max(self._seen[term], self._seen[term + "s"], about)

    def _topic(self, group: _Group) -> Topic:
        dated = sorted(
            (talk for key in group.conversations if (talk := self._talks.get(key)) and talk.started_at),
            key=lambda talk: (talk.started_at, talk.id),
            reverse=True,
        )
        times = [talk.started_at for talk in dated if talk.started_at]
        examples = [talk.id for talk in dated] or sorted(group.conversations)
        return Topic(
            label=self._label(group),
            terms=tuple(group.terms),
            conversations=len(group.conversations),
            examples=tuple(examples[:EXAMPLES]),
            first=times[-1] if times else None,
            last=times[0] if times else None,
            years=tuple(sorted(Counter(time.year for time in times).items())),
        )

    def _title(self, key: uuid.UUID) -> str:
        talk = self._talks.get(key)
        return (talk.title if talk else None) or ""

    def _label(self, group: _Group) -> str:
        """The head term as titles write it, its first letter a capital."""
        pattern = re.compile(r"(?<!\w)" + r"[\s\-]+".join(map(re.escape, group.head.split())) + r"\w?\b", re.IGNORECASE)
        written = Counter(match.group() for key in group.conversations if (match := pattern.search(self._title(key))))
        best = max(written, key=lambda surface: (written[surface], surface), default=group.head)
        return best[0].upper() + best[1:]


class _Group:
    """A topic in the making: its terms, and the conversations they are what it is about."""

    def __init__(self, head: str, conversations: set[uuid.UUID]) -> None:
        self.head = head
        self.terms = [head]
        self.conversations = conversations

    def take(self, other: _Group) -> None:
        self.terms += other.terms
        more_telling = " " in other.head and " " not in self.head and self.head in other.head.split()
        if more_telling and 2 * len(other.conversations) >= len(self.conversations):
            self.head = other.head
        self.conversations |= other.conversations


def _grouped(found: Sequence[_Group]) -> list[_Group]:
    """Groups joined with the better one that most of their conversations belong to, then by size."""
    groups: list[_Group] = []
    for group in found:
        home = max(groups, key=lambda g: len(g.conversations & group.conversations), default=None)
        shared = len(home.conversations & group.conversations) if home else 0
        if home and shared >= SHARED * len(group.conversations):
            home.take(group)
        elif len(groups) < 2 * TOPICS:
            groups.append(group)
    return sorted(groups, key=lambda group: (-len(group.conversations), group.head))


def _worth(about: int, seen: int, titled: int, conversations: int) -> float:
    """How well a term serves as a topic: many conversations about it, few that only mention it, titles that name it."""
    if not titled and seen > max(FEW, COMMON * conversations):
        return 0.0
    particular = about / seen
    named = (0.4 if not titled else 1.0) + titled / about
    return about * math.log(1 + conversations / seen) * particular * named


def _titles(talks: Mapping[uuid.UUID, Talk]) -> dict[uuid.UUID, tuple[str, ...]]:
    """The terms of each title: pairs of words that several titles have, then single words."""
    split = {key: _title_words(talk.title) for key, talk in talks.items() if talk.title}
    pairs = Counter(pair for terms in split.values() for pair in set(_pairs(terms)))
    return {
        key: tuple(dict.fromkeys([*(pair for pair in _pairs(terms) if pairs[pair] > 1), *_alone(terms)]))
        for key, terms in split.items()
    }


def _alone(terms: Sequence[str]) -> list[str]:
    return [term for term in terms if term and term not in PAIRED]


def _title_words(title: str) -> list[str]:
    """The stems of a title's words, "" in the place of one that says nothing."""
    found = [word.replace("’", "'").lower() for word in _WORD.findall(title)]
    return ["" if word in words.STOP and word not in PAIRED else next(iter(_merged({word: 1})), "") for word in found]


def _pairs(terms: Sequence[str]) -> list[str]:
    return [f"{one} {two}" for one, two in itertools.pairwise(terms) if one and two]


def _merged(counted: Mapping[str, int]) -> dict[str, int]:
    """The terms with plural and genitive joined to the bare form; what is too short or a number is left out."""
    terms: dict[str, int] = {}
    for word, n in counted.items():
        if word.isascii() and (len(word) < 3 or not word[0].isalpha()):
            continue
        for term in (_stem(word),) if word.isascii() or not words.CJK.search(word) else _RUNS.findall(word):
            terms[term] = terms.get(term, 0) + n
    return terms


def _stem(word: str) -> str:
    word = word.removesuffix("'s").strip("'")
    if len(word) > 4 and word.endswith("s") and word[-2] not in "suia":
        return word[:-3] + "y" if word.endswith("ies") and len(word) > 5 else word[:-1]
    return word

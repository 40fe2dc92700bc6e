"""Titles of activities in ("Prompted How are you"), what the person wrote in them out ("How are you").

The words before it ("Prompted", "Eingegebener Prompt:") are in the language of the account. Where we don't know them,
they are those that most titles of the file begin with.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

KNOWN = re.compile(
    r"(?:Prompted with:|Prompted|Said|Asked (?:Gemini|Bard):|Asked|Eingegebener Prompt:)(?:[ \u00a0\u202f]|$)"
)
"""Leads that we are sure of, each with the space behind it, where something follows."""
OTHER = re.compile(r"(?:Created|Used|Selected preferred draft|Gave feedback)(?![^\s\u00a0:.])")
"""What is done in the app beside talking."""

WORDS = 6
"""The most words that a lead has."""
LENGTH = 80
"""The most characters that a lead has."""
LEADS = 4
"""The most leads that are found in one file."""
SEVERAL = 10
"""So many different titles tell a lead of several words from words that the person began with now and then."""
NEARLY_ALL = 0.9

_WORD = re.compile(r"[^\s:：]*+[:：]?+[\s\u00a0]*+")


@dataclass(slots=True)
class Titles:
    """Titles seen one by one, of which only beginnings are kept."""

    answered: Counter[tuple[str, ...]] = field(default_factory=Counter)
    unanswered: Counter[tuple[str, ...]] = field(default_factory=Counter)
    any_known: bool = False

    def add(self, title: str, *, answered: bool) -> None:
        """Take one into account. `answered`: whether the record has an answer, as prompts mostly have."""
        if KNOWN.match(title) or OTHER.match(title):
            self.any_known = True
            return
        words = tuple(_words(title[:LENGTH]))
        counter = self.answered if answered else self.unanswered
        if words in counter or len(counter) < 100_000:
            counter[words] += 1

    def leads(self) -> Leads:
        """What can be told of them all."""
        beginnings = [*(self.answered or self.unanswered)]
        found = tuple(_found(beginnings))
        return Leads(found, self.any_known or bool(found))


@dataclass(frozen=True, slots=True)
class Leads:
    found: tuple[str, ...] = ()
    """In the order in which they are to be tried."""
    any: bool = False
    """Whether any lead of the file is known, so that a title without one is something else than a prompt."""

    def prompt(self, title: str, *, answered: bool) -> str | None:
        """What the person wrote; None where the title is that of another activity. A title of which nothing is known
        stays whole where it was answered, as more would be lost than gained by leaving it out."""
        known = KNOWN.match(title)
        if known:
            return title[known.end() :]
        if OTHER.match(title):
            return None
        even = _even(title)
        for lead in self.found:
            if even.startswith(lead):
                return title[len(lead) :]
        return title if answered or not self.any else None


def _found(beginnings: list[tuple[str, ...]]) -> Iterator[str]:
    """The leads of several kinds of titles, each of which differ only after it."""
    rest = beginnings
    for _ in range(LEADS):
        first = Counter(words[0] for words in rest if len(words) > 1).most_common(1)
        if not first or first[0][1] < 2 or first[0][1] * 2 < len(rest):
            return
        group = [words for words in rest if words[:1] == (first[0][0],)]
        yield _common(group)
        rest = [words for words in rest if words[:1] != (first[0][0],)]


def _common(group: list[tuple[str, ...]]) -> str:
    """The words that nearly all in the group begin with, up to a colon. Of a few titles only the first, as they may be
    alike by chance."""
    lead: tuple[str, ...] = group[0][:1]
    to_colon = lead
    while len(lead) < WORDS and not lead[-1].rstrip().endswith((":", "：")):
        size = len(lead)
        following = Counter(words[size] for words in group if len(words) > size + 1).most_common(1)
        if not following or following[0][1] < NEARLY_ALL * len(group):
            break
        lead += (following[0][0],)
        group = [words for words in group if words[: size + 1] == lead]
        if len(group) >= SEVERAL or lead[-1].rstrip().endswith((":", "：")):
            to_colon = lead
    return "".join(to_colon)


def _words(title: str) -> Iterator[str]:
    """The first words, each with the space behind it, and one more than a lead may have: it never takes a whole
    title."""
    words = (match[0] for match in _WORD.finditer(_even(title)) if match[0])
    return islice(words, WORDS + 1)


def _even(title: str) -> str:
    """HTML has no-break spaces where JSON has plain ones."""
    return title.replace("\u00a0", " ").replace("\u202f", " ")

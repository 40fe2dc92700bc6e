"""How a person writes, in exact counts over every message they typed; only the languages rest on a sample.

Spelling, punctuation and manners are counted over what was typed; voice transcripts count for times and languages alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from soulprint.measuring import languages, markers, words
from soulprint.measuring.words import Typed
from soulprint.reading import Said

ZONE = "UTC"
"""Nobody tells us where the person is, so hours and weekdays are those of UTC."""

QUESTION_LENGTH = 25
"""Words: a longer message that only starts like a question is seldom one."""


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `over` messages."""

    count: int
    over: int

    @property
    def percent(self) -> float:
        return 100 * self.count / self.over if self.over else 0.0


@dataclass(frozen=True, slots=True)
class Lengths:
    """Words a message: median and quartiles, the longest."""

    lower: int
    median: int
    upper: int
    longest: int


@dataclass(frozen=True, slots=True)
class Year:
    """One year of messages."""

    year: int
    messages: int
    median_words: int


@dataclass(frozen=True, slots=True)
class Style:
    """What was counted. Shares are over typed messages with own text, unless they say otherwise."""

    messages: int
    """Typed and spoken; attachments are left out."""
    typed: int
    voice: int
    words: int
    """The person's own, without code and pastes."""
    characters: int
    """Code points of the whole messages."""
    lengths: Lengths
    shares: dict[str, Share]
    """By the names of `TRAITS` in `measuring.traits`."""
    emoji: tuple[tuple[str, int], ...]
    """The most used, with how often."""
    hours: tuple[int, ...]
    """Messages in each hour of the day, 24 of them, in `zone`."""
    weekdays: tuple[int, ...]
    """Messages on each day of the week, Monday first, in `zone`."""
    zone: str
    years: tuple[Year, ...]
    first: datetime | None
    last: datetime | None
    languages: tuple[languages.Language, ...]
    languages_over: int
    """Messages of the sample that the languages were told from."""


def _has_emoji(message: Typed) -> bool:
    return not message.own.isascii() and markers.EMOJI.search(message.own) is not None


FEATURES: dict[str, Callable[[Typed], bool]] = {
    "questions": lambda m: m.own.endswith("?") or (m.words[0] in markers.QUESTION_WORDS and len(m.words) <= QUESTION_LENGTH),
    "exclamations": lambda m: "!" in m.own,
    "ellipses": lambda m: "..." in m.own or "…" in m.own,
    "emoji": _has_emoji,
    "emoticons": lambda m: any(sign in m.own for sign in markers.EMOTICONS),
    "one_liners": lambda m: "\n" not in m.said.text,
    "lower_case_starts": lambda m: m.own[0].islower(),
    "cased_starts": lambda m: m.own[0].isalpha() and (m.own[0].islower() or m.own[0].isupper()),
    "capitals": lambda m: len(m.own) > 12 and m.own.isupper(),
    "greetings": lambda m: m.words[0] in markers.GREETINGS,
    "code": lambda m: "```" in m.said.text,
    "pasted": lambda m: len(m.said.text) > len(m.own) + 200,
    "full_stops": lambda m: m.own.rstrip().endswith("."),
}
"""Name of a share -> whether a message counts for it."""


class Measurer:
    """Counts batch by batch, in memory that does not grow with the history."""

    def __init__(self) -> None:
        self._messages: Counter[str] = Counter()
        self._features: Counter[str] = Counter()
        self._lengths: dict[int, Counter[int]] = {}
        self._emoji: Counter[str] = Counter()
        self._hours: Counter[int] = Counter()
        self._weekdays: Counter[int] = Counter()
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._sampler = languages.Sampler()

    def add(self, batch: Iterable[Said]) -> None:
        """Count some messages."""
        self.count(words.typed(batch))

    def count(self, batch: list[Typed]) -> None:
        """Count messages that are cut into words already."""
        typed = [message for message in batch if message.is_typed]
        self._messages.update(all=len(batch), typed=len(typed), characters=sum(len(m.said.text) for m in batch))
        self._sampler.add(batch)
        self._count_times([message.said.sent_at for message in batch if message.said.sent_at])
        self._count_manners([message for message in typed if message.words])

    def _count_times(self, times: list[datetime]) -> None:
        if not times:
            return
        self._hours.update([time.hour for time in times])
        self._weekdays.update([time.weekday() for time in times])
        self._first = min(times) if self._first is None else min(self._first, *times)
        self._last = max(times) if self._last is None else max(self._last, *times)

    def _count_manners(self, typed: list[Typed]) -> None:
        self._messages["own"] += len(typed)
        for name, counts in FEATURES.items():
            self._features[name] += sum(map(counts, typed))
        for message in typed:
            time = message.said.sent_at
            self._lengths.setdefault(time.year if time else 0, Counter())[words.count(message)] += 1
            met = markers.KNOWN.intersection(message.words)
            if met:
                self._features.update({markers.WORDS[word] for word in met})
            if "sie" in met or "ihnen" in met:
                self._features["formal_sie"] += markers.FORMAL_SIE.search(message.own) is not None
            if not message.own.isascii():
                self._emoji.update(markers.EMOJI.findall(message.own))

    def result(self) -> Style:
        """What was counted so far."""
        lengths: Counter[int] = sum(self._lengths.values(), Counter())
        own = self._messages["own"]
        names = {*FEATURES, *markers.WORDS.values(), "formal_sie"}
        spoken, told = languages.measure(self._sampler.result(), self._sampler.messages)
        return Style(
            messages=self._messages["all"],
            typed=self._messages["typed"],
            voice=self._messages["all"] - self._messages["typed"],
            words=sum(length * n for length, n in lengths.items()),
            characters=self._messages["characters"],
            lengths=_lengths(lengths),
            shares={name: Share(self._features[name], own) for name in sorted(names)},
            emoji=tuple(self._emoji.most_common(8)),
            hours=tuple(self._hours[hour] for hour in range(24)),
            weekdays=tuple(self._weekdays[day] for day in range(7)),
            zone=ZONE,
            years=tuple(
                Year(year, n.total(), _lengths(n).median) for year, n in sorted(self._lengths.items()) if year
            ),
            first=self._first,
            last=self._last,
            languages=spoken,
            languages_over=told,
        )


def _lengths(counted: Counter[int]) -> Lengths:
    total = counted.total()
    quarter, half, rest = (_at(counted, -(-total * part // 4)) for part in (1, 2, 3))
    return Lengths(quarter, half, rest, max(counted, default=0))


def _at(counted: Counter[int], rank: int) -> int:
    """The `rank`th smallest value, counted from 1."""
    seen = 0
    for value, n in sorted(counted.items()):
        seen += n
        if seen >= rank:
            return value
    return 0

"""How a person writes, in exact counts over every message they typed. Only the languages rest on a sample.

Spelling, punctuation and manners are counted over what was typed; voice transcripts count for hours and
languages alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from soulprint.measuring import languages, markers, words
from soulprint.measuring.languages import Language
from soulprint.measuring.words import Typed

ZONE = "UTC"
"""Nobody tells us where the person is, so hours and weekdays are those of UTC."""

TONES = {"polite": {"please", "thanks"}, "casual": {"slang", "bare_contractions"}}
"""Tone -> the manners of `markers.MANNERS` that show it."""

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
    """Words a message: median and quartiles."""

    lower: int
    median: int
    upper: int


@dataclass(frozen=True, slots=True)
class Year:
    """One year of messages."""

    year: int
    messages: int
    lengths: Lengths
    polite: int = 0
    """Messages that say please or thanks."""
    casual: int = 0
    """Messages with slang or chat abbreviations."""

    @property
    def median_words(self) -> int:
        return self.lengths.median


@dataclass(frozen=True, slots=True)
class Style:
    """What was counted. Shares are over the messages with own text."""

    messages: int
    """Typed and spoken; attachments are left out."""
    voice: int
    """Spoken ones."""
    own: int
    """Typed ones in which something is the person's own, not code or pasted."""
    lengths: Lengths
    shares: dict[str, Share]
    """What a message shows -> how many do."""
    emoji: tuple[tuple[str, int], ...]
    """The most used, with how often."""
    hours: tuple[int, ...]
    """Messages in each hour of the day, 24 of them, in `ZONE`."""
    weekdays: tuple[int, ...]
    """Messages on each day of the week, Monday first, in `ZONE`."""
    years: tuple[Year, ...]
    languages: tuple[Language, ...]
    languages_over: int
    """Messages of the sample that the languages were told from."""


class Measurer:
    """Counts batch by batch, in memory that does not grow with the history."""

    def __init__(self) -> None:
        self._messages: Counter[str] = Counter()
        self._features: Counter[str] = Counter()
        self._lengths: defaultdict[int, Counter[int]] = defaultdict(Counter)
        self._tones: Counter[tuple[int, str]] = Counter()
        self._emoji: Counter[str] = Counter()
        self._hours: Counter[int] = Counter()
        self._weekdays: Counter[int] = Counter()
        self._sampler = languages.Sampler()

    def add(self, batch: Sequence[Typed]) -> None:
        """Count some messages."""
        typed = [message for message in batch if message.is_typed]
        self._messages.update(all=len(batch), typed=len(typed))
        self._sampler.add(batch)
        self._count_times([said.sent_at for said, *_ in batch if said.sent_at and said.zone_known])
        self._count_manners([message for message in typed if message.words])

    def _count_times(self, times: list[datetime]) -> None:
        self._hours.update([time.hour for time in times])
        self._weekdays.update([time.weekday() for time in times])

    def _count_manners(self, typed: list[Typed]) -> None:
        self._messages["own"] += len(typed)
        self._features.update(_features(typed))
        for message in typed:
            time = message.said.sent_at
            self._lengths[time.year if time else 0][words.count(message)] += 1
            met = markers.KNOWN.intersection(message.words)
            if met:
                manners = {manner for word in met for manner in markers.WORDS[word]}
                self._features.update(manners)
                self._tones.update([(time.year if time else 0, tone) for tone, of in TONES.items() if manners & of])
            if "sie" in met or "ihnen" in met:
                self._features["formal_sie"] += markers.FORMAL_SIE.search(message.own) is not None
            if not message.own.isascii() and markers.PICTURE.search(message.own):
                self._features["emoji"] += 1
                self._emoji.update(markers.EMOJI.findall(message.own))

    def result(self) -> Style:
        """What was counted so far."""
        lengths: Counter[int] = sum(self._lengths.values(), Counter())
        own = self._messages["own"]
        names = {*_features([]), *markers.MANNERS, "emoji", "formal_sie"}
        spoken, told = languages.measure(self._sampler.result(), self._sampler.messages)
        return Style(
            messages=self._messages["all"],
            voice=self._messages["all"] - self._messages["typed"],
            own=own,
            lengths=_lengths(lengths),
            shares={name: Share(self._features[name], own) for name in sorted(names)},
            emoji=tuple(self._emoji.most_common(8)),
            hours=tuple(self._hours[hour] for hour in range(24)),
            weekdays=tuple(self._weekdays[day] for day in range(7)),
            years=tuple(self._year(year, counted) for year, counted in sorted(self._lengths.items()) if year),
            languages=spoken,
            languages_over=told,
        )

    def _year(self, year: int, counted: Counter[int]) -> Year:
        polite, casual = (self._tones[year, tone] for tone in TONES)
        return Year(year, counted.total(), _lengths(counted), polite, casual)


def _features(typed: Sequence[Typed]) -> dict[str, int]:
    """How many of the messages show each feature that no single word gives away. One pass a feature is fastest."""
    owns = [message.own for message in typed]
    texts = [message.said.text for message in typed]
    openers = [message.words[0] for message in typed]
    starts = [own[0] for own in owns]
    return {
        "questions": sum([_is_question(message) for message in typed]),
        "exclamations": sum(["!" in own for own in owns]),
        "emoticons": sum([(":" in own or ";" in own) and bool(markers.EMOTICON.search(own)) for own in owns]),
        "one_liners": sum(["\n" not in text for text in texts]),
        "lower_case_starts": sum([start.islower() for start in starts]),
        "cased_starts": sum([start.islower() or start.isupper() for start in starts]),
        "capitals": sum([own.isupper() and len(own) > 12 for own in owns]),
        "greetings": sum([opener in markers.GREETINGS for opener in openers]),
        "code": sum(["```" in text for text in texts]),
        "pasted": sum([len(text) > len(own) + 200 for text, own in zip(texts, owns, strict=True)]),
        "full_stops": sum([own.endswith(".") for own in owns]),
    }


def _is_question(message: Typed) -> bool:
    if message.own.endswith("?"):
        return True
    return message.words[0] in markers.QUESTION_WORDS and len(message.words) <= QUESTION_LENGTH


def _lengths(counted: Counter[int]) -> Lengths:
    total = counted.total()
    quarter, half, rest = (_at(counted, -(-total * part // 4)) for part in (1, 2, 3))
    return Lengths(quarter, half, rest)


def _at(counted: Counter[int], rank: int) -> int:
    """The `rank`th smallest value, counted from 1."""
    seen = 0
    for value, n in sorted(counted.items()):
        seen += n
        if seen >= rank:
            return value
    return 0

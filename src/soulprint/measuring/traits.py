"""A measured style as sentences with their numbers: only what is marked enough to say something about a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from soulprint.measuring.languages import Language
from soulprint.measuring.style import ZONE, Style

ENOUGH = 20
"""Typed messages below which nothing is said about a manner."""

WINDOW = 4
"""Hours: the part of the day with most messages."""


@dataclass(frozen=True, slots=True)
class Trait:
    """One measured habit."""

    id: str
    name: str
    """What was counted."""
    value: str
    over: int
    """How many messages it was counted over."""
    sentence: str
    """The same for people to read."""


def traits(style: Style) -> list[Trait]:
    """What the measured style says, the most telling first. Empty for a handful of messages."""
    if style.own < ENOUGH:
        return []
    return [trait for describe in DESCRIBED for trait in describe(style)]


def _length(style: Style) -> Iterator[Trait]:
    lower, median, upper = style.lengths.lower, style.lengths.median, style.lengths.upper
    kind = "short" if median <= 15 else "medium-length" if median <= 40 else "long"
    yield Trait(
        *("length", "words in a message: quartiles", f"{lower}, {median}, {upper}", style.own),
        f"Writes {kind} messages: half of {style.own:,} have {median} words or fewer, a quarter {upper} or more.",
    )


def _trend(style: Style) -> Iterator[Trait]:
    years = [year for year in style.years if year.messages >= 30]
    if len(years) < 2:
        return
    first, last = years[0], years[-1]
    if max(first.median_words, last.median_words) >= 1.4 * max(1, min(first.median_words, last.median_words)):
        change = "longer" if last.median_words > first.median_words else "shorter"
        yield Trait(
            *("trend", "median words in a message by year", _arrow(first.median_words, last.median_words)),
            first.messages + last.messages,
            f"Messages grew {change}: the median was {first.median_words} words in {first.year} and "
            f"{last.median_words} in {last.year}.",
        )


def _arrow(first: int, last: int) -> str:
    return f"{first} → {last}"


def _share(
    id: str,  # noqa: A002
    key: str,
    name: str,
    sentence: str,
    holds: Callable[[float], bool],
) -> Callable[[Style], Iterator[Trait]]:
    """A trait that is said when the share, in percent, is marked."""

    def describe(style: Style) -> Iterator[Trait]:
        share = style.shares[key]
        if holds(share.percent):
            yield Trait(
                *(id, name, f"{share.count:,} of {share.over:,}", share.over),
                sentence.format(count=f"{share.count:,}", over=f"{share.over:,}", percent=_percent(share.percent)),
            )

    return describe


def _percent(value: float) -> str:
    return f"{value:.0f} %" if value >= 1 or value == 0 else f"{value:.1f} %"


def _lower_case(style: Style) -> Iterator[Trait]:
    low, cased = style.shares["lower_case_starts"], style.shares["cased_starts"]
    if cased.count < ENOUGH or low.count < 0.3 * cased.count:
        return
    yield Trait(
        *("lower-case", "messages that start with a lower-case letter", f"{low.count:,} of {cased.count:,}"),
        cased.count,
        f"Starts {_percent(100 * low.count / cased.count)} of messages with a lower-case letter.",
    )


def _full_stops(style: Style) -> Iterator[Trait]:
    stops = style.shares["full_stops"]
    if stops.percent <= 15:
        yield Trait(
            *("full-stops", "messages that end with a full stop", f"{stops.count:,} of {stops.over:,}", stops.over),
            f"Leaves out the last full stop: {stops.count:,} of {stops.over:,} messages end with one.",
        )


def _spelling(style: Style) -> Iterator[Trait]:
    british, american = style.shares["british"], style.shares["american"]
    total = british.count + american.count
    most, name = (british, "British") if british.count >= american.count else (american, "American")
    if total >= 8 and most.count >= 0.85 * total:
        yield Trait(
            *("spelling", f"messages with {name} spellings or words", f"{most.count} of {total}", total),
            f"Spells the {name} way: {most.count} of the {total} messages where it shows.",
        )


def _emoji(style: Style) -> Iterator[Trait]:
    share = style.shares["emoji"]
    if share.count == 0 and share.over >= 50:
        sentence = f"Uses no emoji: none in {share.over:,} messages."
    elif share.percent >= 3:
        favourites = " ".join(sign for sign, _ in style.emoji[:4])
        sentence = f"Uses emoji in {_percent(share.percent)} of messages, most often {favourites}."
    else:
        return
    yield Trait("emoji", "messages with emoji", f"{share.count:,} of {share.over:,}", share.over, sentence)


def _address(style: Style) -> Iterator[Trait]:
    for informal, formal, language in (("du", "formal_sie", "German"), ("tu", "vous", "French")):
        low, high = style.shares[informal], style.shares[formal]
        total = low.count + high.count
        most, word = (low, informal) if low.count >= high.count else (high, "Sie" if informal == "du" else "vous")
        if total >= 5 and most.count >= 0.8 * total:
            yield Trait(
                *(f"address-{word.lower()}", f"messages in {language} with {word}", f"{most.count} of {total}", total),
                f"Says “{word}” to the assistant in {language}: {most.count} of the {total} messages that say either.",
            )


def _languages(style: Style) -> Iterator[Trait]:
    over = style.languages_over
    spoken = [language for language in style.languages if language.share >= 0.02]
    if over < ENOUGH or not spoken:
        return
    shares = _joined([f"{language.name} ({_percent(100 * language.share)})" for language in spoken[:4]])
    sampled = "" if over >= style.messages else f", told from {over:,} messages"
    yield Trait("languages", "languages of messages", shares, over, f"Writes in {shares}{sampled}.")
    for language in spoken[1:3]:
        yield from _shift(language, over)


def _shift(language: Language, over: int) -> Iterator[Trait]:
    """A language that became much more or less used."""
    if len(language.years) < 2:
        return
    (first, before), (last, after) = language.years[0], language.years[-1]
    if abs(after - before) < 0.08 or max(before, after) < 2 * min(before, after):
        return
    more = "more" if after > before else "less"
    value = f"{_percent(100 * before)} in {first}, {_percent(100 * after)} in {last}"
    yield Trait(
        *(f"language-{language.code}", f"share of {language.name} by year", value, over),
        f"Writes {more} {language.name} than before: {value}.",
    )


def _hours(style: Style) -> Iterator[Trait]:
    total = sum(style.hours)
    if total < 50:
        return
    around = [sum(style.hours[(start + i) % 24] for i in range(WINDOW)) for start in range(24)]
    start = max(range(24), key=lambda hour: (around[hour], -hour))
    if around[start] >= 0.35 * total:
        span = f"{start:02}:00 and {(start + WINDOW) % 24:02}:00 {ZONE}"
        yield Trait(
            *("hours", f"messages between {span}", f"{around[start]:,} of {total:,}", total),
            f"Writes most between {span}: {_percent(100 * around[start] / total)} of messages.",
        )
    yield from _weekend(style, total)


def _weekend(style: Style, total: int) -> Iterator[Trait]:
    share = 100 * sum(style.weekdays[5:]) / total
    if share <= 12 or share >= 40:
        part = "hardly ever" if share <= 12 else "often"
        yield Trait(
            *("weekend", "messages on Saturdays and Sundays", _percent(share), total),
            f"Writes {part} at weekends: {_percent(share)} of messages.",
        )


def _joined(parts: list[str]) -> str:
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


DESCRIBED: tuple[Callable[[Style], Iterator[Trait]], ...] = (
    _length,
    _languages,
    _lower_case,
    _share("questions", "questions", "messages that ask a question", "Asks a question in {percent} of messages ({count} of {over}).", lambda p: p >= 35),
    _share("statements", "questions", "messages that ask a question", "Seldom asks in the form of a question: {count} of {over} messages.", lambda p: p <= 12),
    _share("one-liners", "one_liners", "messages without a line break", "Writes in a single paragraph: {percent} of messages have no line break.", lambda p: p >= 90),
    _full_stops,
    _share("exclamations", "exclamations", "messages with an exclamation mark", "Uses an exclamation mark in {percent} of messages.", lambda p: p >= 15),
    _share("few-exclamations", "exclamations", "messages with an exclamation mark", "Seldom uses exclamation marks: {count} of {over} messages.", lambda p: p <= 2),
    _share("please", "please", "messages that say please", "Says please in {percent} of messages ({count} of {over}).", lambda p: p >= 10),
    _share("no-please", "please", "messages that say please", "Seldom says please: {count} of {over} messages.", lambda p: p <= 1),
    _share("thanks", "thanks", "messages that give thanks", "Says thanks in {percent} of messages ({count} of {over}).", lambda p: p >= 8),
    _share("greetings", "greetings", "messages that open with a greeting", "Opens with a greeting in {percent} of messages.", lambda p: p >= 8),
    _share("contractions", "contractions", "messages with contractions", "Writes as people talk: contractions such as “I'm” and “don't” in {percent} of messages.", lambda p: p >= 30),
    _share("dropped", "bare_contractions", "messages with “dont”, “im” and the like", "Drops apostrophes (“dont”, “im”) in {percent} of messages.", lambda p: p >= 5),
    _share("slang", "slang", "messages with slang", "Uses chat words such as “lol”, “ok” or “yeah” in {percent} of messages.", lambda p: p >= 12),
    _share("hedges", "hedges", "messages with “maybe”, “perhaps” and the like", "Hedges with “maybe”, “probably” and the like in {percent} of messages.", lambda p: p >= 10),
    _share("emoticons", "emoticons", "messages with emoticons", "Uses emoticons such as “:)” in {percent} of messages.", lambda p: p >= 4),
    _share("capitals", "capitals", "messages all in capitals", "Writes {percent} of messages all in capitals.", lambda p: p >= 3),
    _share("first-person", "first_person", "messages in the first person", "Speaks in the first person in {percent} of messages.", lambda p: p >= 55),
    _share("code", "code", "messages with a code block", "Pastes code in {percent} of messages ({count} of {over}).", lambda p: p >= 8),
    _emoji,
    _spelling,
    _address,
    _trend,
    _hours,
)  # fmt: skip
# ruff: noqa: E501 - a trait a line

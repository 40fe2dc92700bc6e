"""Small plots of how a person writes, as shapes that a template draws. Pure: figures in, coordinates and words out.

Every plot is as wide as its viewBox says and grows with the page; colours are of the page's own and are never the only
thing that tells two marks apart. Beside each stands what it shows in one sentence, and a table with all figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from soulprint.measuring.store import Portrait
from soulprint.measuring.style import ZONE, Style, Year
from soulprint.measuring.topics import Topic

WIDTH, HEIGHT = 320, 120
"""Of a plot, in the units of its viewBox."""

LEFT, FOOT = 26, 16
"""Kept free for figures at the side and names below."""

ENOUGH = 20
"""Messages below which nothing is drawn."""

FEWEST = 5
"""Messages of a year below which its figures say nothing."""

TOPICS = 8
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
DAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")
PART = 4
"""Hours: the part of the day that is named."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A bar, a cell or a dot, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    kind: str = ""
    """A class of the style sheet."""
    says: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """A name or a figure beside what it names."""

    x: float
    y: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Curve:
    points: str
    """As an SVG polygon or polyline has them."""
    kind: str
    closed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    name: str
    """Its id on the page."""
    title: str
    says: str
    """What it shows, in one sentence."""
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    """The same figures as a table."""
    marks: Sequence[Mark] = ()
    words: Sequence[Word] = ()
    curves: Sequence[Curve] = ()
    height: int = HEIGHT
    width: int = WIDTH


def plots(portrait: Portrait) -> list[Plot]:
    """All plots for which there is enough to show, the most telling first."""
    style = portrait.style
    if style.messages < ENOUGH:
        return []
    drawn = (
        _lengths(style),
        _hours(style),
        _languages(style),
        _tones(style),
        _topics(portrait.topics),
        _weekdays(style),
    )
    return [plot for plot in drawn if plot]


def _years(style: Style) -> list[Year]:
    return [year for year in style.years if year.messages >= FEWEST]


def _lengths(style: Style) -> Plot | None:
    """Words in a message by year: the median as a line, the middle half of all messages as a band."""
    years = _years(style)
    if not years:
        return None
    top = max(year.lengths.upper for year in years) or 1
    places = _places(len(years))

    def at(value: float) -> float:
        return _down(value / top)

    upper = [(x, at(year.lengths.upper)) for x, year in zip(places, years, strict=True)]
    lower = [(x, at(year.lengths.lower)) for x, year in zip(places, years, strict=True)]
    middle = [(x, at(year.lengths.median)) for x, year in zip(places, years, strict=True)]
    dots = [
        Mark(x - 2.5, y - 2.5, 5, 5, "dot", f"{year.year}: {year.lengths.median} words")
        for (x, y), year in zip(middle, years, strict=True)
    ]
    first, last = years[0].lengths.median, years[-1].lengths.median
    grew = (
        ""
        if len(years) == 1 or first == last
        else f", {'up' if last > first else 'down'} from {first} in {years[0].year}"
    )
    return Plot(
        name="length",
        title="Length",
        says=f"Half of your messages of {years[-1].year} have {last} words or fewer{grew}.",
        columns=("Year", "A quarter up to", "Half up to", "Three quarters up to", "Messages"),
        rows=[
            [
                f"{each.year}",
                *(f"{n}" for n in (each.lengths.lower, each.lengths.median, each.lengths.upper)),
                _count(each.messages),
            ]
            for each in years
        ],
        curves=[
            Curve(_points([*upper, *reversed(lower)]), "band", closed=True) if len(years) > 1 else Curve("", "band"),
            Curve(_points(middle), "line"),
        ],
        marks=dots
        if len(years) > 1
        else [Mark(places[0] - 6, upper[0][1], 12, lower[0][1] - upper[0][1], "soft"), *dots],
        words=[*_named(places, [f"{year.year}" for year in years]), *_scale(top)],
    )


def _hours(style: Style) -> Plot | None:
    """Messages in each hour of the day."""
    if sum(style.hours) < ENOUGH:
        return None
    busiest = max(range(24), key=lambda hour: sum(style.hours[(hour + n) % 24] for n in range(PART)))
    part = {(busiest + n) % 24 for n in range(PART)}
    share = sum(style.hours[hour] for hour in part) / sum(style.hours)
    return Plot(
        name="hours",
        title="Hours",
        says=f"{share:.0%} of your messages are of {busiest}:00 to {(busiest + PART) % 24}:00 {ZONE}.",
        columns=(f"Hour ({ZONE})", "Messages"),
        rows=[[f"{hour}:00", _count(n)] for hour, n in enumerate(style.hours)],
        marks=_bars(style.hours, [f"{hour}:00: {_count(n)}" for hour, n in enumerate(style.hours)], part),
        words=_named(_places(24), [f"{hour}" if hour % 6 == 0 else "" for hour in range(24)]),
    )


def _weekdays(style: Style) -> Plot | None:
    if sum(style.weekdays) < ENOUGH:
        return None
    most, least = (chosen(range(7), key=lambda day: style.weekdays[day]) for chosen in (max, min))
    return Plot(
        name="weekdays",
        title="Days of the week",
        says=f"You write most on {DAYS[most]}, least on {DAYS[least]}.",
        columns=("Day", "Messages"),
        rows=[[name, _count(n)] for name, n in zip(WEEKDAYS, style.weekdays, strict=True)],
        marks=_bars(
            style.weekdays, [f"{name}: {_count(n)}" for name, n in zip(WEEKDAYS, style.weekdays, strict=True)], {most}
        ),
        words=_named(_places(7), WEEKDAYS),
    )


def _languages(style: Style) -> Plot | None:
    """A bar for each language, its share at its end."""
    if not style.languages:
        return None
    first = style.languages[0]
    others = "" if len(style.languages) == 1 else f", and {len(style.languages) - 1} more"
    step = 24
    marks, words = [], []
    for place, language in enumerate(style.languages[:6]):
        y = place * step + 4
        long = max(1.0, (WIDTH - 130) * language.share)
        marks.append(Mark(84, y, long, 12, "" if place == 0 else "soft", f"{language.name}: {language.share:.0%}"))
        words.append(Word(78, y + 10, language.name, "end"))
        words.append(Word(90 + long, y + 10, f"{language.share:.0%}", "start"))
    return Plot(
        name="languages",
        title="Languages",
        says=f"{first.share:.0%} of what could be told is {first.name}{others}.",
        columns=("Language", "Share", "Messages looked at"),
        rows=[[each.name, f"{each.share:.0%}", _count(each.messages)] for each in style.languages],
        marks=marks,
        words=words,
        height=min(6, len(style.languages)) * step + 4,
    )


def _tones(style: Style) -> Plot | None:
    """How often a message is polite or casual, by year: pairs of bars."""
    years = _years(style)
    if not years or not any(year.polite + year.casual for year in years):
        return None
    shares = [(year, year.polite / year.messages, year.casual / year.messages) for year in years]
    top = max(max(polite, casual) for _, polite, casual in shares)
    places = _places(len(years))
    bar = min(14.0, (WIDTH - LEFT) / len(years) / 3)
    marks = []
    for x, (year, polite, casual) in zip(places, shares, strict=True):
        for left, share, kind, tone in ((x - bar - 1, polite, "", "polite"), (x + 1, casual, "soft", "casual")):
            y = _down(share / top)
            marks.append(Mark(left, y, bar, HEIGHT - FOOT - y, kind, f"{year.year}: {share:.0%} {tone}"))
    _, polite, casual = shares[-1]
    return Plot(
        name="tones",
        title="Formality",
        says=f"In {years[-1].year}, {polite:.0%} of your messages say please or thanks, "
        f"{casual:.0%} have slang or chat shorthand (the paler bars).",
        columns=("Year", "Please or thanks", "Slang or shorthand", "Messages"),
        rows=[[f"{year.year}", f"{p:.0%}", f"{c:.0%}", _count(year.messages)] for year, p, c in shares],
        marks=marks,
        words=[*_named(places, [f"{year.year}" for year in years]), *_scale(top, percent=True)],
    )


def _topics(topics: Sequence[Topic]) -> Plot | None:
    """A row for each topic, a cell for each year: the larger, the more conversations."""
    found = [topic for topic in topics if topic.years][:TOPICS]
    years = sorted({year for topic in found for year, _ in topic.years})
    if len(years) < 2:
        return None
    step, left = 20, 116
    most = max(count for topic in found for _, count in topic.years)
    across = (WIDTH - left) / len(years)
    marks, words = [], []
    for place, topic in enumerate(found):
        y = place * step + step / 2
        words.append(Word(left - 8, y + 4, topic.label if len(topic.label) <= 18 else f"{topic.label[:17]}…", "end"))
        for year, count in topic.years:
            size = max(3.0, min(across - 2, step - 3) * (count / most) ** 0.5)
            x = left + (years.index(year) + 0.5) * across
            marks.append(
                Mark(x - size / 2, y - size / 2, size, size, "cell", f"{topic.label}, {year}: {_count(count)}")
            )
    height = len(found) * step + FOOT
    words += [
        Word(left + (n + 0.5) * across, height - 4, f"{year}")
        for n, year in enumerate(years)
        if _is_named(n, len(years))
    ]
    largest = found[0]
    best = max(largest.years, key=lambda year: year[1])[0]
    return Plot(
        name="topics",
        title="Topics over the years",
        says=f"{largest.label} comes up in most conversations, most of all in {best}.",
        columns=("Topic", *(f"{year}" for year in years)),
        rows=[[topic.label, *(_count(dict(topic.years).get(year, 0)) for year in years)] for topic in found],
        marks=marks,
        words=words,
        height=height,
    )


def _bars(counts: Sequence[int], says: Sequence[str], marked: set[int]) -> list[Mark]:
    top = max(counts)
    places = _places(len(counts))
    width = (WIDTH - LEFT) / len(counts) * 0.72
    return [
        Mark(x - width / 2, y := _down(n / top), width, HEIGHT - FOOT - y, "" if place in marked else "soft", told)
        for place, (x, n, told) in enumerate(zip(places, counts, says, strict=True))
    ]


def _places(number: int) -> list[float]:
    """The middles of so many columns."""
    across = (WIDTH - LEFT) / number
    return [round(LEFT + (place + 0.5) * across, 2) for place in range(number)]


def _down(share: float) -> float:
    """How far from the top the share of the tallest ends."""
    return round(8 + (1 - share) * (HEIGHT - FOOT - 8), 2)


def _named(places: Sequence[float], names: Sequence[str]) -> list[Word]:
    """The names below columns; of many, some."""
    return [
        Word(x, HEIGHT - 4, name)
        for n, (x, name) in enumerate(zip(places, names, strict=True))
        if name and (len(names) > 12 or _is_named(n, len(names)))
    ]


def _is_named(place: int, of: int) -> bool:
    return of <= 8 or place % 2 == 0


def _scale(top: float, *, percent: bool = False) -> list[Word]:
    shown = f"{top:.0%}" if percent else f"{top:g}"
    return [Word(LEFT - 4, 12, shown, "end"), Word(LEFT - 4, HEIGHT - FOOT, "0", "end")]


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def _count(number: int) -> str:
    return f"{number:,}"

"""When a question asks about: `in May 2023`, `last summer`, `two weeks ago`, in six languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = """
january jan januar jänner janvier enero gennaio janeiro | february feb februar février febrero febbraio fevereiro |
march mar märz mars marzo março | april apr avril abril aprile | may mai mayo maggio maio | june jun juni juin junio
giugno junho | july jul juli juillet julio luglio julho | august aug août agosto | september sep sept septembre
septiembre settembre setembro | october oct oktober okt octobre octubre ottobre outubro | november nov novembre
noviembre novembro | december dec dezember dez décembre diciembre dicembre dezembro
"""
_SEASONS = """
spring frühling frühjahr printemps primavera | summer sommer été verano estate verão | autumn fall herbst automne otoño
autunno outono | winter hiver invierno inverno
"""
_UNITS = """
day days tag tage tagen jour jours día días giorno giorni dia dias | week weeks woche wochen semaine semaines semana
semanas settimana settimane | month months monat monate monaten mois mes meses mese mesi mês | year years jahr jahre
jahren an ans année années año años anno anni ano anos
"""
_NUMBERS = """
one a an ein eine einem einer un une uno una um uma | two zwei deux dos due dois duas | three drei trois tres tre três |
four vier quatre cuatro quattro quatro | five fünf cinq cinco cinque | six sechs seis sei | seven sieben sept siete
sette sete | eight acht huit ocho otto oito | nine neun neuf nueve nove | ten zehn dix diez dieci dez
"""
_LAST = "last past previous letzte letzten letztes letzter vergangenen dernier dernière passado passada pasado pasada"
_LAST += " scorso scorsa último última ultimo ultima"
_THIS = "this current diese diesen dieses dieser ce cette este esta questo questa"
_YESTERDAY = "yesterday gestern hier ayer ieri ontem"
_TODAY = "today heute aujourd hoy oggi hoje"


def _table(words: str) -> dict[str, int]:
    return {word: place for place, group in enumerate(words.split("|"), 1) for word in group.split()}


MONTHS, SEASONS, UNITS, NUMBERS = (_table(words) for words in (_MONTHS, _SEASONS, _UNITS, _NUMBERS))
BESIDE = 14
"""Days before and after a day in which people speak of it."""

DAYS = (0, 1, 7, 30, 365)
"""Of each unit."""

_AGO = r"(?P<count>\d{1,3}|\w+)\s+(?P<unit>\w+)\s+(?:ago|atrás|fa)\b"
_AGO_BEFORE = r"\b(?:vor|il y a|hace|há)\s+(?P<count>\d{1,3}|\w+)\s+(?P<unit>\w+)"
_WORD = re.compile(r"\w+")
_ISO = re.compile(r"\b((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?\b")
_BETWEEN = re.compile(r"\b(?:between|from|zwischen|von|entre|tra|fra|dal)\b")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_DAY = re.compile(r"([1-9]|[12]\d|3[01])(?:st|nd|rd|th)?$")
_RELATIVE = (re.compile(_AGO), re.compile(_AGO_BEFORE))


@dataclass(frozen=True, slots=True)
class Time:
    """A stretch of time, or one that comes again each year where `year` isn't said."""

    since: date | None = None
    until: date | None = None
    """The last day of it."""
    month: int | None = None
    """1 to 12, of whatever year."""
    day: int | None = None
    words: frozenset[str] = frozenset()
    """What of the question says it, in lower case."""

    def covers(self, day: date) -> bool:
        if self.month is not None:
            return day.month == self.month and self.day in (None, day.day)
        return (self.since is None or day >= self.since) and (self.until is None or day <= self.until)

    def around(self) -> tuple[date, date] | None:
        """From when until when people speak of it: of a day also in the weeks beside it. None for one without year."""
        if self.since is None or self.until is None:
            return None
        slack = timedelta(days=BESIDE if self.is_exact else 0)
        return self.since - slack, self.until + slack

    def is_near(self, day: date) -> bool:
        """Whether people speak of it on this day."""
        around = self.around()
        return around is not None and around[0] <= day <= around[1]

    @property
    def is_exact(self) -> bool:
        """Whether it is a day or a few."""
        if self.month is not None:
            return self.day is not None
        return self.since is not None and self.until is not None and (self.until - self.since).days < DAYS[2]


def asked(question: str, today: date) -> Time | None:
    """The time a question names, the first one where it names several; None where it names none."""
    folded = question.lower()
    found = [*_iso(folded), *_ago(folded, today), *_named(_WORD.findall(folded), today)]
    if len(found) > 1 and _BETWEEN.search(folded):
        return _from_to(found[0], found[1])
    return found[0] if found else None


def _from_to(first: Time, second: Time) -> Time:
    if first.since is None or second.until is None or second.until < first.since:
        return first
    return Time(first.since, second.until, words=first.words | second.words)


def _iso(question: str) -> Iterator[Time]:
    for match in _ISO.finditer(question):
        year, month, day = int(match[1]), int(match[2]), int(match[3] or 0)
        if 1 <= month <= 12:
            yield _stretch(year, month, day, frozenset(part for part in match.groups() if part))


def _ago(question: str, today: date) -> Iterator[Time]:
    for pattern in _RELATIVE:
        for match in pattern.finditer(question):
            count = int(match["count"]) if match["count"].isdigit() else NUMBERS.get(match["count"], 0)
            if count and (unit := UNITS.get(match["unit"])):
                days, slack = count * DAYS[unit], DAYS[unit] // 2
                middle = today - timedelta(days=min(days, 36_500))
                words = frozenset(_WORD.findall(match[0]))
                yield Time(middle - timedelta(days=slack), middle + timedelta(days=slack), words=words)


def _named(words: list[str], today: date) -> Iterator[Time]:
    last, this = set(_LAST.split()), set(_THIS.split())
    year = next((int(word) for word in words if _YEAR.match(word)), None)
    for place, word in enumerate(words):
        before = words[place - 1] if place else ""
        after = words[place + 1] if place + 1 < len(words) else ""
        beside = {before, after}
        said = frozenset((word, *(beside & (last | this)), *((str(year),) if year else ())))
        if word in _YESTERDAY.split():
            yield Time(today - timedelta(days=1), today - timedelta(days=1), words=said)
        elif word in _TODAY.split():
            yield Time(today, today, words=said)
        elif word in MONTHS and not (word in _AMBIGUOUS and before not in _BEFORE_A_MONTH and not year):
            yield _month(word, before, after, year, said, today, is_last=bool(beside & last))
        elif word in SEASONS and (year or beside & (last | this)):
            yield _season(SEASONS[word], year, said, today, is_last=bool(beside & last))
        elif word in UNITS and beside & (last | this):
            yield _unit(UNITS[word], said, today, is_last=bool(beside & last))
    if year:
        yield Time(date(year, 1, 1), date(year, 12, 31), words=frozenset((str(year),)))


_AMBIGUOUS = {"may", "march", "mar", "mai", "sept", "sep", "nov", "dec", "jan"}
_BEFORE_A_MONTH = {
    "in",
    "last",
    "this",
    "since",
    "until",
    "during",
    "of",
    "im",
    "seit",
    "en",
    "em",
    "nel",
    "next",
    "by",
}


def _month(
    word: str, before: str, after: str, year: int | None, said: frozenset[str], today: date, *, is_last: bool
) -> Time:
    month = MONTHS[word]
    beside = next((each for each in (before, after) if _DAY.match(each)), None)
    day = int(match[1]) if beside and (match := _DAY.match(beside)) else 0
    said |= {beside} if beside else set()
    if year is None and is_last:
        year = today.year - (month >= today.month)
    if year is None:
        return Time(month=month, day=day or None, words=said)
    return _stretch(year, month, day, said)


def _stretch(year: int, month: int, day: int, words: frozenset[str]) -> Time:
    first = date(year, month, 1)
    end = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    if 1 <= day <= end.day:
        first = end = date(year, month, day)
    return Time(first, end, words=words)


def _season(season: int, year: int | None, said: frozenset[str], today: date, *, is_last: bool) -> Time:
    """Of the north: spring is March to May."""
    first = date(year or today.year, 3 * season, 1)
    if year is None and (first > today or (is_last and (today - first).days < 90)):
        first = first.replace(year=first.year - 1)
    end = (first + timedelta(days=92)).replace(day=1) - timedelta(days=1)
    return Time(first, end, words=said)


def _unit(unit: int, said: frozenset[str], today: date, *, is_last: bool) -> Time:
    match unit:
        case 2:
            monday = today - timedelta(days=today.weekday() + 7 * is_last)
            return Time(monday, monday + timedelta(days=6), words=said)
        case 3:
            end = today.replace(day=1) - timedelta(days=1) if is_last else today
            return _stretch(end.year, end.month, 0, said)
        case 4:
            year = today.year - is_last
            return Time(date(year, 1, 1), date(year, 12, 31), words=said)
        case _:
            day = today - timedelta(days=is_last)
            return Time(day, day, words=said)

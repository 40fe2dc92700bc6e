"""From when and until when a statement holds, where it says so itself: explicit dates in it, read beside the date of
the message."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janvier enero janeiro gennaio januari",
            "february feb februar février fevrier febrero fevereiro febbraio februari",
            "march mar märz mars marzo março maart",
            "april apr avril abril aprile",
            "may mai mayo maio maggio mei",
            "june jun juni juin junio junho giugno",
            "july jul juli juillet julio julho luglio",
            "august aug août aout agosto augustus",
            "september sep sept septembre septiembre setembro settembre",
            "october oct oktober octobre octubre outubro ottobre",
            "november nov novembre noviembre novembro",
            "december dec dezember décembre decembre diciembre dezembro dicembre",
        ),
        1,
    )
    for name in names.split()
}
"""Names of months in eight languages."""

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    rf"(?P<until>\b(?:until|till|bis|jusqu['’](?:en|au)|hasta|até|fino al?|tot)\s+(?:the\s+)?)?"
    rf"(?P<ends>\b(?:ends?|expires?|finishes)\b[^.!?]{{0,12}}?)?"
    rf"(?:(?P<day>\b[0-3]?\d)(?:st|nd|rd|th|er|\.)?\s+(?:of\s+|de\s+)?(?P<month>{_MONTH})\b\.?"
    rf"(?:,?\s+(?:de\s+)?(?P<year>{_YEAR})\b)?"
    rf"|\b(?P<month_first>{_MONTH})\s+(?P<day_after>[0-3]?\d)(?:st|nd|rd|th)?\b"
    rf"(?:,?\s+(?P<year_after>{_YEAR})\b)?"
    rf"|\b(?P<month_alone>{_MONTH})\s+(?:de\s+|of\s+)?(?P<year_of>{_YEAR})\b"
    r"|(?P<preposition>\b(?:since|in|from|seit|depuis|en|desde|em|dal|nel|sinds|until|till|bis|hasta|até|tot)\s+"
    rf"(?:summer |autumn |winter |spring |early |late )?)(?P<year_alone>{_YEAR})\b"
    rf"|\b(?P<side>since|seit|depuis|desde|dal|sinds|from|ab|à partir de|a partir de|starting)\s+"
    rf"(?P<month_only>{_MONTH})\b(?!\.?\s+\d)"
    rf"|\b(?P<iso>{_YEAR}-[01]\d-[0-3]\d)\b)",
    re.IGNORECASE,
)
_UNTIL = re.compile(r"(?:until|till|bis|hasta|até|tot)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Period:
    """The first and the last day on which a statement holds; None where it doesn't say."""

    true_from: date | None = None
    true_to: date | None = None


def period(statement: str, said_at: datetime | None) -> Period:
    """The period that a statement names: "since 2019", "until May 2024", "on 18 May". A day without a year is the one
    nearest to the day it was said, or the next one where it says that something ends. Of a month, or a year, the first
    or the last day is meant."""
    start = end = None
    for match in _DATE.finditer(statement):
        ends = match["until"] or match["ends"] or (match["preposition"] and _UNTIL.match(match["preposition"]))
        first, last = _days(match, said_at.date() if said_at else None)
        start = start or (None if ends else first)
        end = end or (last if ends else None)
    return Period(start, end if start is None or end is None or end >= start else None)


def _days(match: re.Match[str], said: date | None) -> tuple[date | None, date | None]:
    """The first and the last day of what was matched; None where there is no such day or its year is unknown."""
    try:
        if match["iso"]:
            day = date.fromisoformat(match["iso"])
            return day, day
        if match["year_alone"]:
            year = int(match["year_alone"])
            return date(year, 1, 1), date(year, 12, 31)
        if match["month_alone"]:
            year, month = int(match["year_of"]), MONTHS[match["month_alone"].lower()]
            return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
        if match["month_only"]:
            day = _of_month(MONTHS[match["month_only"].lower()], said, past=match["side"].lower() in _PAST)
            return day, day
        month = MONTHS[(match["month"] or match["month_first"]).lower()]
        named = match["year"] or match["year_after"]
        of_month = int(match["day"] or match["day_after"])
        if named:
            day = date(int(named), month, of_month)
        else:
            day = _nearest(of_month, month, said, ahead=bool(match["until"] or match["ends"]))
    except ValueError:
        return None, None
    return day, day


_PAST = frozenset({"since", "seit", "depuis", "desde", "dal", "sinds"})


def _of_month(month: int, said: date | None, *, past: bool) -> date:
    """The first day of a month without a year: the last one before it was said, or the next. Raises `ValueError` where
    there is none to count from."""
    if said is None:
        raise ValueError("no year")
    first = date(said.year, month, 1)
    if past:
        return first if first <= said else first.replace(year=said.year - 1)
    return first if month >= said.month else first.replace(year=said.year + 1)


def _nearest(day: int, month: int, said: date | None, *, ahead: bool) -> date:
    """That day in the year that brings it nearest, or with `ahead` next after the day it was said. Raises `ValueError`
    where there is no such day, or none to count from."""
    if said is None:
        raise ValueError("no year")
    years = [date(said.year + step, month, day) for step in (-1, 0, 1) if _exists(said.year + step, month, day)]
    coming = [one for one in years if one >= said]
    return min(coming if ahead and coming else years, key=lambda one: abs(one - said))


def _exists(year: int, month: int, day: int) -> bool:
    return 1 <= day <= calendar.monthrange(year, month)[1]

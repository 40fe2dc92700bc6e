"""Times as Google's web pages write them, in the account's language, in; moments out, where they are sure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from soulprint.importing import shapes

LONGEST = 64
"""Characters that a line may have to be a time."""
EXTRA_WORDS = 3
"""Small words beside the month, such as "de" and "um"."""

MONTHS = (
    "jan янв ene gen ian oca sty led ιαν січ tammi يناير",
    "feb fev fév фев şub lut úno φεβ лют helmi فبراير",
    "mar mär már mrt мар bře μαρ μάρ бер maalis مارس",
    "apr avr abr ápr апр nis kwi dub απρ квіт huhti أبريل",
    "may mai maj máj mei mag мая май kvě μαΐ μάι μαι трав touko مايو",
    "jun juin jún giu iun июн haz cze červen červn čvn ιουν ιούν черв kesä يونيو",
    "jul juil júl lug iul июл tem lip červenc čvc ιουλ ιούλ лип heinä يوليو",
    "aug ago aoû aou авг ağu sie srp αυγ αύγ серп elo agu أغسطس",
    "sep set szept сен eyl wrz zář σεπ вер syys سبتمبر",
    "oct okt out ott окт eki paź říj οκτ жовт loka أكتوبر",
    "nov ноя kas lis νοε νοέ лист marras نوفمبر",
    "dec déc dez dic des дек ara gru pro δεκ груд joulu ديسمبر",
)
"""How the months begin in the larger languages. Croatian is missing, as its months have the names of other ones in
Polish."""
BEGINNINGS = sorted(
    ((name, number) for number, names in enumerate(MONTHS, 1) for name in names.split()), key=lambda each: -len(each[0])
)
MORNING = frozenset(("am", "a.m.", "πμ", "π.μ.", "오전", "上午", "午前", "öö", "sa", "de."))
AFTERNOON = frozenset(("pm", "p.m.", "μμ", "μ.μ.", "오후", "下午", "午後", "ös", "ch", "du."))

ZONES = {
    "utc": 0, "gmt": 0, "z": 0, "wet": 0, "west": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3,
    "oez": 2, "oesz": 3, "msk": 3, "jst": 9, "kst": 9, "hkt": 8, "sgt": 8, "aest": 10, "aedt": 11, "nzst": 12,
    "nzdt": 13, "hst": -10, "akst": -9, "akdt": -8, "pst": -8, "pdt": -7, "mst": -7, "mdt": -6, "cdt": -5, "est": -5,
    "edt": -4, "brt": -3,
}  # fmt: skip
"""Hours from UTC of the abbreviations that mean one zone. CST, IST, BST, AST mean several."""

_TIME = re.compile(r"(?<!\d)(\d{1,2})[:.](\d{2})[:.](\d{2})(?!\d)")
_YEAR_FIRST = re.compile(r"(\d{4})\s?[-/.年]\s?(\d{1,2})\s?[-/.月]\s?(\d{1,2})[日.]?")
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"[^\W\d_]+")
_OFFSET = re.compile(r"(?:utc|gmt)?([+-])(\d{1,2})(?::?(\d{2}))?$")
_MARKS = str.maketrans({"\u202f": " ", "\u00a0": " ", "\u2009": " ", "\u200e": None, "\u200f": None, "\u2212": "-"})


class Written(NamedTuple):
    """A line that is a time. `moment` is None where it can't be told which."""

    moment: datetime | None
    zone_known: bool


def parsed(line: str) -> Written | None:
    """The time that the whole line is; None where it is none."""
    if len(line) > LONGEST:
        return None
    said = line.translate(_MARKS).strip().lower()
    time = _TIME.search(said)
    if time is None or not _is_date(said[: time.start()] + said[time.end() :]):
        return None
    date = _date(said[: time.start()]) or _date(said[time.end() :])
    clock = _clock(time, said[: time.start()].split()[-1:] + said[time.end() :].split())
    if date is None or clock is None:
        return Written(None, False)
    return _moment(date, *clock)


def _is_date(rest: str) -> bool:
    """Whether what stands around the time of day is a date and a zone, and no sentence."""
    return bool(re.search(r"\d{4}|\d{1,2}[./]\d{1,2}", rest)) and len(_NAME.findall(rest)) <= EXTRA_WORDS + 5


def _date(said: str) -> tuple[int, int, int] | None:
    if match := _YEAR_FIRST.search(said):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _DAY_FIRST.search(said):
        return int(match[3]), int(match[2]), int(match[1])
    numbers = [int(number) for number in _NUMBER.findall(said) if len(number) <= 4]
    years = [number for number in numbers if number > 31]
    days = [number for number in numbers if 0 < number <= 31]
    month = _month(_NAME.findall(said))
    if month is None and "thg" in said and len(days) == 2:
        month = days.pop()
    return (years[0], month, days[0]) if month and len(years) == 1 and len(days) == 1 else None


def _month(words: Iterable[str]) -> int | None:
    months = {number for word in words if (number := _month_of(word))}
    return months.pop() if len(months) == 1 else None


@lru_cache(maxsize=1000)
def _month_of(word: str) -> int | None:
    return next((number for beginning, number in BEGINNINGS if word.startswith(beginning)), None)


def _clock(time: re.Match[str], around: list[str]) -> tuple[int, int, int, float | None] | None:
    """Hour, minute, second, and the hours from UTC where they are known. None where a word at the time may be one for
    the half of the day that we don't know."""
    hour, minute, second = (int(part) for part in time.groups())
    zone: float | None = None
    for word in around:
        if word in AFTERNOON or word in MORNING:
            if hour > 12:
                return None
            hour = hour % 12 + (12 if word in AFTERNOON else 0)
        elif word in ZONES:
            zone = ZONES[word]
        elif offset := _OFFSET.match(word):
            zone = (int(offset[2]) + int(offset[3] or 0) / 60) * (-1 if offset[1] == "-" else 1)
        elif hour <= 12 and not word.isascii() and not _NUMBER.search(word):
            return None
    return hour, minute, second, zone


def _moment(date: tuple[int, int, int], hour: int, minute: int, second: int, zone: float | None) -> Written:
    try:
        local = datetime(*date, hour, minute, second, tzinfo=UTC)
        moment = shapes.moment((local - timedelta(hours=zone or 0)).timestamp())
    except (ValueError, OverflowError):
        return Written(None, False)
    return Written(moment, zone is not None and moment is not None)

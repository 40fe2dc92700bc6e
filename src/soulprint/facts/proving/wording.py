"""Whether a statement keeps to what was said: no figure and no name that the person's message doesn't have."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cached_property

from soulprint.measuring import words

LONGEST = 300
"""Code points of a statement."""

DAYS = 8
"""A date is taken to follow from "tomorrow" or "last Friday" if it is as near to the day of the message."""

NEAREST_YEARS = 1
"""A year is taken to follow from "last year" if it is as near to the message's."""

FEWEST_WORDS, FEWEST_LETTERS, ONE_WORD, FEWEST_SIGNS = 3, 7, 10, 4
"""A quote proves something from this many words and letters on, or as one such long word, or in scripts without spaces
from this many characters on."""


def is_usable(statement: str, quote: str) -> bool:
    """Whether a statement is one plain line of bounded length without addresses of its own."""
    line = statement.strip()
    if not line or len(statement) > LONGEST or len(line.splitlines()) > 1 or not any(map(str.isalnum, line)):
        return False
    return all(address in quote for address in _ADDRESS.findall(line))


def is_enough(quote: str) -> bool:
    """Whether a quote says enough to prove anything: "yes" and "ok thanks" don't."""
    signs = len(_SIGNS.findall(quote))
    said = _WORD.findall(_SIGNS.sub(" ", quote).lower())
    letters = sum(map(len, said))
    if signs + len(said) >= FEWEST_SIGNS and signs:
        return True
    if words.GRAMMAR.issuperset(said) or _COURTESY.issuperset(said):
        return False
    several = len(said) >= FEWEST_WORDS or (len(said) == FEWEST_WORDS - 1 and letters > FEWEST_LETTERS)
    return (several and letters >= FEWEST_LETTERS) or letters >= ONE_WORD


class Message:
    """One message, sent at `said_at`, with the figures and names in it, taken down once for all the statements made of
    it."""

    def __init__(self, text: str, said_at: datetime | None) -> None:
        self.text = text
        self.said_at = said_at

    def tells(self, statement: str) -> bool:
        """Whether the figures of two digits and more and the names in `statement` stand in the text, or follow from the
        date of the message. Figures may be written out, names inflected."""
        return self._tells_figures(statement) and self._tells_names(statement)

    def _tells_figures(self, statement: str) -> bool:
        wanted = {figure for figure in _figures(statement) if len(figure) > 1}
        if not wanted:
            return True
        told = self._told
        return all(figure in told or (figure[2:] in told and len(figure) == 4) for figure in wanted - self._dated)

    def _tells_names(self, statement: str) -> bool:
        names = list(_names(statement))
        if not names or len(_GERMAN.intersection(_words(statement) | self._first_words)) >= 2:
            return True
        spoken = self._spoken
        if not any(word[:1].isascii() for word in spoken if word) and statement.isascii():
            return True
        return all(_is_spoken(name, spoken, self._initials) for name in names)

    @cached_property
    def _told(self) -> set[str]:
        told = set(_figures(self.text)) | set(_written_out(self.text))
        return (
            told
            | {figure[-2:] for figure in told if len(figure) == 4}
            | {two for two in told for two in _thousands(two, self.text)}
        )

    @cached_property
    def _dated(self) -> set[str]:
        return _dated(self._told, self.said_at)

    @cached_property
    def _first_words(self) -> set[str]:
        return _words(self.text[:2000])

    @cached_property
    def _spoken(self) -> set[str]:
        return {_bare(word) for word in _WORD.findall(self.text)}

    @cached_property
    def _initials(self) -> str:
        return "".join(word[0] for word in _WORD.findall(self.text)).lower()


def _words(text: str) -> set[str]:
    return {*_WORD.findall(text.lower())}


def _figures(text: str) -> Iterator[str]:
    """The figures of a text without leading zeros and without what groups their digits."""
    for match in _FIGURE.finditer(unicodedata.normalize("NFKC", text)):
        digits = "".join(str(unicodedata.digit(sign)) for sign in match[0] if sign.isdigit())
        yield digits.lstrip("0")
        yield from (part.lstrip("0") for part in _GROUPS.split(match[0]) if part != match[0]) if len(digits) > 4 else ()


def _thousands(figure: str, text: str) -> Iterator[str]:
    if re.search(rf"{figure} ?k\b", text, re.IGNORECASE):
        yield figure + "000"


def _written_out(text: str) -> Iterator[str]:
    """Numbers in words: "twelve", "forty-two", "douze"."""
    tens = 0
    for word in _WORD.findall(text.lower()):
        value = _NUMBERS.get(word, 0)
        if value:
            yield str(tens + value)
            yield str(value)
        tens = value if value >= 20 and value % 10 == 0 else 0
    for match in _HAN_NUMBER.finditer(text):
        high, _, low = match[0].partition("十")
        yield str(_HAN.get(high, 1) * 10 + _HAN.get(low, 0))


def _dated(told: set[str], said_at: datetime | None) -> set[str]:
    """What may be said of a date that the message tells by how far off it is."""
    if said_at is None:
        return set()
    near = [said_at + timedelta(days=days) for days in range(-DAYS, DAYS + 1)]
    dates = {str(part) for day in near for part in (day.day, day.month)}
    offsets = {int(figure) for figure in told if len(figure) <= 2 and figure} | set(range(NEAREST_YEARS + 1))
    return dates | {str(said_at.year + sign * years) for years in offsets for sign in (1, -1)}


def _names(statement: str) -> Iterator[str]:
    """Capitalised words, but for the first of a sentence and those that English writes so."""
    for match in _NAME.finditer(statement):
        lead = statement[: match.start()].rstrip(" \"'“‘«(")
        if lead and lead[-1] not in ".!?:;" and match[0].lower() not in _CAPITALISED:
            yield match[0]


def _is_spoken(name: str, spoken: set[str], initials: str) -> bool:
    bare = _bare(name)
    if bare in spoken or (name.isupper() and len(name) <= 5 and bare in initials):
        return True
    stem = bare[: max(3, min(len(bare), round(len(bare) * 0.6)))]
    return any(word.startswith(stem) for word in spoken) or any(
        len(word) > 3 and bare.startswith(word) for word in spoken
    )


def _bare(word: str) -> str:
    """In lower case and without accents."""
    if word.isascii():
        return word.lower()
    return "".join(sign for sign in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(sign))


_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"(?<![^\W_])(?=[^\W\d_])[A-ZÀ-ÖØ-ÞĀ-ſЀ-ЯΑ-Ω](?<![a-zà-öø-ÿа-яα-ω])[^\W_]+")
_FIGURE = re.compile(r"\d(?:[\d.,'’\u00a0\u202f ](?=\d{3}(?!\d))|\d)*")
_GROUPS = re.compile(r"\D+")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s)>\]]+")
_SIGNS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")
_HAN_NUMBER = re.compile("[一二三四五六七八九两]?十[一二三四五六七八九]?")
_HAN = {sign: value for value, sign in enumerate("〇一二三四五六七八九")}

_COURTESY = frozenset(
    """
    ok okay yes yep yeah no nope sure thanks thank you please great good nice cool perfect fine right exactly correct hi
    hello hey bye wow lol haha hmm well done awesome amazing wonderful got it sounds agreed maybe sorry danke gut genau
    toll alles klar ja nein bitte merci oui non parfait daccord d accord bien gracias vale perfecto claro sí grazie
    va bene perfetto certo obrigado obrigada sim beleza ótimo dank je wel prima goed tak nie dziękuję спасибо да нет
    хорошо понятно teşekkürler tamam evet hayır tack
    """.split()
)

_GERMAN = frozenset(
    """
    der die das und ich nicht ist ein eine einen einem einer mein meine meinen meinem mit für von zu den dem im am auf
    seit bei aus nach habe hat bin sind wir wohnt wohne arbeitet mag kein keine sich wird heißt namens lebt als oder
    """.split()
)
"""Two of these make a text German, which writes every noun like a name."""

_CAPITALISED = frozenset(
    """
    i i'm january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday phd msc bsc ma ba mr mrs ms dr ok tv pc ai it hr ceo cto english
    """.split()
)

_NUMBERS = {
    word: value
    for value, names in {
        1: "one un une uno um een ein eine один одна bir",
        2: "two deux dos due dois duas twee zwei два две iki couple",
        3: "three trois tres tre três drie drei три üç",
        4: "four quatre cuatro quattro quatro vier четыре dört",
        5: "five cinq cinco cinque vijf fünf пять beş",
        6: "six seis sei zes sechs шесть altı",
        7: "seven sept siete sette sete zeven sieben семь yedi",
        8: "eight huit ocho otto oito acht восемь sekiz",
        9: "nine neuf nueve nove negen neun девять dokuz",
        10: "ten dix diez dieci dez tien zehn десять on tio dziesięć decade",
        11: "eleven onze once undici elf одиннадцать onze elva",
        12: "twelve douze doce dodici doze twaalf zwölf двенадцать dozen tolv",
        13: "thirteen treize trece tredici treze dertien dreizehn тринадцать",
        14: "fourteen quatorze catorce quattordici catorze veertien vierzehn четырнадцать",
        15: "fifteen quinze quince quindici vijftien fünfzehn пятнадцать",
        16: "sixteen seize dieciséis sedici dezasseis dezesseis zestien sechzehn шестнадцать",
        17: "seventeen diecisiete diciassette dezassete dezessete zeventien siebzehn семнадцать",
        18: "eighteen dieciocho diciotto dezoito achttien achtzehn восемнадцать",
        19: "nineteen diecinueve diciannove dezanove dezenove negentien neunzehn девятнадцать",
        20: "twenty vingt veinte venti vinte twintig zwanzig двадцать yirmi tjugo dwadzieścia",
        30: "thirty trente treinta trenta trinta dertig dreißig тридцать otuz trettio",
        40: "forty quarante cuarenta quaranta quarenta veertig vierzig сорок kırk",
        50: "fifty cinquante cincuenta cinquanta cinquenta vijftig fünfzig пятьдесят elli",
        60: "sixty soixante sesenta sessanta sessenta zestig sechzig шестьдесят",
        70: "seventy setenta settanta zeventig siebzig семьдесят",
        80: "eighty ochenta ottanta oitenta tachtig achtzig восемьдесят",
        90: "ninety noventa novanta negentig neunzig девяносто",
        100: "hundred cent cien cento honderd hundert сто yüz",
        1000: "thousand mille mil duizend tausend тысяча bin",
    }.items()
    for word in names.split()
}

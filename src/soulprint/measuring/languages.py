"""In which languages a person writes: some hundred messages of each year are told apart, doubtful ones left out."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import functools
import threading
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from soulprint.measuring.words import Typed

SAMPLE = 120
"""Messages of one year that are looked at."""

SHORTEST, LONGEST = 25, 300
"""Code points: shorter messages are doubtful in every language, and longer ones say no more."""

SURE = 0.85
LEAST = 0.02
"""A language with a smaller share of the sample, or met less than three times, is taken for a mistake."""

NAMES = dict(
    pair.split(":")
    for pair in (
        "ar:Arabic bg:Bulgarian ca:Catalan cs:Czech da:Danish de:German el:Greek en:English es:Spanish "
        "et:Estonian fa:Persian fi:Finnish fr:French he:Hebrew hi:Hindi hr:Croatian hu:Hungarian id:Indonesian "
        "it:Italian ja:Japanese ko:Korean lt:Lithuanian lv:Latvian nl:Dutch no:Norwegian pl:Polish pt:Portuguese "
        "ro:Romanian ru:Russian sk:Slovak sl:Slovenian sr:Serbian sv:Swedish th:Thai tr:Turkish uk:Ukrainian "
        "ur:Urdu vi:Vietnamese zh:Chinese"
    ).split()
)
"""The languages that are told apart; the model's hundred others are met by mistake far more often than by intent."""

_loading = threading.Lock()


@dataclass(frozen=True, slots=True)
class Language:
    code: str
    """ISO 639-1."""
    name: str
    share: float
    """Of the messages that could be told, 0 to 1."""
    messages: int
    """Messages of the sample in it."""
    years: tuple[tuple[int, float], ...]
    """Year -> share within the year, where the year has at least ten messages that could be told."""


class Sampler:
    """Keeps some messages of each year: those whose numbers, well mixed, are the smallest. The same history always
    gives the same sample, whatever its order."""

    def __init__(self) -> None:
        self._years: dict[int, list[tuple[int, str]]] = {}
        self._limits: dict[int, int] = {}
        self.messages: Counter[int] = Counter()

    def add(self, batch: Iterable[Typed]) -> None:
        for said, own, words in batch:
            if len(own) < SHORTEST or len(words) < 4:
                continue
            year = said.sent_at.year if said.sent_at else 0
            self.messages[year] += 1
            mixed = (said.message_id * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 20
            if mixed < self._limits.get(year, 2**64):
                self._keep(year, mixed, own[:LONGEST])

    def _keep(self, year: int, mixed: int, text: str) -> None:
        kept = self._years.setdefault(year, [])
        kept.append((mixed, text))
        if len(kept) >= 4 * SAMPLE:
            kept.sort()
            del kept[SAMPLE:]
            self._limits[year] = kept[-1][0]

    def result(self) -> dict[int, list[str]]:
        """Year -> its sample; year 0 holds what has no date."""
        return {year: [text for _, text in sorted(kept)[:SAMPLE]] for year, kept in sorted(self._years.items())}


def measure(sample: dict[int, list[str]], messages: Counter[int]) -> tuple[tuple[Language, ...], int]:
    """The languages of a sample, the most used first, and how many messages could be told; a year weighs as much as it
    has `messages`."""
    codes_of = {year: [found for found in map(told, texts) if found] for year, texts in sample.items()}
    counted = Counter(code for codes in codes_of.values() for code in codes)
    total = counted.total()
    kept = {code for code, n in counted.items() if n >= max(3, LEAST * total)} or set(counted)
    shares = {year: _shares([code for code in codes if code in kept]) for year, codes in codes_of.items()}
    weight = sum(messages[year] for year, share in shares.items() if share) or 1
    found = []
    for code in kept:
        share = sum(messages[year] * part.get(code, 0.0) for year, part in shares.items()) / weight
        years = tuple((y, part.get(code, 0.0)) for y, part in shares.items() if y and len(codes_of[y]) >= 10)
        found.append(Language(code, NAMES[code], share, counted[code], years))
    return tuple(sorted(found, key=lambda language: (-language.share, language.code))), total


def told(text: str) -> str | None:
    """The language of a text as ISO 639-1, or None where that is doubtful."""
    code, confidence = model().classify(text)
    return code if confidence >= SURE else None


def _shares(codes: Sequence[str]) -> dict[str, float]:
    return {code: n / len(codes) for code, n in Counter(codes).items()}


def model() -> Any:
    """The identifier of this process, restricted to `NAMES`. Loaded at the first call, which takes most of a second."""
    with _loading:
        return _load()


@functools.cache
def _load() -> Any:
    from py3langid import langid  # type: ignore[import-untyped]

    identifier = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted(NAMES))
    return identifier

"""Facts and lines of the profile that bear on a question, beside the passages."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import sections
from soulprint.kinds import Role
from soulprint.recall import grouping, store
from soulprint.recall.questions import Question
from soulprint.recall.ranking import Ranked
from soulprint.recall.store import FactFound
from soulprint.records import FactStatus
from soulprint.records.recalled import Kind, Recalled, Turn
from soulprint.records.sections import Line, Quote
from soulprint.sections import Version

PROVING = 40
"""The best passages whose facts are looked at."""

FACTS, LINES = 6, 4
"""How many facts and lines are found at the most."""

ALONE = 4.0
"""The score of the best where no passage is found."""

HALF = 0.5
"""The share of a question's words that a line must hold, and a fact that no passage proves."""

OUTDATED = 0.7
"""What the score of a superseded fact is multiplied by."""


async def found(
    session: AsyncSession, asked: Question, ranked: Sequence[Ranked], kinds: Collection[str]
) -> list[Recalled]:
    """The facts that the best passages prove or that hold the question's words, and the lines that do."""
    best = ranked[0].score if ranked else ALONE
    words = [re.compile(rf"\b(?:{'|'.join(forms)})", re.IGNORECASE) for forms in _beginnings(asked)]
    facts = await _facts(session, asked, ranked, words, best) if Kind.FACT in kinds else []
    version = await sections.current(session) if Kind.SECTION in kinds and words else None
    lines = _lines(version, words, best) if version else []
    ids = await store.provider_ids(session, [turn.message_id for line in lines for turn in line.said])
    return facts + [_with_ids(line, ids) for line in lines]


def _beginnings(asked: Question) -> Iterator[list[str]]:
    """Of each word of the question what its other forms begin with."""
    for term in asked.terms:
        yield [re.escape(start) for start in dict.fromkeys((term.word, *(form.stem for form in term.forms)))]


async def _facts(
    session: AsyncSession, asked: Question, ranked: Sequence[Ranked], words: Sequence[re.Pattern[str]], best: float
) -> list[Recalled]:
    proving: dict[int, float] = {}
    for each in ranked[:PROVING]:
        proving.setdefault(each.hit.message_id, each.score)
    starts = [start for forms in _beginnings(asked) for start in forms]
    scored = []
    for fact in await store.facts(session, [*proving], starts):
        share = _share(f"{fact.about} {fact.statement}", words)
        proof = max((proving[turn.message_id] for turn in fact.said if turn.message_id in proving), default=0.0)
        score = max(proof, best * share if share >= HALF else 0.0) * (OUTDATED if fact.instead else 1.0)
        if score > 0 and (share > 0 or proof >= grouping.JOINS * best):
            scored.append((score + share, fact))
    scored.sort(key=lambda pair: (-pair[0], pair[1].id))
    return [_fact(score, fact) for score, fact in scored[:FACTS]]


def _fact(score: float, fact: FactFound) -> Recalled:
    first = fact.said[0] if fact.said else None
    return Recalled(
        kind=Kind.FACT,
        score=round(score, 3),
        why="proved by a passage that fits" if first else "you said so",
        text=fact.statement,
        said=tuple(fact.said),
        conversation_id=fact.conversation_id,
        title=fact.category,
        date=fact.said_last,
        fact_id=fact.id,
        status=fact.status,
        instead=fact.instead if fact.status == FactStatus.SUPERSEDED else None,
    )


def _lines(version: Version, words: Sequence[re.Pattern[str]], best: float) -> list[Recalled]:
    shares: Mapping[str, tuple[float, str, Line]] = {
        line.text: (_share(f"{name} {line.text}", words), name, line) for name, line in _each(version)
    }
    fitting = sorted((found for found in shares.values() if found[0] >= HALF), key=lambda found: -found[0])
    return [_line(best * share, name, line) for share, name, line in fitting[:LINES]]


def _each(version: Version) -> Iterator[tuple[str, Line]]:
    for section, fields in version.sections.each():
        if section != "identity":  # who the assistant is tells nothing of the person
            yield from (
                (f"{section}: {field.replace('_', ' ')}", line) for field, _, lines in fields.fields() for line in lines
            )


def _line(score: float, name: str, line: Line) -> Recalled:
    quotes = [source for source in line.sources if isinstance(source, Quote)]
    return Recalled(
        kind=Kind.SECTION,
        score=round(score, 3),
        why="from your profile",
        text=line.text,
        said=tuple(_turn(quote) for quote in quotes),
        conversation_id=quotes[0].conversation_id if quotes else None,
        title=name,
        date=quotes[0].said_at if quotes else None,
        fact_id=next((quote.fact_id for quote in quotes if quote.fact_id), None),
    )


def _with_ids(line: Recalled, ids: Mapping[int, str]) -> Recalled:
    said = tuple(turn.model_copy(update={"provider_id": ids.get(turn.message_id, "")}) for turn in line.said)
    return line.model_copy(update={"said": said})


def _turn(quote: Quote) -> Turn:
    return Turn(
        message_id=quote.message_id,
        provider_id="",
        role=Role(quote.role),
        said_at=quote.said_at,
        start=quote.start,
        end=quote.end,
        text=quote.text,
    )


def _share(text: str, words: Sequence[re.Pattern[str]]) -> float:
    """The share of the words that stand in the text."""
    return sum(bool(word.search(text)) for word in words) / len(words) if words else 0.0

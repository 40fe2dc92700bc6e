"""The one function of the room: words and meaning searched side by side, ranked as one, with facts and lines."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.database import Database
from soulprint.recall import beside, grouping, meaning, questions, ranking, store
from soulprint.recall.questions import Form, Question, Term
from soulprint.recall.ranking import Near, Ranked
from soulprint.recall.store import Hit, Lexical, Totals
from soulprint.records.recalled import Kind, Recalled
from soulprint.settings import Settings

TURNS = 3
"""Passages that are looked at for each one shown: some are neighbours of others, some repeat them."""

BEST, FAR = 20, 6
"""Around so many of the passages that words find, others are looked at too, so many away at the most."""

ONCE = 200
"""Passages of a time that are looked at."""

SHORTEST = 4
"""A word of fewer letters is alike to too many others."""
LIKE = 0.45
"""How alike, from 0 to 1, a word of the history must be to one that stands nowhere in it."""


@dataclass(frozen=True, slots=True)
class Found:
    """What bears on a question."""

    best: list[Recalled]
    """Best first."""
    secrets: frozenset[str] = frozenset()
    """What the messages around the passages tell to be secret: no model may see it."""


@dataclass(frozen=True, slots=True)
class Range:
    """Nothing is found that was said outside of it."""

    since: datetime | None = None
    until: datetime | None = None

    def hold(self, hit: Hit) -> bool:
        if self.since is None and self.until is None:
            return True
        if hit.said_at is None:
            return False
        return (self.since is None or hit.said_at >= self.since) and (self.until is None or hit.said_at < self.until)


async def recall(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    question: str,
    *,
    most: int = 10,
    words: int | None = None,
    kinds: Collection[str] = tuple(Kind),
    since: date | None = None,
    until: date | None = None,
) -> Found:
    """What bears on `question`: at most `most` passages, of `words` words in all where that is given, with the facts
    and the lines of the profile that fit; nothing said before `since` or after `until`."""
    async with db.session(account) as session:
        history = await store.totals(session)
        if history is None or not question.strip():
            return Found([])
        read = questions.read(question, history.known, datetime.now(UTC).date())
        limits = Range(_midnight(since), _midnight(until + timedelta(days=1)) if until else None)
        (asked, lexical), nearest = await asyncio.gather(
            _by_words(session, read, history, limits),
            meaning.nearest(db, account, settings, history, read.meaning, limits.since, limits.until),
        )
        near = await meaning.compared(session, nearest, history, [hit.id for hit in lexical.hits])
        others = await _others(session, asked, lexical, near)
        ranked = [each for each in ranking.ranked(asked, lexical, near, others) if limits.hold(each.hit)]
        found, secrets = await _shown(session, ranked, asked, most if Kind.PASSAGE in kinds else 0, words)
        found += await beside.found(session, asked, ranked, kinds)
    return Found(sorted(found, key=lambda each: -each.score), secrets)


async def _by_words(session: AsyncSession, asked: Question, history: Totals, limits: Range) -> tuple[Question, Lexical]:
    """The question as its words were understood, and what they find."""
    understood = await _understood(session, asked)
    return understood, await store.lexical(session, understood.terms, history, limits.since, limits.until)


async def _others(session: AsyncSession, asked: Question, lexical: Lexical, near: Near) -> list[Hit]:
    """What no word of the question finds: what is near in meaning, stands around the best that is found, or was said
    in the time that is asked about."""
    met = {hit.id for hit in lexical.hits}
    around = {hit.id + step for hit in lexical.hits[:BEST] for step in range(-FAR, FAR + 1)}
    talks = {hit.conversation_id: hit.talk for hit in lexical.hits}
    others = []
    for hit in await store.hits(session, {*near.cosines, *around} - met):
        if hit.id in around and hit.conversation_id in talks:
            others.append(hit._replace(score=talks[hit.conversation_id]))
        elif hit.id in near.cosines:
            others.append(hit)
    if asked.time:
        met |= {hit.id for hit in others}
        others += [hit for hit in await _in_time(session, asked) if hit.id not in met]
    return others


async def _understood(session: AsyncSession, asked: Question) -> Question:
    """The question with words that stand nowhere in the history replaced by what they may have meant."""
    stems = {form.stem for term in asked.terms for form in term.forms}
    known = await store.known_stems(session, stems)
    terms = []
    for term in asked.terms:
        if term.begins:
            terms.append(await _begun(session, term))
        elif known.isdisjoint(form.stem for form in term.forms) and len(term.word) >= SHORTEST:
            terms.append(await _meant(session, term))
        else:
            terms.append(term)
    return Question(asked.text, tuple(terms), asked.side, asked.time, asked.meaning)


async def _begun(session: AsyncSession, term: Term) -> Term:
    stems = await store.beginning(session, term.forms[0].stem)
    return Term(term.word, tuple(Form(stem) for stem in stems) or term.forms)


async def _meant(session: AsyncSession, term: Term) -> Term:
    near = await store.like(session, term.forms[0].stem, LIKE)
    return Term(term.word, tuple(Form(stem, weight=max(likeness, LIKE)) for stem, likeness in near) or term.forms)


async def _in_time(session: AsyncSession, asked: Question) -> list[Hit]:
    """What was said in the time the question names."""
    if asked.time is None or (around := asked.time.around()) is None:
        return []
    since, until = (datetime.combine(day, time(), UTC) for day in (around[0], around[1] + timedelta(days=1)))
    return await store.said(session, since, until, most=ONCE)


async def _shown(
    session: AsyncSession, ranked: Sequence[Ranked], asked: Question, most: int, words: int | None
) -> tuple[list[Recalled], frozenset[str]]:
    best = grouping.spread_out(ranked[: most * TURNS])
    numbers = {each.hit.id + step for each in best for step in (-1, 0, 1)}
    groups = grouping.grouped(best, await store.shown(session, numbers), most, words)
    around = await store.around(session, [number for group in groups for number in group.turns], grouping.REACH)
    terms = [term.word for term in asked.terms]
    found = [grouping.recalled(group, terms, around) for group in groups]
    return [each for each, _ in found], frozenset().union(*(secrets for _, secrets in found))


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day else None

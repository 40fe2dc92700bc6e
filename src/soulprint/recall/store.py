"""All SQL of the room."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from typing import Any, NamedTuple

from sqlalchemy import Row, TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.indexing import AROUND
from soulprint.kinds import Role
from soulprint.recall.questions import Known, Term
from soulprint.records import SearchTotals
from soulprint.records.recalled import Turn

LEXICAL = text(resources.files("soulprint.recall").joinpath("lexical.sql").read_text())

SETTINGS = text("set local work_mem = '64MB'")

MOST = 120
"""Passages that are looked at more closely: the best by themselves, and then the best in their context."""

LEADING = 20_000
"""Places of words that are looked at for what is best by itself, the rarest words first. The others count where it is
decided among those."""

WIDER = 1.6
"""How much farther apart scores in context are than those of passages by themselves. Measured, see evals/recall."""

LAST = "\U0010ffff"
"""Comes after every letter."""


class Hit(NamedTuple):
    """A passage that holds words of a question."""

    id: int
    conversation_id: uuid.UUID
    message_id: int
    by_person: bool
    said_at: datetime | None
    score: float = 0.0
    terms: Sequence[int] = ()
    """The places of the words in the question."""
    talk: float = 0.0
    """What of the score is its conversation's."""


@dataclass(frozen=True, slots=True)
class Lexical:
    """What the words of a question find."""

    hits: Sequence[Hit] = ()
    """Best first."""
    mean: float = 0.0
    """Of the scores of all passages, those that hold no word counted as 0."""
    deviation: float = 0.0


class Shown(NamedTuple):
    """A passage with all that is to be shown of it."""

    id: int
    conversation_id: uuid.UUID
    title: str | None
    started_at: datetime | None
    message_id: int
    provider_id: str
    by_person: bool
    sent_at: datetime | None
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Totals:
    """The history as a whole."""

    passages: int
    context_words: float
    known: Known
    vectors_by: str | None
    """The embedder whose vectors are searched."""


async def totals(session: AsyncSession) -> Totals | None:
    """None where nothing is indexed."""
    row = await session.scalar(select(SearchTotals))
    if row is None or not row.passages:
        return None
    return Totals(row.passages, max(row.context_words, 1.0), Known(row.languages, row.names), row.vectors_by)


async def lexical(
    session: AsyncSession,
    terms: Sequence[Term],
    history: Totals,
    since: datetime | None,
    until: datetime | None,
) -> Lexical:
    """The passages that hold the words, or stand beside such."""
    forms = [(place, form) for place, term in enumerate(terms) for form in term.forms]
    values: dict[str, Any] = {
        "terms": [place for place, _ in forms],
        "stems": [form.stem for _, form in forms],
        "weights": [form.weight for _, form in forms],
        "steps": [step for step, _ in AROUND],
        "shares": [share for _, share in AROUND],
        "reach": max(step for step, _ in AROUND),
        "passages": history.passages,
        "context_words": history.context_words,
        "since": since,
        "until": until,
        "most": MOST,
        "leading": LEADING,
    }
    await session.execute(SETTINGS)
    rows = (await session.execute(LEXICAL, values)).all()
    if not rows:
        return Lexical()
    mean = rows[0].total / history.passages
    deviation = max(rows[0].squares / history.passages - mean * mean, 0.0) ** 0.5 * WIDER
    mean *= sum(share for _, share in AROUND)
    hits = [
        Hit(row.id, row.conversation_id, row.message_id, row.by_person, row.said_at, row.score, row.terms, row.talk)
        for row in rows
    ]
    return Lexical(hits, mean, deviation)


HITS = text("""
select id, conversation_id, message_id, by_person, said_at from passages where id = any(:ids)
""")


async def hits(session: AsyncSession, ids: Collection[int]) -> list[Hit]:
    """These passages, without scores."""
    return [Hit(*row) for row in await _rows(session, HITS, ids)]


SAID = text("""
select id, conversation_id, message_id, by_person, said_at from passages
where said_at >= :since and said_at < :until
order by words desc, id limit :most
""")


async def said(session: AsyncSession, since: datetime, until: datetime, most: int) -> list[Hit]:
    """What was said in a stretch of time, the longest first."""
    return [Hit(*row) for row in await session.execute(SAID, {"since": since, "until": until, "most": most})]


SHOWN = text("""
select passages.id, passages.conversation_id, title, started_at, message_id, messages.provider_id, by_person, sent_at,
    span_start, span_end, substring(messages.text, span_start + 1, span_end - span_start)
from passages
join messages on messages.id = message_id
join conversations on conversations.id = passages.conversation_id
where passages.id = any(:ids)
""")


async def shown(session: AsyncSession, ids: Collection[int]) -> Mapping[int, Shown]:
    """These passages by their numbers."""
    return {row[0]: Shown(*row) for row in await _rows(session, SHOWN, ids)}


AROUND_THEM = text("""
select passages.id, substring(messages.text, greatest(span_start - :reach, 0) + 1, least(span_start, :reach)),
    substring(messages.text, span_end + 1, :reach)
from passages join messages on messages.id = message_id
where passages.id = any(:ids)
""")


async def around(session: AsyncSession, ids: Collection[int], reach: int) -> Mapping[int, tuple[str, str]]:
    """The `reach` code points of the message before each of these passages, and those after it."""
    rows = await _rows(session, AROUND_THEM, ids, reach=reach)
    return {row[0]: (row[1], row[2]) for row in rows}


KNOWN_STEMS = text("select distinct word from postings where word = any(:ids)")

LIKE = text("""
select word, score from (
    select
        word, similarity(word, :stem) as score, word like :stem || '%' as begins, sum(cardinality(places)) as passages
    from postings
    where word >= :first and word < :first || :last and length(word) between :shortest and :longest
    group by word
) as near
where score >= :least or begins
order by begins desc, score desc, passages desc
limit 3
""")

HAS_TRIGRAMS = text("select to_regproc('similarity') is not null")


async def known_stems(session: AsyncSession, stems: Collection[str]) -> set[str]:
    """Those of the stems that occur anywhere in the history."""
    return {row[0] for row in await _rows(session, KNOWN_STEMS, stems)}


BEGINNING = text("""
select word from postings where word >= :start and word < :start || :last
group by word order by sum(cardinality(places)) desc limit 30
""")


async def beginning(session: AsyncSession, start: str) -> list[str]:
    """The stems of the history that begin so, the most frequent."""
    return [*await session.scalars(BEGINNING, {"start": start, "last": LAST})]


async def like(session: AsyncSession, stem: str, least: float) -> list[tuple[str, float]]:
    """Up to three stems of the history that begin with `stem` or are spelled like it, each with its likeness from 0
    to 1; none where this Postgres can't compare spellings."""
    if not await session.scalar(HAS_TRIGRAMS):
        return []
    values = {
        "stem": stem,
        "first": stem[0],
        "last": LAST,
        "least": least,
        "shortest": len(stem) - 2,
        "longest": len(stem) + 12,
    }
    return [(row.word, float(row.score)) for row in await session.execute(LIKE, values)]


class FactFound(NamedTuple):
    """A fact with its newest proofs."""

    id: int
    category: str
    about: str
    statement: str
    status: str
    said_last: datetime | None
    instead: str | None
    conversation_id: uuid.UUID | None
    said: list[Turn]


FACTS = text("""
select facts.id, facts.category, facts.about, facts.statement, facts.status, facts.said_last, newer.statement as instead
from facts left join facts as newer on newer.id = facts.superseded_by
where facts.status <> 'rejected' and (
    facts.id in (select fact_id from fact_sources where message_id = any(:messages))
    or facts.statement ~* :words or facts.about ~* :words
)
order by facts.confidence desc, facts.id
limit 200
""")

PROOFS = text("""
select fact_id, proofs.conversation_id, message_id, provider_id, role, said_at, span_start, span_end, quote
from (
    select fact_sources.*, row_number() over (
        partition by fact_id order by message_id = any(:messages) desc, said_at desc nulls last, id desc
    ) as place
    from fact_sources where fact_id = any(:facts)
) as proofs join messages on messages.id = message_id
where place <= 3
order by fact_id, place
""")


async def facts(session: AsyncSession, messages: Sequence[int], starts: Sequence[str]) -> list[FactFound]:
    """The facts that one of these messages proves, or that hold a word that begins with one of `starts`, which are
    regular expressions; each with up to three proofs, those in the messages first."""
    words = rf"\m({'|'.join(starts)})" if starts else r"\A\Z\w"
    rows = (await session.execute(FACTS, {"messages": [*messages], "words": words})).all()
    if not rows:
        return []
    proofs: dict[int, list[Turn]] = {}
    stands: dict[int, uuid.UUID] = {}
    values = {"messages": [*messages], "facts": [row.id for row in rows]}
    for fact, conversation, message, provider_id, role, said_at, start, end, quote in await session.execute(
        PROOFS, values
    ):
        stands.setdefault(fact, conversation)
        turn = Turn(
            message_id=message,
            provider_id=provider_id,
            role=Role(role),
            said_at=said_at,
            start=start,
            end=end,
            text=quote,
        )
        proofs.setdefault(fact, []).append(turn)
    found = []
    for row in rows:
        known = (row.id, row.category, row.about, row.statement, row.status, row.said_last, row.instead)
        found.append(FactFound(*known, stands.get(row.id), proofs.get(row.id, [])))
    return found


PROVIDER_IDS = text("select id, provider_id from messages where id = any(:ids)")


async def provider_ids(session: AsyncSession, messages: Collection[int]) -> dict[int, str]:
    """The ids of messages in their export."""
    return {row[0]: row[1] for row in await _rows(session, PROVIDER_IDS, messages)}


async def _rows(
    session: AsyncSession, query: TextClause, ids: Collection[int] | Collection[str], **values: object
) -> Sequence[Row[*tuple[Any, ...]]]:
    """What `query` gives for these `ids`. For none nothing is asked."""
    return (await session.execute(query, {"ids": [*ids], **values})).all() if ids else []

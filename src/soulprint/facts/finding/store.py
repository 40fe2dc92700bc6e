"""All SQL of what is found: which conversations were read and when, and the findings."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import case, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts.shapes import Finding, folded
from soulprint.kinds import Role
from soulprint.records import DONE, Conversation, Extraction, FactSource, Message, Outcome

READ, TRIVIAL, FAILED, PARTIAL = Outcome

# Which conversations were read


class Reading(NamedTuple):
    """How a conversation stands."""

    conversation: uuid.UUID
    is_current: bool
    """Whether it was read, or passed over, in the state it is in."""
    engine: str | None
    """What read it; None where nothing needed to."""


async def readings(session: AsyncSession) -> list[Reading]:
    """Every conversation, oldest first, undated ones last."""
    done = (Extraction.content_hash == Conversation.content_hash) & Extraction.outcome.in_(DONE)
    engine = case((Extraction.outcome == READ, Extraction.engine))
    query = (
        select(Conversation.id, func.coalesce(done, False), engine)
        .outerjoin(Extraction, Extraction.conversation_id == Conversation.id)
        .order_by(Conversation.started_at.nulls_last(), Conversation.id)
    )
    return [Reading(*row) for row in await session.execute(query)]


async def note(
    session: AsyncSession,
    account: uuid.UUID,
    run: uuid.UUID | None,
    engine: str,
    outcome: str,
    hashes: Mapping[uuid.UUID, bytes],
) -> None:
    """Write down that the conversations of these hashes were read with this outcome. Those that are gone are left
    out; what is noted already stays as it is."""
    there = await _there(session, hashes)
    owner = {"user_id": account, "run_id": run, "engine": engine, "outcome": outcome}
    rows = [owner | {"conversation_id": each, "content_hash": hashes[each]} for each in there]
    if not rows:
        return
    written = insert(Extraction)
    new = written.excluded
    values = {name: new[name] for name in ("run_id", "engine", "outcome", "content_hash")} | {"read_at": func.now()}
    changed = tuple_(Extraction.engine, Extraction.outcome, Extraction.content_hash).is_distinct_from(
        tuple_(new.engine, new.outcome, new.content_hash)
    )
    await session.execute(
        written.on_conflict_do_update(index_elements=["conversation_id"], set_=values, where=changed), rows
    )


async def _there(session: AsyncSession, conversations: Collection[uuid.UUID]) -> list[uuid.UUID]:
    """Those of the conversations that are there, in one order and kept from being deleted meanwhile."""
    query = select(Conversation.id).where(Conversation.id == func.any([*conversations])).order_by(Conversation.id)
    return [*await session.scalars(query.with_for_update(key_share=True))]


async def note_part(
    session: AsyncSession,
    account: uuid.UUID,
    run: uuid.UUID | None,
    engine: str,
    conversation: uuid.UUID,
    content_hash: bytes,
    span: tuple[int, int],
    positions: Sequence[int],
    *,
    failed: bool = False,
) -> None:
    """Write down that one span of a conversation was read in this run, or could not be. When all the turns, which stand
    at `positions`, are read, so is the conversation, also where a span of it had failed before."""
    await _there(session, [conversation])  # so that of two spans one waits for the other
    found = await session.scalar(select(Extraction).where(Extraction.conversation_id == conversation))
    same = found is not None and (found.run_id, found.engine, found.content_hash) == (run, engine, content_hash)
    before = found.outcome if same and found is not None else ""
    if before == READ:
        return
    done = {*_spans(before)} | (set() if failed else {span})
    is_read = all(any(a <= at <= b for a, b in done) for at in positions)
    opening = FAILED if failed or before.startswith(FAILED) else PARTIAL
    outcome = READ if is_read else " ".join((opening, *(f"{first}-{last}" for first, last in sorted(done))))
    await note(session, account, run, engine, outcome, {conversation: content_hash})
    await session.execute(update(Extraction).where(Extraction.conversation_id == conversation).values(run_id=run))


def _spans(outcome: str) -> list[tuple[int, int]]:
    """The spans that are read of a conversation of several windows, of which others are not yet or have failed."""
    if not outcome.startswith((PARTIAL, FAILED)):
        return []
    pairs = (span.split("-") for span in outcome.split()[1:])
    return [(int(first), int(last)) for first, last in pairs]


# Findings


async def keep(
    session: AsyncSession, account: uuid.UUID, run: uuid.UUID | None, engine: str, findings: Sequence[Finding]
) -> None:
    """Write findings that no fact has yet. What is there already stays as it is, and what no longer stands in its
    message is left out."""
    there = await _texts(session, {finding.message_id for finding in findings})
    owner = {"user_id": account, "run_id": run, "engine": engine}
    rows = {
        key(finding): owner | _row(finding)
        for finding in findings
        if there.get(finding.message_id, "")[finding.start : finding.end] == finding.quote
    }
    if not rows:
        return
    values: list[dict[str, Any]] = [row | {"key": digest} for digest, row in sorted(rows.items())]
    written = insert(FactSource).on_conflict_do_nothing(index_elements=["user_id", "key"])
    await session.execute(written, values)


async def drop_outdated(session: AsyncSession, conversations: Sequence[uuid.UUID]) -> None:
    """Delete the findings whose message says something else now than when they were found."""
    standing = func.substring(Message.text, FactSource.span_start + 1, FactSource.span_end - FactSource.span_start)
    gone = delete(FactSource).where(
        FactSource.conversation_id == func.any([*conversations]),
        Message.id == FactSource.message_id,
        or_(standing != FactSource.quote, Message.role != Role.USER),
    )
    await session.execute(gone)


async def _texts(session: AsyncSession, messages: Collection[int]) -> dict[int, str]:
    """The texts of those messages that are there, kept from being changed meanwhile."""
    query = select(Message.id, Message.text).where(Message.id == func.any([*messages])).order_by(Message.id)
    rows = await session.execute(query.with_for_update(read=True))
    return {row.id: row.text for row in rows}


def key(finding: Finding) -> bytes:
    """What makes a finding the same finding: its message, its span and its folded statement."""
    named = f"{finding.message_id} {finding.start} {finding.end} {folded(finding.statement)}"
    return hashlib.sha256(named.encode()).digest()


def _row(finding: Finding) -> dict[str, object]:
    return {
        "message_id": finding.message_id,
        "conversation_id": finding.conversation_id,
        "span_start": finding.start,
        "span_end": finding.end,
        "quote": finding.quote,
        "category": finding.category,
        "about": finding.about,
        "statement": finding.statement,
        "language": finding.language,
        "said_at": finding.said_at,
        "true_from": finding.true_from,
        "true_to": finding.true_to,
    }

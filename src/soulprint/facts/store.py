"""All SQL of the room: which conversations were read and when, findings, and the facts they are merged into."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts.shapes import Finding, folded
from soulprint.records import FactSource

# Findings


async def keep(
    session: AsyncSession, account: uuid.UUID, run: uuid.UUID | None, engine: str, findings: Sequence[Finding]
) -> int:
    """Write findings that no fact has yet. What is there already stays as it is. Gives how many were new."""
    if not findings:
        return 0
    owner = {"user_id": account, "run_id": run, "engine": engine}
    rows = {key(finding): owner | _row(finding) for finding in findings}
    values = [row | {"key": digest} for digest, row in rows.items()]
    written = insert(FactSource).on_conflict_do_nothing(index_elements=["user_id", "key"]).returning(FactSource.id)
    return len((await session.scalars(written, values)).all())


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

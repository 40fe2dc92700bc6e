"""All SQL of the outbox."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from soulprint.records import Notice, Run


async def add(
    session: AsyncSession, account: uuid.UUID, run: uuid.UUID, kind: str, channel: str, payload: dict[str, Any]
) -> int | None:
    """The id of a new row; None where the run has one of this kind for this channel."""
    values = {"user_id": account, "run_id": run, "kind": kind, "channel": channel, "payload": payload}
    return await session.scalar(insert(Notice).values(values).on_conflict_do_nothing().returning(Notice.id))


async def told_ready(session: AsyncSession, run: uuid.UUID) -> bool:
    """Whether an earlier run over the same import said that the profile is ready, or is about to; any run, where this
    one belongs to no import."""
    this, other = aliased(Run), aliased(Run)
    query = (
        select(Notice.id)
        .join(other, other.id == Notice.run_id)
        .join(this, this.id == run)
        .where(Notice.kind == "ready", Notice.status != "failed", Notice.run_id != run)
        .where(or_(this.import_id.is_(None), this.import_id == other.import_id))
    )
    return await session.scalar(query.limit(1)) is not None


async def waiting(session: AsyncSession, notice: int) -> Notice | None:
    """The notice, where it is still to be sent."""
    return await session.scalar(select(Notice).where(Notice.id == notice, Notice.status == "waiting"))


async def note_attempt(session: AsyncSession, notice: int, error: str) -> None:
    values = {"attempts": Notice.attempts + 1, "error": error}
    await session.execute(update(Notice).where(Notice.id == notice).values(values))


async def mark_sent(session: AsyncSession, notice: int, note: str | None) -> None:
    values = {"status": "sent", "attempts": Notice.attempts + 1, "error": note, "sent_at": func.now()}
    await session.execute(update(Notice).where(Notice.id == notice).values(values))


async def mark_failed(session: AsyncSession, notice: int) -> None:
    await session.execute(update(Notice).where(Notice.id == notice, Notice.status == "waiting").values(status="failed"))

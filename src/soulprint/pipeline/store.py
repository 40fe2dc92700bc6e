"""All SQL of the room: runs, and what the status page counts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors
from soulprint.records import Conversation, Import, Run, Status
from soulprint.records.sections import Draft


async def start_run(
    session: AsyncSession, account: uuid.UUID, run: uuid.UUID, kind: str, model: str, import_id: uuid.UUID | None
) -> None:
    """A new run of `kind`. Raises `errors.PassRunning`: there is one of a kind at a time."""
    values = {"id": run, "user_id": account, "kind": kind, "model": model, "import_id": import_id}
    created = insert(Run).values(values).on_conflict_do_nothing().returning(Run.id)
    if await session.scalar(created) is None:
        raise errors.PassRunning


async def complete_run(session: AsyncSession, run: uuid.UUID, version: int, draft: Draft | None = None) -> None:
    """End a run with the version in use: the one made of `draft`, or without one the old one that still holds."""
    values = {"status": Status.COMPLETE, "version": version, "finished_at": func.now()}
    if draft:
        values |= {"model": draft.model, "note": draft.note, "cost_usd": Decimal(str(draft.cost_usd))}
    await session.execute(update(Run).where(Run.id == run).values(values))


async def fail_run(session: AsyncSession, run: uuid.UUID, reason: str) -> None:
    """A run that has ended already stays as it is."""
    await session.execute(
        update(Run)
        .where(Run.id == run, Run.status == Status.PROCESSING)
        .values(status=Status.FAILED, error=reason, finished_at=func.now())
    )


async def running(session: AsyncSession) -> Sequence[uuid.UUID]:
    """The runs that are at work, or were when their process died."""
    return (await session.scalars(select(Run.id).where(Run.status == Status.PROCESSING))).all()


async def last_failed(session: AsyncSession, kind: str) -> bool:
    """Whether the last run of `kind` that ended did so without success."""
    ended = select(Run.status).where(Run.kind == kind, Run.status != Status.PROCESSING)
    return await session.scalar(ended.order_by(Run.started_at.desc()).limit(1)) == Status.FAILED


async def last_run(session: AsyncSession) -> Run | None:
    return await session.scalar(select(Run).order_by(Run.started_at.desc()).limit(1))


async def last_import(session: AsyncSession) -> Import | None:
    return await session.scalar(select(Import).order_by(Import.started_at.desc()).limit(1))


async def upload(session: AsyncSession, import_id: uuid.UUID) -> str:
    """The server-made name of the file that an import reads. Raises `errors.NotFound`."""
    name = await session.scalar(select(Import.upload).where(Import.id == import_id))
    if name is None:
        raise errors.NotFound(what="upload")
    return name


@dataclass(frozen=True, slots=True)
class Counts:
    """What is stored of a person's history."""

    conversations: int
    messages: int
    """With text, of both sides."""
    first_at: datetime | None
    last_at: datetime | None


async def counts(session: AsyncSession) -> Counts:
    found = await session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Conversation.message_count), 0),
            func.min(Conversation.started_at),
            func.max(func.coalesce(Conversation.updated_at, Conversation.started_at)),
        )
    )
    conversations, messages, first, last = found.one()
    return Counts(conversations, int(messages), first, last)

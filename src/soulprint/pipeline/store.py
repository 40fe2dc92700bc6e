"""All SQL of the room: runs, their stages and tasks, workers, and what the status page counts."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Integer, Table, delete, false, func, quoted_name, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors
from soulprint.records import (
    DONE,
    Base,
    Conversation,
    ConversationChunk,
    Erasure,
    Extraction,
    Fact,
    FactStatus,
    Import,
    LlmAnswer,
    LlmBatch,
    Message,
    Notice,
    ProfileVersion,
    Run,
    RunStage,
    RunTask,
    Status,
    TaskStatus,
    UserProfile,
    VersionKind,
    Worker,
)
from soulprint.records.sections import Draft

QUICK, FULL = "quick", "full"
PLANNED_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class CurrentVersion:
    number: int
    kind: VersionKind


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


async def fail_run(session: AsyncSession, run: uuid.UUID, reason: str, kind: str) -> None:
    """A run that has ended already stays as it is."""
    await session.execute(
        update(Run)
        .where(Run.id == run, Run.status == Status.PROCESSING)
        .values(status=Status.FAILED, error=reason, error_kind=kind, finished_at=func.now())
    )


async def running(session: AsyncSession, kind: str) -> Sequence[uuid.UUID]:
    """The runs of `kind` that are at work, or were when their process died."""
    return (await session.scalars(select(Run.id).where(Run.kind == kind, Run.status == Status.PROCESSING))).all()


async def is_busy(session: AsyncSession) -> bool:
    """Whether an import or a pass is at work."""
    working = select(Run.id).where(Run.status == Status.PROCESSING)
    importing = select(Import.id).where(Import.status == Status.PROCESSING)
    return bool(await session.scalar(select(working.exists() | importing.exists())))


async def last_failed(session: AsyncSession, kind: str) -> bool:
    """Whether the last run of `kind` that ended did so without success."""
    ended = select(Run.status).where(Run.kind == kind, Run.status != Status.PROCESSING)
    return await session.scalar(ended.order_by(Run.started_at.desc()).limit(1)) == Status.FAILED


async def current_version(session: AsyncSession) -> CurrentVersion | None:
    """Number and kind of the profile version in use."""
    query = (
        select(ProfileVersion.number, ProfileVersion.kind)
        .join(UserProfile, UserProfile.user_id == ProfileVersion.user_id)
        .where(ProfileVersion.number == UserProfile.current_version)
    )
    found = (await session.execute(query)).one_or_none()
    return CurrentVersion(found.number, VersionKind(found.kind)) if found else None


async def last_import(session: AsyncSession) -> Import | None:
    return await session.scalar(select(Import).order_by(Import.started_at.desc()).limit(1))


async def upload(session: AsyncSession, import_id: uuid.UUID) -> str:
    """The server-made name of the file that an import reads. Raises `errors.NotFound`."""
    name = await session.scalar(select(Import.upload).where(Import.id == import_id))
    if name is None:
        raise errors.NotFound(what="upload")
    return name


async def is_importing(session: AsyncSession, import_id: uuid.UUID) -> bool:
    """Whether the import is still to be read to its end."""
    status = await session.scalar(select(Import.status).where(Import.id == import_id))
    return status == Status.PROCESSING


@dataclass(frozen=True, slots=True)
class Counts:
    """What is stored of a person's history."""

    conversations: int
    messages: int
    """With text, of both sides."""
    first_at: datetime | None
    """Of what was imported: chats here are of now."""
    last_at: datetime | None


async def counts(session: AsyncSession) -> Counts:
    imported = Conversation.origin == "import"
    found = await session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(Conversation.message_count), 0),
            func.min(Conversation.started_at).filter(imported),
            func.max(func.coalesce(Conversation.updated_at, Conversation.started_at)).filter(imported),
        )
    )
    conversations, messages, first, last = found.one()
    return Counts(conversations, int(messages), first, last)


# The full pass


async def begin_pass(
    session: AsyncSession, account: uuid.UUID, run: uuid.UUID, model: str, ceiling: Decimal, plan: dict[str, Any]
) -> uuid.UUID:
    """A new full pass under the id `run`; gives the id of the one that is at work already where there is one."""
    values = {"id": run, "user_id": account, "kind": FULL, "model": model, "ceiling_usd": ceiling, "plan": plan}
    created: uuid.UUID | None = await session.scalar(
        insert(Run).values(values).on_conflict_do_nothing().returning(Run.id)
    )
    if created is None:
        return (await running(session, FULL))[0]
    await _tell(
        session,
        account,
        {"full_pass_status": "processing", "full_pass_started_at": func.now(), "full_pass_error": None},
    )
    return created


async def end_pass(
    session: AsyncSession,
    account: uuid.UUID,
    run: uuid.UUID,
    status: Status,
    *,
    error: str | None = None,
    error_kind: str | None = None,
    note: str | None = None,
    version: int | None = None,
) -> bool:
    """End a full pass that is at work; gives whether it was. Its cost is what its answers cost."""
    cost = select(func.coalesce(func.sum(LlmAnswer.cost_usd), 0)).where(LlmAnswer.run_id == run).scalar_subquery()
    told = {"error": error, "error_kind": error_kind, "note": note}
    values = {"status": status, "version": version, "cost_usd": cost} | told
    ended = await session.scalar(
        update(Run)
        .where(Run.id == run, Run.status == Status.PROCESSING)
        .values(**values, finished_at=func.now())
        .returning(Run.id)
    )
    if ended is None:
        return False
    if status == Status.COMPLETE:
        await _tell(session, account, {"full_pass_status": "complete", "full_pass_completed_at": func.now()})
    else:
        await _tell(session, account, {"full_pass_status": "failed", "full_pass_error": error})
    return True


async def _tell(session: AsyncSession, account: uuid.UUID, columns: dict[str, Any]) -> None:
    """What other systems read of the pass."""
    row = insert(UserProfile).values(columns | {"user_id": account})
    await session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=columns))


async def run(session: AsyncSession, id: uuid.UUID) -> Run:  # noqa: A002
    """Raises `errors.NotFound`."""
    found = await session.get(Run, id)
    if found is None:
        raise errors.NotFound(what="pass")
    return found


async def is_processing(session: AsyncSession, run: uuid.UUID) -> bool:
    return await session.scalar(select(Run.status).where(Run.id == run)) == Status.PROCESSING


async def last_run_of(session: AsyncSession, kind: str) -> Run | None:
    return await session.scalar(select(Run).where(Run.kind == kind).order_by(Run.started_at.desc()).limit(1))


async def tasks_planned(session: AsyncSession, run: uuid.UUID, stage: str) -> bool:
    """Whether the stage has begun: its tasks are written with its row."""
    return bool(await session.scalar(select(RunStage.id).where(RunStage.run_id == run, RunStage.name == stage)))


async def plan_tasks(
    session: AsyncSession,
    account: uuid.UUID,
    run: uuid.UUID,
    stage: str,
    payloads: Sequence[dict[str, Any]],
    counts: dict[str, Any],
) -> None:
    """Begin a stage with its tasks, all at once. A stage that has begun stays as it is."""
    row = insert(RunStage).values(user_id=account, run_id=run, name=stage, counts=counts)
    if await session.scalar(row.on_conflict_do_nothing().returning(RunStage.id)) is None:
        return
    common = {"user_id": account, "run_id": run, "stage": stage}
    rows = [common | {"number": number, "payload": payload} for number, payload in enumerate(payloads)]
    for start in range(0, len(rows), PLANNED_AT_ONCE):
        await session.execute(insert(RunTask), rows[start : start + PLANNED_AT_ONCE])


async def pending_numbers(session: AsyncSession, run: uuid.UUID, stage: str) -> Sequence[int]:
    query = _tasks(run, stage).where(RunTask.status == TaskStatus.PENDING)
    return (await session.scalars(query.with_only_columns(RunTask.number).order_by(RunTask.number))).all()


async def pending_tasks(session: AsyncSession, run: uuid.UUID, stage: str, first: int, last: int) -> Sequence[RunTask]:
    """Those of a batch that are not done: `first` and `last` are numbers, both included."""
    query = _tasks(run, stage).where(RunTask.status == TaskStatus.PENDING, RunTask.number.between(first, last))
    return (await session.scalars(query.order_by(RunTask.number))).all()


async def task_done(session: AsyncSession, task: int, result: dict[str, Any]) -> None:
    await session.execute(
        update(RunTask)
        .where(RunTask.id == task)
        .values(status=TaskStatus.DONE, result=result, error=None, error_kind=None, finished_at=func.now())
    )


async def task_failed(
    session: AsyncSession, task: int, error: str, kind: str, status: TaskStatus = TaskStatus.FAILED
) -> None:
    """A task that failed, or with `PENDING` one that is to be tried again."""
    ended = func.now() if status == TaskStatus.FAILED else None
    await session.execute(
        update(RunTask).where(RunTask.id == task).values(status=status, error=error, error_kind=kind, finished_at=ended)
    )


async def give_up_pending(session: AsyncSession, run: uuid.UUID, stage: str) -> None:
    """Mark what is still pending of a stage as failed."""
    await session.execute(
        update(RunTask)
        .where(RunTask.run_id == run, RunTask.stage == stage, RunTask.status == TaskStatus.PENDING)
        .values(status=TaskStatus.FAILED, finished_at=func.now())
    )


async def results(session: AsyncSession, run: uuid.UUID, stage: str) -> Sequence[dict[str, Any]]:
    """What the done tasks of a stage came to, in their order."""
    query = _tasks(run, stage).where(RunTask.status == TaskStatus.DONE).order_by(RunTask.number)
    return [result or {} for result in await session.scalars(query.with_only_columns(RunTask.result))]


async def unreadable(session: AsyncSession, run: uuid.UUID, stage: str) -> tuple[int, int]:
    """Conversations of which no answer could be used so far, and how many are to be read."""
    failed = func.sum(RunTask.result["failed"].astext.cast(Integer))
    planned = select(RunStage.counts["conversations"].astext.cast(Integer))
    found = await session.scalar(_tasks(run, stage).with_only_columns(failed))
    return found or 0, await session.scalar(planned.where(RunStage.run_id == run, RunStage.name == stage)) or 0


async def last_task_error(session: AsyncSession, run: uuid.UUID, stage: str) -> str | None:
    query = _tasks(run, stage).where(RunTask.error.is_not(None)).order_by(RunTask.finished_at.desc().nulls_last())
    error: str | None = await session.scalar(query.with_only_columns(RunTask.error).limit(1))
    return error


async def end_stage(session: AsyncSession, run: uuid.UUID, stage: str, counts: dict[str, Any]) -> None:
    await session.execute(
        update(RunStage)
        .where(RunStage.run_id == run, RunStage.name == stage)
        .values(finished_at=func.now(), counts=RunStage.counts.op("||")(counts))
    )


def _tasks(run: uuid.UUID, stage: str) -> Any:
    return select(RunTask).where(RunTask.run_id == run, RunTask.stage == stage)


@dataclass(frozen=True, slots=True)
class StageRow:
    """A stage with the counts of its tasks."""

    name: str
    done: int
    failed: int
    total: int
    counts: dict[str, Any]
    started_at: datetime
    finished_at: datetime | None
    lately: int = 0
    """Tasks done since the time asked for."""


async def stages(session: AsyncSession, run: uuid.UUID, since: datetime | None = None) -> list[StageRow]:
    """The stages of a run that have begun, in their order."""
    lately = RunTask.finished_at >= since if since else false()
    tasks = (
        select(
            RunTask.stage,
            func.count().filter(RunTask.status == TaskStatus.DONE).label("done"),
            func.count().filter(RunTask.status == TaskStatus.FAILED).label("failed"),
            func.count().label("total"),
            func.count().filter(lately).label("lately"),
        )
        .where(RunTask.run_id == run)
        .group_by(RunTask.stage)
        .subquery()
    )
    query = (
        select(
            RunStage.name,
            func.coalesce(tasks.c.done, 0),
            func.coalesce(tasks.c.failed, 0),
            func.coalesce(tasks.c.total, 0),
            RunStage.counts,
            RunStage.started_at,
            RunStage.finished_at,
            func.coalesce(tasks.c.lately, 0),
        )
        .outerjoin(tasks, tasks.c.stage == RunStage.name)
        .where(RunStage.run_id == run)
        .order_by(RunStage.id)
    )
    return [StageRow(*row) for row in (await session.execute(query)).all()]


@dataclass(frozen=True, slots=True)
class Spent:
    """What the answers of a role cost a run."""

    role: str
    calls: int
    cost_usd: Decimal


async def spent(session: AsyncSession, run: uuid.UUID) -> list[Spent]:
    query = (
        select(LlmAnswer.role, func.count(), func.sum(LlmAnswer.cost_usd))
        .where(LlmAnswer.run_id == run)
        .group_by(LlmAnswer.role)
    )
    found = (await session.execute(query)).all()
    return [Spent(role, calls, cost or Decimal(0)) for role, calls, cost in found]


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for workers."""

    passes: int
    tasks: int
    """Of the stages that have begun."""
    done: int
    """Of those tasks."""
    notices: int


async def queue(session: AsyncSession) -> Queue:
    active = select(Run.id).where(Run.kind == FULL, Run.status == Status.PROCESSING)
    tasks = select(func.count(), func.count().filter(RunTask.status != TaskStatus.PENDING))
    total, done = (await session.execute(tasks.where(RunTask.run_id.in_(active)))).one()
    return Queue(len((await session.scalars(active)).all()), total, done, len(await waiting_notices(session)))


async def known_facts(session: AsyncSession) -> int:
    """Facts that hold: active and pinned ones."""
    holding = Fact.status.in_((FactStatus.ACTIVE, FactStatus.PINNED))
    return await session.scalar(select(func.count()).select_from(Fact).where(holding)) or 0


async def all_facts(session: AsyncSession) -> int:
    """Facts of every status."""
    return await session.scalar(select(func.count()).select_from(Fact)) or 0


async def said(session: AsyncSession) -> int:
    """Characters of what the person wrote, in all conversations."""
    written = select(func.sum(func.length(Message.text))).where(Message.role == "user", Message.on_branch)
    return await session.scalar(written) or 0


async def unread(session: AsyncSession) -> int:
    """Conversations that were not read for facts as they are now, or not to their end."""
    read = (
        (Extraction.conversation_id == Conversation.id)
        & (Extraction.content_hash == Conversation.content_hash)
        & Extraction.outcome.in_(DONE)
    )
    query = select(func.count()).select_from(Conversation).outerjoin(Extraction, read)
    return await session.scalar(query.where(Extraction.conversation_id.is_(None))) or 0


async def told(session: AsyncSession, run: uuid.UUID) -> dict[str, Any]:
    """The counts of a run that notices tell."""
    row = await session.get_one(Run, run, populate_existing=True)
    ready = await session.scalar(select(UserProfile.current_version))
    read = select(func.count()).select_from(Extraction).where(Extraction.outcome.in_(DONE))
    return {
        "soulprint_ready": ready is not None,
        "memory_building": row.status == Status.PROCESSING,
        "chunks_embedded": await session.scalar(select(func.count()).select_from(ConversationChunk)),
        "processing_time": round((datetime.now(UTC) - row.started_at).total_seconds(), 1),
        "facts": await session.scalar(select(func.count()).select_from(Fact)),
        "conversations": await session.scalar(read),
    }


async def has_open_batches(session: AsyncSession) -> bool:
    """Whether the provider's batch API was handed something that it has not answered yet."""
    return bool(await session.scalar(select(LlmBatch.id).where(LlmBatch.status == "open").limit(1)))


async def waiting_notices(session: AsyncSession, *, tried: bool = True) -> Sequence[int]:
    """Notices that are to be sent; without `tried`, only those that nobody has tried to send."""
    query = select(Notice.id).where(Notice.status == "waiting").order_by(Notice.id)
    return (await session.scalars(query if tried else query.where(Notice.attempts == 0))).all()


# Workers


async def register_worker(session: AsyncSession, slot: str, host: str, pid: int, version: str) -> None:
    values = {"host": host, "pid": pid, "version": version, "started_at": func.now(), "seen_at": func.now()}
    row = insert(Worker).values(id=slot, **values)
    await session.execute(row.on_conflict_do_update(index_elements=["id"], set_=values))


async def sign_off(session: AsyncSession, slot: str) -> None:
    """Forget a worker that ends in order."""
    await session.execute(delete(Worker).where(Worker.id == slot))


async def living(session: AsyncSession, within: timedelta) -> Sequence[Worker]:
    """The workers that had a pulse within that time, by the database's clock, the oldest first."""
    query = select(Worker).where(Worker.seen_at > func.now() - within).order_by(Worker.started_at)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def pulse(session: AsyncSession, slot: str) -> None:
    await session.execute(update(Worker).where(Worker.id == slot).values(seen_at=func.now()))


async def place(session: AsyncSession, slot: str) -> tuple[str, int]:
    """Host and process of a worker that has shown itself."""
    host, pid = (await session.execute(select(Worker.host, Worker.pid).where(Worker.id == slot))).one()
    return host, pid


async def is_stale(session: AsyncSession, slot: str, after: timedelta) -> bool:
    """Whether the worker had no pulse for `after`, by the database's clock; true where nobody knows it."""
    seen = select(Worker.seen_at > func.now() - after).where(Worker.id == slot)
    return not await session.scalar(seen)


async def living_versions(session: AsyncSession, after: timedelta) -> set[str]:
    """The versions of all workers that had a pulse within `after`."""
    return set(await session.scalars(select(Worker.version).where(Worker.seen_at > func.now() - after)))


async def forget_workers(session: AsyncSession, after: timedelta) -> None:
    await session.execute(delete(Worker).where(Worker.seen_at < func.now() - after))


# Erasing

ENGINES_TABLES = """
select table_name from information_schema.columns join information_schema.tables using (table_schema, table_name)
where table_schema = 'dbos' and column_name = 'workflow_uuid' and table_type = 'BASE TABLE'
order by table_name = 'workflow_status'
"""

KEPT_TABLES = frozenset({"accounts", "erasures"})
"""What stays of an account: that there is one, and the receipts."""


async def workflows(session: AsyncSession) -> list[str]:
    """How the keys of the account's workflows begin."""
    runs, notices = await session.scalars(select(Run.id)), await session.scalars(select(Notice.id))
    return [f"full pass/{each}/" for each in runs] + [f"delivery/{each}/" for each in notices]


async def forget_workflows(session: AsyncSession, prefixes: Sequence[str]) -> None:
    """Delete what the engine keeps of workflows whose keys begin so."""
    for table in await session.scalars(text(ENGINES_TABLES)):
        named = quoted_name(table, quote=True)
        gone = f"delete from dbos.{named} where workflow_uuid ^@ any(cast(:prefixes as text[]))"  # noqa: S608
        await session.execute(text(gone), {"prefixes": [*prefixes]})


async def uploaded(session: AsyncSession) -> list[str]:
    """The server-made names of the uploads that the account's imports came by."""
    return [name for name in await session.scalars(select(Import.upload)) if name]


async def erase(session: AsyncSession, account: uuid.UUID) -> dict[str, int]:
    """Delete every row of the account, receipts not counted; gives table -> how many there were. What hangs on others
    goes first."""
    counts = await rows(session, account)
    for table in await _owned(session):
        await session.execute(table.delete().where(table.c.user_id == account))
    return counts


async def rows(session: AsyncSession, account: uuid.UUID) -> dict[str, int]:
    """Table -> rows of the account, receipts not counted."""
    counts: dict[str, int] = {}
    for table in await _owned(session):
        counting = select(func.count()).select_from(table).where(table.c.user_id == account)
        counts[table.name] = await session.scalar(counting) or 0
    return counts


async def _owned(session: AsyncSession) -> list[Table]:
    """The tables that hold anything of an account, the last ones first. That of vectors needn't be there."""
    there = set(await session.scalars(text("select tablename from pg_tables where schemaname = current_schema()")))
    tables = [table for table in reversed(Base.metadata.sorted_tables) if "user_id" in table.columns]
    return [table for table in tables if table.name in there - KEPT_TABLES]


async def note_erasure(
    session: AsyncSession, account: uuid.UUID, rows: dict[str, int], files: int, *, rewritten: bool
) -> Erasure:
    receipt = Erasure(id=uuid.uuid4(), user_id=account, rows=rows, files=files, rewritten=rewritten)
    session.add(receipt)
    await session.flush()
    await session.refresh(receipt)
    return receipt


async def erasures(session: AsyncSession) -> Sequence[Erasure]:
    """The receipts, the newest first."""
    return (await session.scalars(select(Erasure).order_by(Erasure.created_at.desc()))).all()

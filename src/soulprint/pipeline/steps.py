"""The steps of the full pass: function, name, retries. A step takes and gives ids and counts, and can be done twice.

Whatever ends a pass early is written to the run's row by the step that meets it, and the steps after it stand down: no
error but one of the database leaves a step, so that the engine never stores one of ours.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import traceback
import uuid
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

import structlog
from dbos import DBOS
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from soulprint import choices, errors, facts, llm, notices, quick_pass, sections
from soulprint.pipeline import engine, outcome, stages, store
from soulprint.pipeline.stages import STAGES, Pass
from soulprint.records import RunTask, Status, TaskStatus, VersionKind
from soulprint.records.sections import Draft
from soulprint.settings import Settings

log = structlog.get_logger()

P = ParamSpec("P")
T = TypeVar("T")

TASKS = 20
"""Tasks of one batch: enough that a batch costs little beside its calls, few enough that two workers share a pass."""

TASKS_HANDED_IN = 500
"""Tasks of one batch whose requests go to the provider's batch API."""

UNREACHED = 5
"""Tasks of a batch that a model may leave unanswered before the rest of the batch waits for the next round."""


def is_passing(error: BaseException) -> bool:
    """Whether the database may be back in a while."""
    return isinstance(error, OperationalError | InterfaceError | errors.DatabaseUnavailable)


def _step(name: str) -> Callable[[Callable[P, Coroutine[Any, Any, T]]], Callable[P, Coroutine[Any, Any, T]]]:
    """A step that is tried again while the database is away, and stops with its process."""

    def decorate(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
        @functools.wraps(function)
        async def tracked(*args: P.args, **kwargs: P.kwargs) -> T:
            task = asyncio.current_task()
            assert task is not None
            engine.here().steps.add(task)
            try:
                return await function(*args, **kwargs)
            except Exception as error:
                if _is_stopping():
                    raise asyncio.CancelledError from None  # a query that is broken off may raise anything
                if isinstance(error, DBAPIError):
                    # The driver's own error holds what was to be written, and the engine keeps what leaves a step.
                    raise errors.DatabaseUnavailable(reason=type(error).__name__) from None
                raise
            finally:
                engine.here().steps.discard(task)

        return DBOS.step(name=name, retries_allowed=True, max_attempts=8, should_retry=is_passing)(tracked)

    return decorate


@_step("plan")
async def plan(account: str, run: str, stage: str) -> bool:
    """Write down the stage's tasks, unless that was done; gives whether they go to the provider's batch API."""
    this = await _pass(account, run)
    async with this.database.session(this.account) as session:
        if not await store.is_processing(session, this.run):
            return False
        planned = await store.tasks_planned(session, this.run, stage)
    if not planned:
        await _guarded(this, stage, lambda: _plan(this, stage))
    return await _in_batches(this, stage)


async def _plan(this: Pass, stage: str) -> None:
    if engine.here().warming is None:
        engine.here().warming = asyncio.create_task(_warm(this.settings))
    planned = await STAGES[stage].plan(this)
    async with this.database.session(this.account) as session:
        await store.plan_tasks(session, this.account, this.run, stage, planned.payloads, planned.counts)


async def _warm(settings: Settings) -> None:
    await asyncio.gather(facts.warm(settings), quick_pass.warm())


@_step("pending")
async def pending(account: str, run: str, stage: str) -> list[tuple[int, int]]:
    """The batches that are to be done: number of the first and the last task of each. None once the pass has ended."""
    return await _ranges(await _pass(account, run), stage, TASKS)


@_step("perform")
async def perform(account: str, run: str, stage: str, first: int, last: int) -> None:
    """Do the tasks of a batch that are not done, side by side."""
    this = await _pass(account, run)
    async with this.database.session(this.account) as session:
        tasks = await store.pending_tasks(session, this.run, stage, first, last)
    batch = _Batch(this, stage)
    await asyncio.gather(*(batch.perform(task) for task in tasks))


class _Batch:
    """The tasks of one step, and whether they are to stop."""

    def __init__(self, this: Pass, stage: str) -> None:
        self._this = this
        self._stage = stage
        self._unreached = 0
        self._halted = False

    async def perform(self, task: RunTask) -> None:
        async with engine.here().turn(str(self._this.account)):
            if not self._halted and not await _guarded(self._this, self._stage, lambda: self._tried(task)):
                self._halted = True

    async def _tried(self, task: RunTask) -> None:
        """Do one task; a failure of its own is its own."""
        this = self._this
        try:
            result = await STAGES[self._stage].work(this, task.payload)
        except (errors.ModelTooSlow, errors.ModelAnswerUnusable) as error:
            await self._failed(task, error, TaskStatus.FAILED)
        except errors.ModelUnreachable as error:
            self._unreached += 1
            self._halted = self._unreached >= UNREACHED
            await self._failed(task, error, TaskStatus.PENDING)
        else:
            async with this.database.session(this.account) as session:
                await store.task_done(session, task.id, result)
                unreadable = await store.unreadable(session, this.run, self._stage) if result.get("failed") else (0, 0)
            outcome.check_unreadable(*unreadable, ended=False)

    async def _failed(self, task: RunTask, error: errors.SoulprintError, status: TaskStatus) -> None:
        this, reason = self._this, str(error)
        async with this.database.session(this.account) as session:
            await store.task_failed(session, task.id, reason, type(error).__name__, status)
            rows = {row.name: row for row in await store.stages(session, this.run)}
        outcome.check_failures(rows[self._stage], reason, ended=False)


@_step("finish")
async def finish(account: str, run: str, stage: str) -> bool:
    """End a stage whose tasks are done or given up; gives whether the pass goes on."""
    this = await _pass(account, run)
    async with this.database.session(this.account) as session:
        if not await store.is_processing(session, this.run):
            return False
        await store.give_up_pending(session, this.run, stage)
    return await _guarded(this, stage, lambda: _finish(this, stage))


async def _finish(this: Pass, stage: str) -> None:
    end = STAGES[stage].end
    counts = await end(this) if end else {}
    async with this.database.session(this.account) as session:
        rows = {row.name: row for row in await store.stages(session, this.run)}
        reason = await store.last_task_error(session, this.run, stage)
        outcome.check_failures(rows[stage], reason or "", ended=True)
        if stage == stages.EXTRACT:
            outcome.check_unreadable(*await store.unreadable(session, this.run, stage), ended=True)
            results = await store.results(session, this.run, stage)
            counts |= outcome.yields(results, with_model=not llm.is_local(this.settings, llm.Role.EXTRACT))
        await store.end_stage(session, this.run, stage, counts)


@_step("swap")
async def swap(account: str, run: str) -> None:
    """Publish what was written as the new version and end the pass, in one transaction."""
    this = await _pass(account, run)
    await _guarded(this, "swap", lambda: _swap(this))


async def _swap(this: Pass) -> None:
    async with this.database.session(this.account) as session:
        if not await store.is_processing(session, this.run):
            return
        (written,) = await store.results(session, this.run, stages.SECTIONS)
        spent = sum(one.cost_usd for one in await store.spent(session, this.run))
        draft = Draft.model_validate(written["draft"]).model_copy(update={"cost_usd": float(spent)})
        current = await sections.current(session)
        same = current is not None and (current.sections, current.memory) == (draft.sections, draft.memory)
        if current is not None and same and current.kind == VersionKind.FULL:
            number = current.number
        else:
            number = await sections.publish(session, this.account, draft, VersionKind.FULL)
        await store.end_pass(session, this.account, this.run, Status.COMPLETE, note=draft.note, version=number)
        await outcome.tell_of_success(session, this, changed=not same)
    log.info("full pass complete", run=str(this.run), version=number)


# The provider's batch API


@_step("unasked")
async def unasked(account: str, run: str, stage: str) -> list[tuple[int, int]]:
    return await _ranges(await _pass(account, run), stage, TASKS_HANDED_IN)


@_step("hand in")
async def hand_in(account: str, run: str, stage: str, first: int, last: int) -> None:
    """Hand in the requests that the tasks of a batch would send, those that are not answered or handed in already."""
    this = await _pass(account, run)
    await _guarded(this, stage, lambda: _hand_in(this, stage, first, last))


async def _hand_in(this: Pass, stage: str, first: int, last: int) -> None:
    role = STAGES[stage].role
    assert role is not None
    async with this.database.session(this.account) as session:
        tasks = await store.pending_tasks(session, this.run, stage, first, last)
    batches = await _batches()
    with batches.collecting() as collected:
        for task in tasks:
            try:
                result = await STAGES[stage].work(this, task.payload)
            except errors.AnswerPending:
                continue
            except errors.ModelAnswerUnusable:
                continue  # asked for one by one afterwards
            async with this.database.session(this.account) as session:
                await store.task_done(session, task.id, result)
    await batches.submit(this.database, this.account, this.settings, role, this.run, collected)


@_step("look")
async def look(account: str, run: str) -> float:
    """Take in what the provider has answered of all that was handed in; gives the seconds until it pays to look again,
    0 when nothing is waited for."""
    this = await _pass(account, run)
    if not await _is_waiting(this):
        return 0
    batches = await _batches()
    await batches.poll(this.database, this.account, this.settings, this.run)
    return this.settings.batch_poll if await _is_waiting(this) else 0


async def _is_waiting(this: Pass) -> bool:
    async with this.database.session(this.account) as session:
        return await store.is_processing(session, this.run) and await store.has_open_batches(session)


async def _in_batches(this: Pass, stage: str) -> bool:
    role = STAGES[stage].role
    async with this.database.session(this.account) as session:
        wanted = (await store.run(session, this.run)).plan.get("batch", False)
    if not wanted or role is None or llm.is_local(this.settings, role):
        return False
    batches = await _batches()
    supported: bool = await asyncio.to_thread(batches.supported, this.settings, role)
    return supported


async def _batches() -> Any:
    """It loads what talks to models, which takes seconds, and most passes hand nothing in."""
    return await asyncio.to_thread(importlib.import_module, "soulprint.llm.batches")


# Telling


@_step("untold")
async def untold(account: str, run: str) -> list[str]:
    """The notices that wait to be sent."""
    this = await _pass(account, run)
    async with this.database.session(this.account) as session:
        return [str(notice) for notice in await store.waiting_notices(session)]


@_step("deliver")
async def deliver(account: str, notice: str) -> bool:
    """Send one notice; gives whether it arrived."""
    worker, whose = engine.here(), uuid.UUID(account)
    try:
        settings = await choices.settings(worker.database, whose, worker.settings)
        await notices.deliver(worker.database, whose, settings, int(notice))
    except errors.NoticeUndelivered:
        return False
    return True


@_step("give up")
async def give_up(account: str, notice: str) -> None:
    await notices.give_up(engine.here().database, uuid.UUID(account), int(notice))


# What they share


async def _pass(account: str, run: str) -> Pass:
    """The pass with the settings that hold for its person now."""
    worker, whose = engine.here(), uuid.UUID(account)
    settings = await choices.settings(worker.database, whose, worker.settings)
    return Pass(worker.database, whose, uuid.UUID(run), settings)


async def _ranges(this: Pass, stage: str, size: int) -> list[tuple[int, int]]:
    async with this.database.session(this.account) as session:
        if not await store.is_processing(session, this.run):
            return []
        numbers = await store.pending_numbers(session, this.run, stage)
    parts = [numbers[start : start + size] for start in range(0, len(numbers), size)]
    return [(part[0], part[-1]) for part in parts]


def _is_stopping() -> bool:
    """Whether the process is to end, so that an error says nothing of the pass."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _guarded(this: Pass, stage: str, work: Callable[[], Awaitable[None]]) -> bool:
    """Do `work`; gives whether the pass goes on. What forbids that ends the pass, and the profile stays as it is."""
    try:
        await work()
    except errors.PassStopped:
        return False
    except errors.CeilingReached as error:
        await outcome.end(this, Status.PAUSED, stage, error)
        return False
    except Exception as error:
        if is_passing(error) or _is_stopping():
            raise
        if not isinstance(error, errors.SoulprintError):
            # Its type and place alone: its message and locals may hold what the person wrote.
            last = traceback.extract_tb(error.__traceback__)[-1]
            log.warning("a stage failed", stage=stage, error=type(error).__name__, at=f"{last.filename}:{last.lineno}")
        await outcome.end(this, Status.FAILED, stage, error)
        return False
    return True

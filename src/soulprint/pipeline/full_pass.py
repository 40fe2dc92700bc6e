"""The full pass, its stages from top to bottom: every conversation read, every fact proved, version 2 in place.

A pass, a stage and a batch of tasks are workflows; only ids go through them. What was done stands in the rows of the
tasks, what was paid for in the journal, so that a workflow that is run again repeats nothing.
"""

from __future__ import annotations

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from soulprint.pipeline import engine, stages, steps

ROUNDS = (0, 15, 90)
"""Seconds to wait before each attempt at what a model that could not be reached left undone."""

DELIVERY_WAITS = (2, 10, 60, 600, 3_600)
"""Seconds to wait after each attempt at a notice."""


@DBOS.workflow(name=engine.PASS)
async def full_pass(account: str, run: str) -> None:
    for stage in stages.ORDER:
        if not await one_stage(account, run, stage):
            break
    else:
        await steps.swap(account, run)
    await _tell(account, run)


@DBOS.workflow(name=engine.STAGE)
async def one_stage(account: str, run: str, stage: str) -> bool:
    """Whether the pass goes on."""
    if await steps.plan(account, run, stage):
        for first, last in await steps.unasked(account, run, stage):
            await steps.hand_in(account, run, stage, first, last)
    # What this pass or one that was stopped has handed in goes into the journal, where the tasks find it.
    while wait := await steps.look(account, run):
        await DBOS.sleep_async(wait)
    for wait in ROUNDS:
        ranges = await steps.pending(account, run, stage)
        if not ranges:
            break
        if wait:
            await DBOS.sleep_async(wait)
        await _all(account, run, stage, ranges)
    return await steps.finish(account, run, stage)


@DBOS.workflow(name=engine.BATCH)
async def batch(account: str, run: str, stage: str, first: int, last: int) -> None:
    await steps.perform(account, run, stage, first, last)


@DBOS.workflow(name=engine.DELIVERY)
async def delivery(account: str, notice: str) -> None:
    for wait in DELIVERY_WAITS:
        if await steps.deliver(account, notice):
            return
        await DBOS.sleep_async(wait)
    await steps.give_up(account, notice)


async def _tell(account: str, run: str) -> None:
    for notice in await steps.untold(account, run):
        key = f"{engine.DELIVERY}/{notice}/{run}"
        with SetWorkflowID(key), SetEnqueueOptions(queue_partition_key=engine.partition(engine.DELIVERY, account)):
            await DBOS.enqueue_workflow_async(engine.QUEUE, delivery, account, notice)


async def _all(account: str, run: str, stage: str, ranges: list[tuple[int, int]]) -> None:
    """Run a batch for each range, on any worker; the first one here, without the way through the queue."""
    first, *others = ranges
    with SetEnqueueOptions(queue_partition_key=account):
        handles = [await DBOS.enqueue_workflow_async(engine.QUEUE, batch, account, run, stage, *one) for one in others]
    await batch(account, run, stage, *first)
    for handle in handles:
        await handle.get_result(polling_interval_sec=0.25)

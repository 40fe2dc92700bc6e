"""A process that works on passes: takes work from the queue, shows that it is alive, takes up what the dead left.

A worker is alive while it holds the advisory lock of its slot on its host and its pulse is fresh. Nothing else restarts
the work of a process that was killed, as far as DBOS goes without a service of its own.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import psutil  # type: ignore[import-untyped]
import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from sqlalchemy.exc import DBAPIError

from soulprint import errors
from soulprint.database import Database
from soulprint.pipeline import engine, full_pass, store
from soulprint.pipeline.engine import Here
from soulprint.settings import Settings

log = structlog.get_logger()

__all__ = ["full_pass", "working"]

AT_ONCE = 16
"""Batches of one account that a worker has at work. How many requests that makes is up to the model's limiter."""

POLL = 0.5
"""Seconds between two looks into the queue."""

PULSE = 5.0
"""Seconds between two signs of life, and between two looks for the dead."""

MISSED = timedelta(seconds=15)
"""A worker without its lock whose pulse is older is dead; on this host it is as soon as its process is gone."""

STALE = timedelta(minutes=2)
"""A worker on another host whose pulse is older is dead, even if its connection seems to hold its lock still."""

KEPT = timedelta(days=7)
"""How long the engine's own records of ended workflows are kept; runs and tasks have theirs."""


@asynccontextmanager
async def working(database: Database, settings: Settings) -> AsyncIterator[Here]:
    """Be a worker for as long as the block runs."""
    async with AsyncExitStack() as locks:
        slot = await _slot(database, locks)
        worker = Here(database, settings, slot)
        engine.settle(worker)
        DBOS(config=_config(database, slot))
        try:
            DBOS.launch()  # inside the running loop, or workflows would run on another one than our connections
            await DBOS.register_queue_async(
                engine.QUEUE,
                partition_worker_concurrency=AT_ONCE,
                polling_interval_sec=POLL,
                on_conflict="always_update",
            )
            keeping = asyncio.create_task(_keep(worker, locks))
            try:
                yield worker
            finally:
                await _stop(keeping, *worker.steps, *filter(None, [worker.warming]))
        finally:
            await asyncio.to_thread(DBOS.destroy)
            # DBOS gives the loop its own threads, and takes them away when it ends.
            asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
            engine.settle(None)
            await _sign_off(worker)


def _config(database: Database, slot: str) -> DBOSConfig:
    return DBOSConfig(
        name="soulprint",
        system_database_url=database.url.render_as_string(hide_password=False),
        application_version=engine.VERSION,
        executor_id=slot,
        serializer=DBOSPortableJSONSerializer(),  # the default would run whatever its rows hold
        log_level="CRITICAL",
        max_executor_threads=32,
        sys_db_pool_size=8,
    )


async def _stop(*tasks: asyncio.Task[Any]) -> None:
    """Stop at once. Whoever takes the work up finds each task done or not done, and each answer that was paid for."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _slot(database: Database, locks: AsyncExitStack) -> str:
    """The first slot of this host where no living process works, from now on ours: the same again after a restart,
    never two processes in one."""
    host = socket.gethostname()
    for number in count():
        slot = f"{host}:{number}"
        if await _held(database, slot, locks):
            break
    async with database.session() as session:
        await store.register_worker(session, slot, host, os.getpid(), engine.VERSION)
    return slot


async def _held(database: Database, slot: str, locks: AsyncExitStack) -> bool:
    """Take the lock of a slot, for as long as `locks` is open, unless another process works there."""
    async with AsyncExitStack() as lock:
        if await lock.enter_async_context(database.hold(_lock(slot))) and await _is_deserted(database, slot):
            locks.push_async_exit(lock.pop_all())
            return True
    return False


async def _is_deserted(database: Database, slot: str) -> bool:
    """Whether no process works in a slot whose lock is free. One whose connection was lost with the database takes its
    lock again with its next pulse."""
    async with database.session() as session:
        if await store.is_stale(session, slot, MISSED):
            return True
        host, pid = await store.place(session, slot)
    return host == socket.gethostname() and (pid == os.getpid() or not psutil.pid_exists(pid))


async def _sign_off(worker: Here) -> None:
    with suppress(DBAPIError, errors.DatabaseUnavailable):  # then its pulse says it
        async with worker.database.session() as session:
            await store.sign_off(session, worker.id)


def _lock(slot: str) -> str:
    return f"worker:{slot}"


# Keeping


async def _keep(worker: Here, locks: AsyncExitStack) -> None:
    """Show that this worker is alive, and take up what the dead left, until cancelled."""
    cleared = datetime.min.replace(tzinfo=UTC)
    while True:
        with suppress(DBAPIError, errors.DatabaseUnavailable):  # the next round finds the database back
            async with worker.database.session() as session:
                await store.pulse(session, worker.id)
            await _held(worker.database, worker.id, locks)  # again, where it fell with the connection
            await _reap(worker)
            if datetime.now(UTC) - cleared > timedelta(hours=1):
                await _clear(worker)
                cleared = datetime.now(UTC)
        await asyncio.sleep(PULSE)


async def _reap(worker: Here) -> None:
    """Hand what dead workers were at to the living. Done again and again, as a worker may die at any time."""
    held = await _listed(status="PENDING")
    for one in held:
        if one.executor_id == worker.id and one.app_version != engine.VERSION:
            await _take_up(one)  # of the program that ran in this slot before; of this version DBOS took it up itself
    for slot in sorted({one.executor_id for one in held if one.executor_id and one.executor_id != worker.id}):
        async with worker.database.hold(_lock(slot)) as free:
            if await (_is_deserted(worker.database, slot) if free else _gone(worker, slot)):
                for one in await _listed(status="PENDING", executor_id=slot):
                    await _take_up(one)
    await _adopt(worker)


async def _gone(worker: Here, slot: str) -> bool:
    """Whether a worker on another host has had no pulse for long. On this host its lock alone tells: a machine that
    slept has old pulses and living processes."""
    if slot.rpartition(":")[0] == worker.id.rpartition(":")[0]:
        return False
    async with worker.database.session() as session:
        return await store.is_stale(session, slot, STALE)


async def _take_up(left: Any) -> None:
    if left.app_version == engine.VERSION:
        log.info("taking up what a dead worker left", workflow=left.workflow_id)
        await DBOS.resume_workflow_async(left.workflow_id)
    else:
        await _begin_anew(left)


async def _adopt(worker: Here) -> None:
    """Begin anew what waits for a version of which no worker is left."""
    async with worker.database.session() as session:
        alive = await store.living_versions(session, STALE)
    for one in await _listed(status="ENQUEUED"):
        if one.app_version and one.app_version not in alive:
            await _begin_anew(one)


async def _begin_anew(left: Any) -> None:
    """Steps of another version are not replayed, as their order may differ: the run starts again from its rows, in
    which everything done is marked as done."""
    log.info("beginning anew what another version left", workflow=left.workflow_id, was=left.app_version)
    await DBOS.cancel_workflow_async(left.workflow_id)
    await engine.begin_anew(left)


async def _clear(worker: Here) -> None:
    """Drop the engine's records of what ended long ago, and the workers that are gone."""
    ended = (datetime.now(UTC) - KEPT).isoformat()
    if old := await _listed(completed_before=ended, limit=5_000):
        await DBOS.delete_workflows_async([one.workflow_id for one in old])
    async with worker.database.session() as session:
        await store.forget_workers(session, KEPT)


async def _listed(**which: Any) -> list[Any]:
    return await DBOS.list_workflows_async(**which, load_input=False, load_output=False)

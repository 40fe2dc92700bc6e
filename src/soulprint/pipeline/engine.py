"""The durable engine, DBOS on the same Postgres, as the workflows of this process see it."""

from __future__ import annotations

import asyncio
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from dbos import DBOS

from soulprint.database import Database
from soulprint.settings import Settings

VERSION = "1"
"""Of what a workflow does in which order. Another number leaves the workflows of older workers to those, and starts
theirs anew when they are gone."""

QUEUE = "passes"
"""One queue for all, with a partition for each account: a thread polls each queue, so there is never one an account."""

PASS, STAGE, BATCH, DELIVERY = "full pass", "stage", "batch", "delivery"
"""Names of workflows. They outlive moved files."""

OPEN = ["PENDING", "ENQUEUED", "DELAYED"]
"""What the engine calls a workflow that has not ended."""

AHEAD = 4


@dataclass
class Here:
    """What the workflows of this process work with."""

    database: Database
    settings: Settings
    id: str
    """The worker's slot."""
    steps: set[asyncio.Task[Any]] = field(default_factory=set)
    """Those at work, to be stopped with the process."""
    _turns: defaultdict[str, asyncio.Semaphore] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = defaultdict(lambda: asyncio.Semaphore(self.settings.concurrency + AHEAD))

    def turn(self, account: str) -> asyncio.Semaphore:
        """What a task of `account` waits for before it reads its rows: a few more may prepare than can ask."""
        return self._turns[account]


_here: Here | None = None


def here() -> Here:
    """The worker that this process is. DBOS calls workflows by their names alone, so they find it here."""
    assert _here is not None, "no worker is at work in this process"
    return _here


def settle(worker: Here | None) -> None:
    """Say what worker this process is from now on."""
    global _here
    _here = worker


def is_working() -> bool:
    """Whether this process is a worker."""
    return _here is not None


async def enqueue(workflow: str, key: str, account: uuid.UUID, *args: str) -> None:
    """Have a worker run `workflow` with `account` and `args`, once for one key however often it is asked for."""
    await DBOS.enqueue_workflow_with_options_async(
        {
            "workflow_name": workflow,
            "queue_name": QUEUE,
            "workflow_id": key,
            "app_version": VERSION,
            "queue_partition_key": str(account),
        },
        str(account),
        *args,
    )


async def is_open(prefix: str) -> bool:
    """Whether a workflow whose key begins so has not ended."""
    found = await DBOS.list_workflows_async(
        workflow_id_prefix=prefix, status=OPEN, limit=1, load_input=False, load_output=False
    )
    return bool(found)

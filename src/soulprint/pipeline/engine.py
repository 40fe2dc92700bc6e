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

AHEAD = 2
"""Tasks at work for each request that may be in flight: while some wait for answers, others read and write rows."""


@dataclass
class Here:
    """What the workflows of this process work with."""

    database: Database
    settings: Settings
    id: str
    """The worker's slot."""
    steps: set[asyncio.Task[Any]] = field(default_factory=set)
    """Those at work, to be stopped with the process."""
    warming: asyncio.Task[None] | None = None
    """Loads what the stages ahead need, while the first one plans."""
    _turns: defaultdict[str, asyncio.Semaphore] = field(init=False)

    def __post_init__(self) -> None:
        self._turns = defaultdict(lambda: asyncio.Semaphore(self.settings.concurrency * AHEAD))

    def turn(self, account: str) -> asyncio.Semaphore:
        """What a task of `account` waits for before it reads its rows."""
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


async def ensure(workflow: str, subject: str, account: uuid.UUID) -> None:
    """Have a worker run `workflow` on `subject`, unless that is under way."""
    if not await _is_open(f"{workflow}/{subject}/"):
        await _enqueue(workflow, f"{workflow}/{subject}/{uuid.uuid4().hex[:8]}", account, subject)


async def begin_anew(left: Any) -> None:
    """Run the workflow that another version left, once however often it is asked for; one that is part of another is
    begun by that."""
    workflow, subject, begun = left.workflow_id.split("/")
    if left.name == workflow:
        account = uuid.UUID(left.queue_partition_key.partition(" ")[0])
        await _enqueue(workflow, f"{workflow}/{subject}/{VERSION}.{begun}", account, subject)


def partition(workflow: str, account: str) -> str:
    """Where in the queue it waits for its turn. What is to be told stands apart from the passes, as sending it may take
    hours."""
    return f"{account} {DELIVERY}" if workflow == DELIVERY else account


async def _enqueue(workflow: str, key: str, account: uuid.UUID, subject: str) -> None:
    """Have a worker run `workflow` with `account` and `subject`, once for one key."""
    await DBOS.enqueue_workflow_with_options_async(
        {
            "workflow_name": workflow,
            "queue_name": QUEUE,
            "workflow_id": key,
            "app_version": VERSION,
            "queue_partition_key": partition(workflow, str(account)),
        },
        str(account),
        subject,
    )


async def _is_open(prefix: str) -> bool:
    """Whether a workflow whose key begins so has not ended."""
    found = await DBOS.list_workflows_async(
        workflow_id_prefix=prefix, status=OPEN, limit=1, load_input=False, load_output=False
    )
    return bool(found)

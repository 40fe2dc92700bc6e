"""The order of the stages, made to survive. In: an export handed over. Out: a profile, or a reason why not.

What runs durably loads with the engine, which takes a second: only a worker needs it.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from soulprint.database import Database
from soulprint.pipeline.erasing import erase
from soulprint.pipeline.estimate import Estimate, StageEstimate, estimate
from soulprint.pipeline.first_profile import Outcome, import_export, quick_profile
from soulprint.pipeline.forgetting import Forgotten, Renewed, forget, forget_gone, renew
from soulprint.pipeline.passes import stop
from soulprint.pipeline.status import (
    ImportState,
    PassState,
    RunState,
    StageState,
    Status,
    Watching,
    WorkerState,
    history,
    of_pass,
    queue,
    status,
    watch,
)
from soulprint.pipeline.store import Counts, Queue, erasures
from soulprint.pipeline.telling import tell, told
from soulprint.settings import Settings

if TYPE_CHECKING:
    from soulprint.pipeline.background import Background
    from soulprint.pipeline.starting import resume, start

__all__ = [
    "Background",
    "Counts",
    "Estimate",
    "Forgotten",
    "ImportState",
    "Outcome",
    "PassState",
    "Queue",
    "Renewed",
    "RunState",
    "StageEstimate",
    "StageState",
    "Status",
    "Watching",
    "WorkerState",
    "erase",
    "erasures",
    "estimate",
    "forget",
    "forget_gone",
    "history",
    "import_export",
    "of_pass",
    "queue",
    "quick_profile",
    "renew",
    "resume",
    "start",
    "status",
    "stop",
    "tell",
    "told",
    "watch",
    "working",
]

_HOMES = {"Background": "background", "resume": "starting", "start": "starting"}


@asynccontextmanager
async def working(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Be a worker for as long as the block runs: work on full passes, and take up what dead workers left."""
    worker = await asyncio.to_thread(importlib.import_module, f"{__name__}.worker")
    async with worker.working(database, settings):
        yield


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

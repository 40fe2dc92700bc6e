"""The first profile. In: what was measured and said, by the numbers. Out: a draft of the five sections and MEMORY."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from typing import Any

from soulprint.database import Database
from soulprint.records.sections import Draft
from soulprint.settings import Settings

__all__ = ["draft", "warm"]


async def warm() -> None:
    """Load all that a first profile needs, so that it needn't wait. Fails silently: `draft` says what is wrong."""
    await (await _drafting()).warm()


async def draft(db: Database, account: uuid.UUID, settings: Settings) -> Draft:
    """The first profile by the model of the role `quick`, or by the local engine where that is chosen. When the model
    fails, the local engine stands in and the draft's note says so."""
    written: Draft = await (await _drafting()).draft(db, account, settings)
    return written


async def _drafting() -> Any:
    """Its patterns take a third of a second to compile, and most commands need none."""
    return await asyncio.to_thread(importlib.import_module, f"{__name__}.drafting")

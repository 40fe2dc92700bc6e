from __future__ import annotations

import importlib
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text

from soulprint import pipeline
from soulprint.database import Database
from soulprint.settings import Settings


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks into the queue and at the rows follow faster than people and databases need them."""
    for module, seconds in (("status", 0.2), ("worker", 0.1)):
        monkeypatch.setattr(importlib.import_module(f"soulprint.pipeline.{module}"), "POLL", seconds)


@pytest.fixture
async def worker(database: Database, settings: Settings) -> AsyncIterator[None]:
    """This process works on passes, with the local engine."""
    async with pipeline.working(database, settings):
        yield


@pytest.fixture(autouse=True)
async def _no_leftovers(database: Database) -> AsyncIterator[None]:
    """What a test leaves at work is not taken up by the worker of the next one."""
    yield
    async with database.session() as session:
        if await session.scalar(text("select to_regclass('dbos.workflow_status')")):
            await session.execute(text(CANCEL))


CANCEL = "update dbos.workflow_status set status = 'CANCELLED' where status in ('PENDING', 'ENQUEUED', 'DELAYED')"

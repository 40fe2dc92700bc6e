from __future__ import annotations

import importlib
from collections.abc import AsyncIterator

import pytest

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

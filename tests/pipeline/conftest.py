from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from soulprint import pipeline
from soulprint.database import Database
from soulprint.settings import Settings


@pytest.fixture
async def worker(database: Database, settings: Settings) -> AsyncIterator[None]:
    """This process works on passes, with the local engine."""
    async with pipeline.working(database, settings):
        yield

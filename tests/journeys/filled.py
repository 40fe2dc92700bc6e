"""A history that is read to its end, for tests of what comes afterwards: a copy of the database a test, which takes a
moment, in place of an import, which takes many."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from soulprint import accounts, pipeline
from soulprint.database import Database, launcher, migrate
from soulprint.database.engine import driver_url
from soulprint.settings import Settings
from tests import administering

EXAMPLE = Path(__file__).parents[2] / "examples" / "ines-chatgpt-export.zip"
TEMPLATE = "example"


@pytest.fixture(scope="session")
def example(server: launcher.Server, tmp_path_factory: pytest.TempPathFactory) -> URL:
    """The database that is copied: the example imported, and all of it read by the local engine."""
    administering.create(server, TEMPLATE)
    url = driver_url(server.url).set(database=TEMPLATE)
    migrate.migrate(url)
    asyncio.run(_read(url, tmp_path_factory.mktemp("example")))
    return url


@pytest.fixture
async def database(server: launcher.Server, example: URL) -> AsyncIterator[Database]:
    name = f"copy_{uuid.uuid4().hex}"
    administering.create(server, name, TEMPLATE)
    database = Database(_shown(example.set(database=name)))
    yield database
    await database.close()
    administering.drop(server, name)


@pytest.fixture
async def account(database: Database) -> uuid.UUID:
    """The person of the example."""
    return await accounts.local(database)


@pytest.fixture
def settings(database: Database, tmp_path: Path) -> Settings:
    return _settings(database.url, tmp_path)


async def _read(url: URL, home: Path) -> None:
    database, settings = Database(_shown(url)), _settings(url, home)
    account = await accounts.local(database)
    async with pipeline.working(database, settings):
        await pipeline.import_export(database, account, settings, [EXAMPLE], names=EXAMPLE.name)
        await pipeline.start(database, account, settings)
        async for status in pipeline.watch(database, account, settings):
            if status.full_pass and status.full_pass.version:
                break
    await database.close()


def _settings(url: URL, home: Path) -> Settings:
    return Settings.model_validate({"home": home, "database_url": _shown(url)})


def _shown(url: URL) -> str:
    return url.render_as_string(hide_password=False)

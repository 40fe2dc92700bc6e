"""Real parts for all tests: a Postgres of our own for each test process, and an account of its own for each test."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import hypothesis
import pytest

from soulprint.database import Database, launcher, migrate
from soulprint.database.engine import driver_url
from soulprint.settings import Settings
from tests.rows import add_account

hypothesis.settings.register_profile("no clocks", deadline=None)  # what is loaded first takes its time
hypothesis.settings.load_profile("no clocks")

os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"  # no test reaches the keyring of whoever runs it

pytest_plugins = ["tests.model_server.fixtures", "tests.notices.fixtures"]

PROVIDERS = (
    *("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "OPENAI_BASE_URL", "OLLAMA_BASE_URL"),
    *("GEMINI_API_KEY", "GOOGLE_API_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"),
    *("AWS_BEARER_TOKEN_BEDROCK", "AWS_SHARED_CREDENTIALS_FILE", "SOULPRINT_MODEL"),
)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees a key or a setting of the machine it runs on."""
    for name in PROVIDERS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def server() -> Iterator[launcher.Server]:
    with tempfile.TemporaryDirectory(prefix="soulprint-tests-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)  # root hands the cluster to another account, which has to reach it here
        with launcher.running(home) as server:
            migrate.migrate(driver_url(server.url))
            yield server


@pytest.fixture
async def database(server: launcher.Server) -> AsyncIterator[Database]:
    database = Database(server.url)
    yield database
    await database.close()


@pytest.fixture
async def account(database: Database) -> uuid.UUID:
    """A new person without any data."""
    return await add_account(database)


@pytest.fixture
async def stranger(database: Database) -> uuid.UUID:
    """Somebody else without any data."""
    return await add_account(database)


@pytest.fixture
def settings(server: launcher.Server, tmp_path: Path) -> Settings:
    """Settings that name the tests' database and a home of their own."""
    return Settings.model_validate({"home": tmp_path, "database_url": server.url})

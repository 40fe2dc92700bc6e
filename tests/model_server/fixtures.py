"""Fixtures for tests that need a model: the server, and keys and addresses that lead to it alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from soulprint import llm
from soulprint.settings import Credentials, Settings
from tests.model_server import ModelServer, running

OPENAI = "openai:gpt-5-mini"
ANTHROPIC = "anthropic:claude-haiku-4-5"


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    with running() as server:
        yield server


@pytest.fixture
async def credentials(model_server: ModelServer) -> AsyncIterator[Credentials]:
    """Keys and addresses of the test server; the connections to it are closed at the end."""
    yield Credentials.model_validate(
        {
            "anthropic_api_key": model_server.key,
            "anthropic_base_url": model_server.url,
            "openai_api_key": model_server.key,
            "openai_base_url": f"{model_server.url}/v1",
            "ollama_base_url": f"{model_server.url}/v1",
            "aws_shared_credentials_file": "/nowhere",
        }
    )
    await llm.close()


@pytest.fixture(params=[OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
def model_settings(request: pytest.FixtureRequest, settings: Settings, credentials: Credentials) -> Settings:
    """Settings with a model in each of the two formats."""
    return changed(settings, model=request.param, credentials=credentials)


def changed(settings: Settings, **values: Any) -> Settings:
    return settings.model_copy(update=values)

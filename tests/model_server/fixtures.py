"""Fixtures for tests that need a model: the server, and keys and addresses that lead to it alone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest

from soulprint import llm
from soulprint.settings import Credentials
from tests.model_server import ModelServer, running


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

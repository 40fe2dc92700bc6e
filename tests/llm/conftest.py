"""The model server, and settings that know no other."""

from __future__ import annotations

from typing import Any

import pytest

from soulprint.settings import Credentials, Settings
from tests.model_server.fixtures import credentials, model_server

__all__ = ["credentials", "model_server", "model_settings"]

OPENAI = "openai:gpt-5-mini"
ANTHROPIC = "anthropic:claude-haiku-4-5"


@pytest.fixture(params=[OPENAI, ANTHROPIC], ids=["openai", "anthropic"])
def model_settings(request: pytest.FixtureRequest, settings: Settings, credentials: Credentials) -> Settings:
    """Settings with a model in each of the two formats."""
    return changed(settings, model=request.param, credentials=credentials)


def changed(settings: Settings, **values: Any) -> Settings:
    return settings.model_copy(update=values)

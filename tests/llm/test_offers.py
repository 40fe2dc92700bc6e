from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from soulprint.llm import offers
from soulprint.settings import Credentials, Settings
from tests.model_server import ModelServer

pytestmark = pytest.mark.anyio

NOWHERE = "http://127.0.0.1:9"


def having(**credentials: Any) -> Settings:
    found = Credentials.model_validate({"aws_shared_credentials_file": "/nowhere", **credentials})
    return Settings.model_validate({"credentials": found})


async def found(settings: Settings, **addresses: str) -> list[offers.Offer]:
    return await offers.found(settings, **{"ollama": NOWHERE, "llama_cpp": NOWHERE, **addresses})


async def test_nothing_is_found_where_there_is_nothing() -> None:
    assert await found(having()) == []


async def test_keys_are_offered_with_price_and_destination() -> None:
    offered = await found(having(anthropic_api_key="a", openai_api_key="b", gemini_api_key="c", aws_profile="work"))
    assert [offer.model for offer in offered] == [
        "anthropic:claude-haiku-4-5",
        "bedrock:us.anthropic.claude-haiku-4-5-20251001-v1:0",
        "openai:gpt-5-mini",
        "google:gemini-2.5-flash",
    ]
    assert all(offer.input_price and offer.output_price and offer.input_price < offer.output_price for offer in offered)
    assert offered[0].environment == "SOULPRINT_MODEL=anthropic:claude-haiku-4-5"
    assert "Anthropic" in offered[0].destination
    assert "your AWS account" in offered[1].destination


async def test_a_login_file_of_aws_is_enough(tmp_path: Path) -> None:
    login = tmp_path / "credentials"
    login.write_text("[default]\n")
    [offer] = await found(having(aws_shared_credentials_file=str(login)))
    assert offer.model == offers.BEDROCK_HAIKU


async def test_servers_on_this_machine_are_free(model_server: ModelServer) -> None:
    model_server.models = ("qwen3:8b", "other")
    ollama, llama = await found(having(), ollama=model_server.url, llama_cpp=model_server.url)
    assert (ollama.model, llama.model) == ("ollama:qwen3:8b", "openai:qwen3:8b")
    assert ollama.input_price == llama.output_price == Decimal(0)
    assert llama.environment == f"OPENAI_BASE_URL={model_server.url}/v1 SOULPRINT_MODEL=openai:qwen3:8b"
    assert "this machine" in ollama.destination


async def test_a_key_is_not_shown() -> None:
    offered = await found(having(anthropic_api_key="sk-ant-very-secret"))
    assert "very-secret" not in repr(offered)
    assert "very-secret" not in repr(having(anthropic_api_key="sk-ant-very-secret"))

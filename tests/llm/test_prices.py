"""What tokens cost, by the table that ships with the package."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest

from soulprint.llm import prices
from soulprint.settings import Credentials, Settings

MILLION = 1_000_000


@pytest.mark.parametrize(
    ("model", "read", "written"),
    [
        ("openai:gpt-5-mini", "0.25", "2"),
        ("openai-responses:gpt-5-mini", "0.25", "2"),
        ("anthropic:claude-haiku-4-5", "1", "5"),
        ("bedrock:us.anthropic.claude-haiku-4-5-20251001-v1:0", "1.1", "5.5"),
    ],
)
def test_the_price_is_that_of_the_table(settings: Settings, model: str, read: str, written: str) -> None:
    assert prices.price(settings, model, MILLION, 0) == Decimal(read)
    assert prices.price(settings, model, 0, MILLION) == Decimal(written)
    assert prices.price(settings, model, 1_000, 10) == (Decimal(read) * 1_000 + Decimal(written) * 10) / MILLION


@pytest.mark.parametrize("model", ["openai:gpt-5-mini", "anthropic:claude-haiku-4-5", "google:gemini-2.5-flash"])
def test_a_batch_is_half(settings: Settings, model: str) -> None:
    full = prices.price(settings, model, 5_000, 700)
    assert full
    assert prices.price(settings, model, 5_000, 700, batch=True) == full / 2


def test_many_requests_are_not_priced_as_one_long_one(settings: Settings) -> None:
    """Some models cost more beyond 200,000 tokens in one request."""
    short = prices.price(settings, "google:gemini-2.5-pro", 10_000, 0)
    assert short
    assert prices.price(settings, "google:gemini-2.5-pro", 1_000_000, 0) == short * 100


def test_an_unknown_model_has_no_price(settings: Settings) -> None:
    assert prices.price(settings, "openai:gpt-99-colossal", 1_000, 10) is None
    assert prices.price(settings, "vllm:whatever", 1_000, 10) is None


@pytest.mark.parametrize(
    ("model", "addresses", "price"),
    [
        ("ollama:qwen3", {}, Decimal(0)),
        ("ollama:qwen3", {"ollama_base_url": "http://localhost:11434/v1"}, Decimal(0)),
        ("ollama:qwen3", {"ollama_base_url": "https://ollama.example/v1"}, None),
        ("openai:my-own", {"openai_base_url": "http://127.0.0.1:8080/v1"}, Decimal(0)),
        ("openai:my-own", {"openai_base_url": "http://[::1]:8080/v1"}, Decimal(0)),
        ("openai:my-own", {"openai_base_url": "http://10.0.0.7/v1"}, None),
    ],
)
def test_what_runs_on_this_machine_costs_nothing(
    settings: Settings, model: str, addresses: dict[str, str], price: Decimal | None
) -> None:
    credentials = Credentials.model_validate(addresses)
    found = prices.price(settings.model_copy(update={"credentials": credentials}), model, MILLION, MILLION)
    assert found == price


def test_a_paid_model_behind_a_proxy_on_this_machine_has_its_price(settings: Settings) -> None:
    credentials = Credentials.model_validate({"openai_base_url": "http://127.0.0.1:4000"})
    behind = settings.model_copy(update={"credentials": credentials})
    assert prices.price(behind, "openai:gpt-5-mini", MILLION, 0) == Decimal("0.25")


def test_a_price_needs_no_agents() -> None:
    script = """
import sys
from soulprint.llm import prices
from soulprint.settings import Settings
assert prices.price(Settings(), "openai:gpt-5-mini", 1000, 10)
assert "pydantic_ai" not in sys.modules, "pydantic-ai was imported"
"""
    subprocess.run([sys.executable, "-c", script], check=True)

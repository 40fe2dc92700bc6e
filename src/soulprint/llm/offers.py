"""What models this machine could use: keys in the environment, servers on loopback. Offered, never used unasked."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from soulprint.llm import destinations, prices
from soulprint.llm.destinations import OLLAMA
from soulprint.settings import Credentials, Settings

BEDROCK_HAIKU = "bedrock:us.anthropic.claude-haiku-4-5-20251001-v1:0"
LLAMA_CPP = "http://127.0.0.1:8080"
PROBE_SECONDS = 0.4
LARGEST_ANSWER = 1_000_000


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that could be chosen."""

    model: str
    """As `SOULPRINT_MODEL` takes it."""
    name: str
    """For a person to read."""
    destination: str
    """Where the text would go."""
    input_price: Decimal | None
    """US dollars for a million tokens read; None where it is not known, 0 on this machine."""
    output_price: Decimal | None
    environment: str
    """The environment that chooses it, in one line."""


async def found(settings: Settings, *, ollama: str = OLLAMA, llama_cpp: str = LLAMA_CPP) -> list[Offer]:
    """Every model that could be used here, those on this machine first. Asks nothing but the two addresses on loopback,
    both at once, and waits half a second at most."""
    served = await asyncio.gather(
        asyncio.to_thread(_ollama, settings.credentials.ollama_base_url or ollama),
        asyncio.to_thread(_llama_cpp, llama_cpp),
    )
    return [offer for offer in served if offer] + await asyncio.to_thread(_keyed, settings)


def _keyed(settings: Settings) -> list[Offer]:
    """What the keys that are set give access to."""
    credentials = settings.credentials
    offers: list[Offer] = []
    if credentials.anthropic_api_key:
        offers.append(_offer(settings, "anthropic", "claude-haiku-4-5", "Claude Haiku 4.5"))
    if credentials.aws_access_key_id or credentials.aws_profile or _has_aws_login(credentials):
        model = BEDROCK_HAIKU.removeprefix("bedrock:")
        offers.append(_offer(settings, "bedrock", model, "Claude Haiku 4.5 on Bedrock"))
    if credentials.openai_api_key:
        offers.append(_offer(settings, "openai", "gpt-5-mini", "GPT-5 mini"))
    if credentials.gemini_api_key or credentials.google_api_key:
        offers.append(_offer(settings, "google", "gemini-2.5-flash", "Gemini 2.5 Flash"))
    return offers


def _has_aws_login(credentials: Credentials) -> bool:
    return bool(credentials.aws_bearer_token_bedrock) or credentials.aws_shared_credentials_file.expanduser().is_file()


def _offer(settings: Settings, provider: str, model: str, name: str) -> Offer:
    full = f"{provider}:{model}"
    destination = destinations.of_model(settings, full)
    read, written = prices.rates(full) or (None, None)
    return Offer(full, name, destination, read, written, environment=f"SOULPRINT_MODEL={full}")


def _ollama(address: str) -> Offer | None:
    """The model that Ollama at `address` used last."""
    root = address.rstrip("/").removesuffix("/v1")
    models = _items(_asked(f"{root}/api/tags"), "models")
    names = [str(model["name"]) for model in models if isinstance(model.get("name"), str)]
    if not names:
        return None
    full = f"ollama:{names[0]}"
    free = Decimal(0)
    return Offer(full, f"{names[0]} in Ollama", f"this machine ({root})", free, free, f"SOULPRINT_MODEL={full}")


def _llama_cpp(address: str) -> Offer | None:
    """The model that llama.cpp, or any other server of OpenAI's format, has loaded at `address`."""
    models = _items(_asked(f"{address}/v1/models"), "data")
    names = [str(model["id"]) for model in models if isinstance(model.get("id"), str)]
    if not names:
        return None
    full = f"openai:{names[0]}"
    environment = f"OPENAI_BASE_URL={address}/v1 SOULPRINT_MODEL={full}"
    return Offer(full, f"{names[0]} at {address}", f"this machine ({address})", Decimal(0), Decimal(0), environment)


def _items(answer: Any, key: str) -> list[dict[str, Any]]:
    found = answer.get(key) if isinstance(answer, dict) else None
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _asked(url: str) -> Any:
    """The JSON at `url`, fetched without any proxy; None when nobody answers at once, or with something else."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=PROBE_SECONDS) as response:
            return json.loads(response.read(LARGEST_ANSWER))
    except (OSError, ValueError):
        return None

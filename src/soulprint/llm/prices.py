"""What reading and writing tokens costs, by the table of genai-prices. Needs no pydantic-ai."""

from __future__ import annotations

import dataclasses
import functools
import ipaddress
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from soulprint.settings import Credentials, Settings

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse

CATALOG = {
    "bedrock": "aws",
    "openai-chat": "openai",
    "openai-responses": "openai",
    "google-cloud": "google",
}
"""Provider as we name it -> as the table does, where that differs."""

BATCH = {"processing": "batch"}
"""What the table calls a request through a batch API."""

HALF = Decimal("0.5")
"""What Anthropic, OpenAI and Google charge for a batch, as a share of the full price, where the table doesn't know:
https://docs.claude.com/en/docs/build-with-claude/batch-processing, https://platform.openai.com/docs/guides/batch,
https://ai.google.dev/gemini-api/docs/batch-api."""

MILLION = 1_000_000


def price(
    settings: Settings, model: str, input_tokens: int, output_tokens: int, *, batch: bool = False
) -> Decimal | None:
    """US dollars for so many tokens read and written by `model` (`provider:name`); None where its price is not known.

    A model that the table doesn't know costs nothing on a server on loopback, such as Ollama. One that it knows may be
    a paid one behind a proxy, and has its price.
    """
    found = rates(model, batch=batch)
    if found is None:
        return Decimal(0) if _is_at_home(model.partition(":")[0], settings.credentials) else None
    return (found[0] * input_tokens + found[1] * output_tokens) / MILLION


def of_reading(settings: Settings, model: str, tokens: int) -> Decimal | None:
    """US dollars for so many tokens read by `model`, which writes none; None where its price is not known, and 0 on
    loopback as above."""
    provider, _, name = model.partition(":")
    rate = _rate(CATALOG.get(provider, provider), name, "input_tokens", {})
    if rate is None:
        return Decimal(0) if _is_at_home(provider, settings.credentials) else None
    return rate * tokens / MILLION


def rates(model: str, *, batch: bool = False) -> tuple[Decimal, Decimal] | None:
    """US dollars for a million tokens read and for a million written by `model` (`provider:name`), in requests that are
    not of the longest; None where that is not known."""
    provider, _, name = model.partition(":")
    return _rates(CATALOG.get(provider, provider), name, batch)


@functools.cache
def context_window(model: str) -> int | None:
    """Tokens that `model` (`provider:name`) reads and writes in one request; None where that is not known."""
    from genai_prices import data_snapshot

    provider, _, name = model.partition(":")
    try:
        _, found = data_snapshot.get_snapshot().find_provider_model(name, None, CATALOG.get(provider, provider), None)
    except LookupError:
        return None
    return found.context_window


def of_response(response: ModelResponse, *, batch: bool = False) -> Decimal | None:
    """US dollars that this answer cost, caching and all; None where the price, or how much was read and written, is
    not known, and 0 for a model on loopback that the table doesn't know. `batch`: it came through a batch API."""
    details = {name: value for name, value in (response.provider_details or {}).items() if name not in BATCH}
    full = _cost(response, details)
    if full is None:
        return Decimal(0) if _is_loopback(response.provider_url) else None
    return _reduced(full, _cost(response, details | BATCH)) if batch else full


def _cost(response: ModelResponse, details: dict[str, Any]) -> Decimal | None:
    try:
        return dataclasses.replace(response, provider_details=details).cost().total_price
    except (AssertionError, LookupError, ValueError):
        return None


def _reduced(full: Decimal, told: Decimal | None) -> Decimal:
    return full * HALF if told is None or told >= full else told


@functools.cache
def _rates(provider: str, name: str, batch: bool) -> tuple[Decimal, Decimal] | None:
    read, written = _rate(provider, name, "input_tokens", {}), _rate(provider, name, "output_tokens", {})
    if read is None or written is None:
        return None
    if not batch:
        return read, written
    reduced = (_rate(provider, name, kind, BATCH) for kind in ("input_tokens", "output_tokens"))
    return _reduced(read, next(reduced)), _reduced(written, next(reduced))


def _rate(provider: str, name: str, kind: str, context: dict[str, str]) -> Decimal | None:
    from genai_prices import Usage, calc_price  # its table takes a while to load

    thousand = 1_000  # some models cost more where one request reads 200,000 and more
    try:
        priced = calc_price(Usage(**{kind: thousand}), name, provider_id=provider, price_context=context)
    except (LookupError, ValueError):
        return None
    return priced.total_price * MILLION / thousand


def _is_at_home(provider: str, credentials: Credentials) -> bool:
    match provider:
        case "ollama":
            return credentials.ollama_base_url is None or _is_loopback(credentials.ollama_base_url)
        case "openai" | "openai-chat" | "openai-responses":
            return _is_loopback(credentials.openai_base_url)
        case "anthropic":
            return _is_loopback(credentials.anthropic_base_url)
        case _:
            return False


def _is_loopback(address: str | None) -> bool:
    host = urlsplit(address or "").hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

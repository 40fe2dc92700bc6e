"""Builds the models that the roles name: masked, journaled, tried again, on a client that is shared."""

from __future__ import annotations

import functools
import importlib
import uuid
from collections.abc import Callable
from typing import Any

import pydantic_ai.models
from pydantic import SecretStr
from pydantic_ai import exceptions
from pydantic_ai.models import Model
from pydantic_ai.providers import Provider, infer_provider_class

from soulprint import errors
from soulprint.database import Database
from soulprint.llm import embedders, limiting, roles
from soulprint.llm.journal import JournaledModel
from soulprint.llm.masking import Private
from soulprint.llm.outgoing import MaskedModel
from soulprint.llm.prompts import Prompt
from soulprint.llm.retrying import RetryingModel
from soulprint.llm.roles import Role
from soulprint.settings import Credentials, Settings

OLLAMA = "http://127.0.0.1:11434/v1"
BEDROCK_REGION = "us-east-1"
"""Where the `us.` models are asked for when the AWS profile names no region."""

BATCHING = {"openai": "openai-responses", "openai-chat": "openai-responses"}
"""Provider -> the one by whose format its batches go, where that differs."""

AWAITED = frozenset({Role.CHAT, Role.QUICK})
"""Roles that a person waits for: they never stand in line behind a pass."""

_clients: dict[tuple[str, Credentials, float], Model] = {}

pydantic_ai.BANNER_ENABLED = False  # on a terminal it would advertise a service in the middle of our output


def model(
    settings: Settings,
    role: Role,
    db: Database,
    account: uuid.UUID,
    prompt: Prompt | None = None,
    run: uuid.UUID | None = None,
) -> Model:
    """The model that plays `role` for `account`. Cheap: the connection to the provider is shared by all of one name.

    OpenAI is asked by Chat Completions, the one format that every server compatible with it speaks; `openai-responses:`
    asks by its newer one. `prompt` and `run` are noted beside each answer; a run pays for nothing once it was stopped
    or reached its ceiling (`errors.PassStopped`, `errors.CeilingReached`). Raises `errors.ModelUnknown`, also for the
    local engine, which is no model.
    """
    provider, name = roles.parts(settings, role)
    full = f"{provider}:{name}"
    if provider == roles.LOCAL:
        raise errors.ModelUnknown(role="", model=roles.LOCAL, reason="the local engine is no language model")
    client = _shared(settings, provider, name)
    most = None if role in AWAITED else settings.concurrency
    retrying = RetryingModel(client, full, settings.model_attempts, settings.model_timeout, most)
    note = f"{prompt.name} {prompt.hash}" if prompt else None
    journaled = JournaledModel(retrying, settings, db, account, role, full, note, run)
    return MaskedModel(journaled, Private(settings.mask_words, settings.mask_contacts))


def usable(settings: Settings, role: Role) -> None:
    """Raise `errors.ModelUnknown` where the model of `role` can't be asked from here, as its provider is unknown, or
    its key or its package is missing. Sends nothing."""
    provider, name = roles.parts(settings, role)
    if role is Role.EMBED:
        embedders.check(settings)
    elif provider != roles.LOCAL:
        _shared(settings, provider, name)


def batching(settings: Settings, name: str) -> Model:
    """The connection by which requests to the model `name` (`provider:name`) go in batches: bare, neither masked nor
    journaled. OpenAI's batches are taken in its newer format. Raises `errors.ModelUnknown`."""
    provider, _, of_provider = name.partition(":")
    return _shared(settings, BATCHING.get(provider, provider), of_provider)


async def close() -> None:
    """Close the connections to all providers. A model asked for afterwards opens new ones."""
    limiting.forget()
    while _clients:
        _, client = _clients.popitem()
        async with client:
            pass  # who enters a model and leaves it again closes its connections


def _shared(settings: Settings, provider: str, name: str) -> Model:
    key = (f"{provider}:{name}", settings.credentials, settings.model_timeout)
    if key not in _clients:
        _clients[key] = _client(key[0], provider, name, settings.credentials, settings.model_timeout)
    return _clients[key]


def _client(full: str, provider: str, name: str, credentials: Credentials, seconds: float) -> Model:
    kind = "openai-chat" if provider == "openai" else provider
    making = functools.partial(provider_of, credentials=credentials, seconds=seconds)
    try:
        return pydantic_ai.models.infer_model(f"{kind}:{name}", making)
    except (exceptions.UserError, ImportError) as error:
        reason = " ".join(str(error).split()).partition(". ")[0].replace("`", "").rstrip(".")
        raise errors.ModelUnknown(role="", model=full, reason=reason) from error


def provider_of(name: str, credentials: Credentials, seconds: float) -> Provider[Any]:
    """The provider with the keys and addresses of `credentials`."""
    making: Callable[..., Provider[Any]] = infer_provider_class(name)
    match name:
        case "openai" | "openai-chat" | "openai-responses":
            return making(base_url=credentials.openai_base_url, api_key=_open(credentials.openai_api_key))
        case "anthropic":
            return making(base_url=credentials.anthropic_base_url, api_key=_open(credentials.anthropic_api_key))
        case "google":
            return making(api_key=_open(credentials.gemini_api_key or credentials.google_api_key))
        case "ollama":
            return making(base_url=credentials.ollama_base_url or OLLAMA)
        case "cohere":
            return making(api_key=_open(credentials.co_api_key))
        case "voyageai":
            return making(api_key=_open(credentials.voyage_api_key))
        case "bedrock":
            return making(bedrock_client=_bedrock(credentials, seconds))
        case _:
            return making()


def _bedrock(credentials: Credentials, seconds: float) -> Any:
    """A client for Bedrock that leaves retrying to us."""
    boto3 = importlib.import_module("boto3")
    config = importlib.import_module("botocore.config").Config(
        read_timeout=seconds, connect_timeout=10, retries={"total_max_attempts": 1}
    )
    session = boto3.Session(profile_name=credentials.aws_profile)
    region = session.region_name or BEDROCK_REGION
    return session.client("bedrock-runtime", region_name=region, config=config)


def _open(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None

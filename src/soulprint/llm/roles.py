"""Which model plays which role, and whether it can be used here."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from enum import StrEnum

from soulprint import errors
from soulprint.llm import minilm
from soulprint.settings import Settings

LOCAL = "local"
"""The name of the local engine: no model, nothing sent anywhere."""


class Role(StrEnum):
    """What a model is asked to do."""

    QUICK = "quick"
    EXTRACT = "extract"
    MERGE = "merge"
    MEMORY = "memory"
    SECTIONS = "sections"
    CHAT = "chat"
    EMBED = "embed"
    """Turns texts into vectors, and answers nothing: the one role that `SOULPRINT_MODEL` doesn't name."""


AUTO, OFF = "auto", "off"

PACKAGES = {
    "anthropic": ("anthropic", None),
    "openai": ("openai", None),
    "openai-chat": ("openai", None),
    "openai-responses": ("openai", None),
    "ollama": ("openai", None),
    "openrouter": ("openai", None),
    "vllm": ("openai", None),
    "litellm": ("openai", None),
    "deepseek": ("openai", None),
    "azure": ("openai", None),
    "together": ("openai", None),
    "fireworks": ("openai", None),
    "github": ("openai", None),
    "bedrock": ("boto3", "bedrock"),
    "google": ("google.genai", "google"),
    "google-cloud": ("google.genai", "google"),
}
"""Provider -> the package it needs, and our extra that brings it where it is not always installed."""

EMBEDDING_PACKAGES = {
    "openai": ("openai", None),
    "ollama": ("openai", None),
    "bedrock": ("boto3", "bedrock"),
    "google": ("google.genai", "google"),
    "cohere": ("cohere", None),
    "voyageai": ("voyageai", None),
}
"""The same for those whose embedders we can use."""


def model_name(settings: Settings, role: Role) -> str:
    """The model of `role`: its own setting, else the one for all. `LOCAL` or `provider:name`; `OFF` where there is no
    embedder."""
    if role is Role.EMBED:
        return _embedder(settings)
    own: str | None = getattr(settings, f"model_{role}")
    return own or settings.model


def is_local(settings: Settings, role: Role) -> bool:
    """Whether the local engine plays `role`."""
    return model_name(settings, role) == LOCAL


def check(settings: Settings) -> None:
    """Raise `errors.ModelUnknown` for the first role whose model can't be used: no such provider, or its package is
    missing. Sends nothing."""
    for role in Role:
        parts(settings, role)


def parts(settings: Settings, role: Role) -> tuple[str, str]:
    """Provider and name of the role's model, `(LOCAL, LOCAL)` for the local engine, `(OFF, OFF)` for no embedder.
    Raises `errors.ModelUnknown`."""
    full = model_name(settings, role)
    if full in (LOCAL, OFF):
        return full, full
    packages = EMBEDDING_PACKAGES if role is Role.EMBED else PACKAGES
    provider, colon, name = full.partition(":")
    reason = "it names no provider" if not (colon and provider and name) else _missing(provider, packages)
    if reason:
        raise errors.ModelUnknown(role=_variable_end(settings, role), model=full, reason=reason)
    return provider, name


def _embedder(settings: Settings) -> str:
    if settings.model_embed == AUTO:
        return LOCAL if minilm.available() else OFF
    return settings.model_embed


def _missing(provider: str, packages: Mapping[str, tuple[str, str | None]]) -> str | None:
    """Why `provider` can't be used; None when it can."""
    if provider not in packages:
        return f"there is no provider {provider!r} (known: {', '.join(sorted(packages))})"
    package, extra = packages[provider]
    if _installed(package):
        return None
    return f"the package {package} is missing (pip install '{f'soulprint[{extra}]' if extra else package}')"


def _installed(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:
        return False


def _variable_end(settings: Settings, role: Role) -> str:
    """The end of the variable that named the model: empty for the one of all roles."""
    own = role is Role.EMBED or model_name(settings, role) != settings.model
    return f"_{role.upper()}" if own else ""

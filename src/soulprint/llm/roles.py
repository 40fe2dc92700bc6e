"""Which model plays which role, and whether it can be used here."""

from __future__ import annotations

import importlib.util
from enum import StrEnum

from soulprint import errors
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


def model_name(settings: Settings, role: Role) -> str:
    """The model of `role`: its own setting, else the one for all. `LOCAL` or `provider:name`."""
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
    """Provider and name of the role's model, `(LOCAL, LOCAL)` for the local engine. Raises `errors.ModelUnknown`."""
    full = model_name(settings, role)
    if full == LOCAL:
        return LOCAL, LOCAL
    provider, colon, name = full.partition(":")
    reason = "it names no provider" if not (colon and provider and name) else _missing(provider)
    if reason:
        raise errors.ModelUnknown(role=_variable_end(settings, role), model=full, reason=reason)
    return provider, name


def _missing(provider: str) -> str | None:
    """Why `provider` can't be used; None when it can."""
    if provider not in PACKAGES:
        return f"there is no provider {provider!r} (known: {', '.join(sorted(PACKAGES))})"
    package, extra = PACKAGES[provider]
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
    return f"_{role.upper()}" if model_name(settings, role) != settings.model else ""

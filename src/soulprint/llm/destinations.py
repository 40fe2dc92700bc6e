"""Where the text of a role goes."""

from __future__ import annotations

from urllib.parse import urlsplit

from soulprint.llm import roles
from soulprint.llm.roles import LOCAL, OFF, Role
from soulprint.loopback import is_loopback
from soulprint.settings import Settings

OLLAMA = "http://127.0.0.1:11434"


def destination(settings: Settings, role: Role) -> str:
    """Where the role's text goes, for a person to read; empty where it stays in this process."""
    return of_model(settings, roles.model_name(settings, role))


def of_model(settings: Settings, model: str) -> str:
    """Where text for `model` goes, `LOCAL`, `OFF` or `provider:name`."""
    if model in (LOCAL, OFF):
        return ""
    provider = model.partition(":")[0]
    credentials = settings.credentials
    known = {
        "anthropic": credentials.anthropic_base_url or "Anthropic (api.anthropic.com)",
        "bedrock": "Amazon Bedrock, in your AWS account",
        "google": "Google (generativelanguage.googleapis.com)",
        "google-cloud": "Google Cloud, in your account",
        "ollama": credentials.ollama_base_url or OLLAMA,
        "cohere": "Cohere (api.cohere.com)",
        "voyageai": "Voyage (api.voyageai.com)",
    }
    openai = credentials.openai_base_url or "OpenAI (api.openai.com)"
    return known.get(provider, openai if provider.startswith("openai") else provider)


def is_away(settings: Settings, role: Role) -> bool:
    """Whether the role's text leaves this machine."""
    return leaves(destination(settings, role))


def leaves(destination: str) -> bool:
    """Whether what goes to this destination leaves this machine."""
    return bool(destination) and not is_loopback(urlsplit(destination).hostname or "")

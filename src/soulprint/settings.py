"""What a person or a deployment can set, read from the environment (`SOULPRINT_…`) once, at the entry.

`Settings()` is built in `serving/` and handed down; no room reads the environment itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Credentials(BaseSettings):
    """What the providers' own variables say. Their keys are handed to the provider they belong to, and to nothing else:
    never logged, never stored."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    anthropic_api_key: SecretStr | None = None
    anthropic_base_url: str | None = None
    openai_api_key: SecretStr | None = None
    openai_base_url: str | None = None
    gemini_api_key: SecretStr | None = None
    google_api_key: SecretStr | None = None
    aws_access_key_id: SecretStr | None = None
    aws_profile: str | None = None
    aws_bearer_token_bedrock: SecretStr | None = None
    aws_shared_credentials_file: Path = Path("~/.aws/credentials")
    ollama_base_url: str | None = None


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SOULPRINT_", frozen=True, extra="ignore", env_ignore_empty=True)

    home: Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())] = Field(
        default_factory=lambda: platformdirs.user_data_path("soulprint", appauthor=False)
    )
    """The folder that holds everything: the built-in database and uploads."""

    database_url: SecretStr | None = None
    """A Postgres to use instead of the built-in one, as `postgresql://user:password@host/name`."""

    model: str = "local"
    """The model for every role, as `provider:name`. `local` works without any model and sends nothing anywhere."""

    model_quick: str | None = None
    """The model that writes the first profile. Unset: `SOULPRINT_MODEL`."""

    model_chat: str | None = None
    """The model that answers in chat. Unset: `SOULPRINT_MODEL`."""

    model_timeout: PositiveFloat = 120.0
    """Seconds to wait for one answer of a model."""

    model_attempts: PositiveInt = 4
    """How often one request to a model is tried in all when it fails for a passing reason (429, 5xx, no connection)."""

    quick_tokens: PositiveInt = 24_000
    """The token budget of the one prompt that writes the first profile, its answer not counted."""

    chat_tokens: PositiveInt = 16_000
    """The token budget of one chat request, its answer not counted."""

    credentials: Credentials = Field(default_factory=Credentials)
    """Keys and addresses of model providers, from the variables the providers themselves name: `ANTHROPIC_API_KEY`,
    `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OLLAMA_BASE_URL` and so on."""

    access_token: SecretStr | None = None
    """The token that a visitor must show when `soulprint up` serves any address but this machine's own."""

    upload_limit: PositiveInt = 8 * 1024**3
    """The largest export the web takes, in bytes."""

    inflated_limit: PositiveInt = 32 * 1024**3
    """The most that the members of one export may inflate to, in bytes."""

    @property
    def uploads(self) -> Path:
        """The folder that holds exports handed over in the browser until they are imported."""
        return self.home / "uploads"

"""What a person or a deployment can set, read from the environment (`SOULPRINT_…`) once, at the entry.

`Settings()` is built in `serving/` and handed down; no room reads the environment itself.
"""

from __future__ import annotations

from pathlib import Path

import platformdirs
from pydantic import Field, PositiveFloat, PositiveInt, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SOULPRINT_", frozen=True, extra="ignore")

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("soulprint", appauthor=False))
    """The folder that holds everything: the built-in database, uploads and logs."""

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

"""What a person or a deployment can set, read from the environment (`SOULPRINT_…`) once, at the entry.

`Settings()` is built in `serving/` and handed down; no room reads the environment itself. What a person chose later, on
the settings page, is laid over it in `choices/`.
"""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import (
    AfterValidator,
    Field,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    StringConstraints,
)
from pydantic_settings import BaseSettings, SettingsConfigDict


def _known_zone(name: str | None) -> str | None:
    if name is not None and name not in zoneinfo.available_timezones():
        raise ValueError(f"there is no time zone {name!r}")
    return name


Dollars = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
ModelName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=80)]


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
    co_api_key: SecretStr | None = None
    voyage_api_key: SecretStr | None = None


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="SOULPRINT_", frozen=True, extra="ignore", env_ignore_empty=True)

    home: Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())] = Field(
        default_factory=lambda: platformdirs.user_data_path("soulprint", appauthor=False)
    )
    """The folder that holds everything: the built-in database and uploads."""

    database_url: SecretStr | None = None
    """A Postgres to use instead of the built-in one, as `postgresql://user:password@host/name`."""

    model: ModelName = "local"
    """The model for every role, as `provider:name`. `local` works without any model and sends nothing anywhere."""

    model_quick: ModelName | None = None
    """The model that writes the first profile. Unset: `SOULPRINT_MODEL`."""

    model_extract: ModelName | None = None
    """The model that finds facts in conversations. Unset: `SOULPRINT_MODEL`."""

    model_merge: ModelName | None = None
    """The model that decides which of two facts holds. Unset: `SOULPRINT_MODEL`."""

    model_memory: ModelName | None = None
    """The model that writes MEMORY from facts. Unset: `SOULPRINT_MODEL`."""

    model_sections: ModelName | None = None
    """The model that writes the five sections from MEMORY and a sample. Unset: `SOULPRINT_MODEL`."""

    model_chat: ModelName | None = None
    """The model that answers in chat. Unset: `SOULPRINT_MODEL`."""

    model_embed: ModelName = "auto"
    """What turns texts into vectors for search by meaning, as `provider:name`, with `@dimensions` where those are to be
    chosen. `auto`: the small model in this process where the extra `local` is installed, which sends nothing anywhere;
    `off`: none."""

    model_timeout: PositiveFloat = 120.0
    """Seconds to wait for one answer of a model."""

    model_attempts: PositiveInt = 4
    """How often one request to a model is tried in all when it fails for a passing reason (429, 5xx, no connection)."""

    quick_tokens: PositiveInt = 24_000
    """The token budget of the one prompt that writes the first profile, its answer not counted."""

    full_pass_threshold: NonNegativeInt = 50
    """The number of conversations from which an import starts the full pass by itself."""

    ceiling: Dollars = 2.0
    """US dollars one full pass may cost. It starts by itself only when its estimate is under it, and pauses before a
    call that would go over it."""

    account_ceiling: Dollars | None = None
    """US dollars that the passes of one account may cost in 30 days, all together. Unset: no limit but each pass's."""

    batch: Literal["auto", "on", "off"] = "auto"
    """Whether the full pass hands its requests to the provider's batch API, at half the price and within a day. `auto`
    does so where a pass would otherwise cost more than the ceiling."""

    batch_poll: PositiveFloat = 60.0
    """Seconds between two looks whether the provider is done with a batch."""

    concurrency: Annotated[int, Field(ge=1, le=200)] = 10
    """Requests to one model at the same time, from one process; fewer while the provider answers 429 or slows down."""

    extract_tokens: Annotated[int, Field(ge=500)] = 8_000
    """The size of a window: how much of the conversations one request reads for facts, instructions not counted."""

    extract_answers: NonNegativeInt = 300
    """Characters kept of each answer of an assistant in a window, as context; 0 keeps all of it, up to
    the 12,000 that are kept of any turn."""

    memory_tokens: Annotated[int, Field(ge=1_000)] = 150_000
    """The token budget of the facts that MEMORY is written from; of more facts the best of each subject are taken."""

    sections_tokens: PositiveInt = 32_000
    """The token budget of the prompt that writes the sections from MEMORY and a sample, its answer not counted."""

    categories: dict[str, str] = Field(default_factory=dict)
    """Categories of facts besides the five, as JSON: name -> what belongs in it."""

    chunk_tiers: Annotated[frozenset[Literal["micro", "medium", "macro"]], Field(min_length=1)] = frozenset({"medium"})
    """The sizes of chunks that are made for search, as a JSON list."""

    notify: SecretStr | None = None
    """Where the person is told that a profile is ready: addresses as Apprise takes them (`mailto://…`, `tgram://…`),
    separated by spaces."""

    alert: SecretStr | None = None
    """Where the operator is told that a pass failed, with counts and never with text: addresses as Apprise takes them,
    separated by spaces."""

    webhook_url: str | None = None
    """Where `import/complete` is posted after each pass."""

    webhook_secret: SecretStr | None = None
    """What signs each webhook (HMAC-SHA256). A webhook is sent only where this is set too."""

    chat_tokens: PositiveInt = 16_000
    """The token budget of one chat request, its answer not counted; less where the model can't read as much."""

    chat_models: frozenset[str] = frozenset()
    """Models besides that of chat which a client of `/v1/chat/completions` may name, as a JSON list of
    `provider:name`."""

    completions_sources: bool = True
    """Whether an answer over `/v1/chat/completions` ends with the sources it cites."""

    zone: Annotated[str | None, AfterValidator(_known_zone)] = None
    """The person's time zone, as `Europe/Paris`: what `today` means in chat. Unset: this machine's."""

    language: Annotated[str | None, Field(max_length=40, pattern=r"^\p{L}[\p{L} ()'-]*$")] = None
    """The language that models write the profile and answers in, by its name. Unset: the one the person writes most,
    and in chat that of their message."""

    mask_contacts: bool = False
    """Whether e-mail addresses and telephone numbers are masked, as secrets always are, in all that models read."""

    mask_words: Annotated[frozenset[Word], Field(max_length=200)] = frozenset()
    """Names and words that are masked in all that models read, in whatever case, as a JSON list."""

    chat_idle_minutes: PositiveInt = 30
    """Minutes without a message after which a chat becomes a conversation of the history. One that is left for another
    does so at once."""

    credentials: Credentials = Field(default_factory=Credentials)
    """Keys and addresses of model providers, from the variables the providers themselves name: `ANTHROPIC_API_KEY`,
    `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OLLAMA_BASE_URL` and so on."""

    access_token: SecretStr | None = None
    """The token that a visitor must show when `soulprint up` serves any address but this machine's own."""

    operator_token: SecretStr | None = None
    """The token that opens /admin and /metrics, which the ordinary one then doesn't. Unset: whoever may see the pages
    may see these."""

    upload_limit: PositiveInt = 8 * 1024**3
    """The largest export the web takes, in bytes."""

    upload_unfinished: PositiveInt = 4
    """How many unfinished uploads an account may have. Together they may be twice as large as the largest export."""

    upload_days: PositiveInt = 7
    """After how many days an upload that nobody goes on with is removed."""

    inflated_limit: PositiveInt = 32 * 1024**3
    """The most that the members of one export may inflate to, in bytes."""

    @property
    def uploads(self) -> Path:
        """The folder that holds exports handed over in the browser until they are imported."""
        return self.home / "uploads"

    @property
    def unfinished(self) -> Path:
        """The folder of uploads that aren't whole yet, in a folder for each account."""
        return self.uploads / "unfinished"

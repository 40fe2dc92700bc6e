"""What turns texts into vectors: the small model in this process, or one that a person named. What leaves is masked."""

from __future__ import annotations

import asyncio
import functools
import math
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Literal, Protocol

from soulprint import errors
from soulprint.llm import masking, minilm
from soulprint.settings import Settings

if TYPE_CHECKING:
    from pydantic_ai.embeddings import EmbeddingModel, EmbeddingResult
    from pydantic_ai.providers import Provider

LOCAL, OFF, AUTO = "local", "off", "auto"

QUESTION_SECONDS = 3.0
"""Seconds that a question waits for its vector: without one it is answered by words alone."""

PACKAGES = {
    "openai": ("openai", None),
    "ollama": ("openai", None),
    "bedrock": ("boto3", "bedrock"),
    "google": ("google.genai", "google"),
    "cohere": ("cohere", None),
    "voyageai": ("voyageai", None),
}
"""Provider -> the package it needs, and our extra that brings it where it is not always installed."""


class Embedder(Protocol):
    """Texts in, vectors of length 1 out."""

    @property
    def name(self) -> str:
        """The same name means the same vectors: `local`, or `provider:model`, with `@dimensions` where so chosen."""

    @property
    def batch(self) -> int:
        """Texts that are best given at once."""

    async def passages(self, texts: Sequence[str]) -> list[list[float]]:
        """What is to be found. Raises `errors.ModelUnreachable`, `ModelRefused`, `ModelTooSlow` or
        `ModelAnswerUnusable`."""

    async def question(self, text: str) -> list[float]:
        """What it is found by. Raises the same."""


def chosen(settings: Settings) -> str | None:
    """The name of the embedder of these settings; None where there is none."""
    if settings.model_embed == AUTO:
        return LOCAL if minilm.available() else None
    return None if settings.model_embed == OFF else settings.model_embed


def embedder(settings: Settings, name: str | None = None) -> Embedder | None:
    """The embedder `name`, without a name the one of these settings; None where there is none.

    Raises `errors.ModelUnknown`, and `errors.EmbedderMissing` where the one in this process isn't installed.
    """
    name = name or chosen(settings)
    if name is None:
        return None
    return _local() if name == LOCAL else _remote(name, settings)


def check(settings: Settings) -> None:
    """Raise `errors.ModelUnknown` where the embedder of these settings can't be used. Sends nothing."""
    embedder(settings)


class LocalEmbedder:
    """all-MiniLM-L6-v2 in this process. Questions don't wait for passages, but for the processor."""

    name = LOCAL
    batch = 16

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "embedding")

    async def passages(self, texts: Sequence[str]) -> list[list[float]]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _embedded, texts)

    async def question(self, text: str) -> list[float]:
        return (await asyncio.to_thread(_embedded, [text]))[0]


def _embedded(texts: Sequence[str]) -> list[list[float]]:
    found: list[list[float]] = minilm.Embedder.load().embed(texts).tolist()
    return found


@functools.cache
def _local() -> LocalEmbedder:
    if not minilm.available():
        raise errors.EmbedderMissing(what="the extra `local`")
    return LocalEmbedder()


class RemoteEmbedder:
    """A model behind a provider's interface."""

    batch = 64

    def __init__(
        self,
        name: str,
        model: EmbeddingModel,
        provider: Provider[Any] | None,
        dimensions: int | None,
        settings: Settings,
    ) -> None:
        self.name = name
        self.provider = provider
        """The connection, to be closed."""
        self._model = model
        self._dimensions = dimensions
        self._seconds = settings.model_timeout
        self._attempts = settings.model_attempts

    async def passages(self, texts: Sequence[str]) -> list[list[float]]:
        return await self._vectors(texts, "document", self._seconds, self._attempts)

    async def question(self, text: str) -> list[float]:
        return (await self._vectors([text], "query", QUESTION_SECONDS, 1))[0]

    async def _vectors(
        self, texts: Sequence[str], kind: Literal["query", "document"], seconds: float, attempts: int
    ) -> list[list[float]]:
        from soulprint.llm import retrying  # what talks to models takes seconds to load

        masked = [masking.mask(text) for text in texts]
        asking: dict[str, Any] = {"truncate": True}
        if self._dimensions:
            asking["dimensions"] = self._dimensions

        async def ask() -> EmbeddingResult:
            async with asyncio.timeout(seconds):
                return await self._model.embed(masked, input_type=kind, settings=asking)  # type: ignore[arg-type]

        try:
            with retrying.translating(self.name):
                answer = await _again(ask, attempts)
        except ValueError as error:  # the provider's own client could make nothing of the answer
            raise errors.ModelAnswerUnusable(model=self.name, reason="it holds no vectors") from error
        return [self._unit(vector) for vector in self._checked(answer.embeddings, len(texts))]

    def _checked(self, vectors: Sequence[Sequence[float]], wanted: int) -> Sequence[Sequence[float]]:
        if len(vectors) != wanted:
            raise errors.ModelAnswerUnusable(
                model=self.name, reason=f"it gave {len(vectors)} vectors for {wanted} texts"
            )
        if len({len(vector) for vector in vectors}) > 1:
            raise errors.ModelAnswerUnusable(model=self.name, reason="its vectors are of different lengths")
        return vectors

    def _unit(self, vector: Sequence[float]) -> list[float]:
        length = math.sqrt(sum(part * part for part in vector))
        if not (math.isfinite(length) and length > 0):
            raise errors.ModelAnswerUnusable(model=self.name, reason="a vector of it is no direction")
        return [part / length for part in vector]


async def _again(ask: Callable[[], Awaitable[EmbeddingResult]], attempts: int) -> EmbeddingResult:
    import tenacity

    from soulprint.llm import retrying

    again = tenacity.AsyncRetrying(
        stop=tenacity.stop_after_attempt(attempts),
        retry=tenacity.retry_if_exception(retrying.may_pass),
        wait=retrying.wait,
        reraise=True,
    )
    return await again(ask)


def _remote(name: str, settings: Settings) -> RemoteEmbedder:
    key = (name, settings.credentials, settings.model_timeout, settings.model_attempts)
    if key not in _made:
        _made[key] = _make(name, settings)
    return _made[key]


_made: dict[Any, RemoteEmbedder] = {}


async def close() -> None:
    """Let go of the connections to all providers. An embedder asked for afterwards opens new ones."""
    while _made:
        _, embedder = _made.popitem()
        if embedder.provider:
            async with embedder.provider:
                pass  # who enters a provider and leaves it again closes its connections


def _make(name: str, settings: Settings) -> RemoteEmbedder:
    from pydantic_ai import embeddings, exceptions

    from soulprint.llm import models

    full, _, dimensions = name.partition("@")
    provider, colon, _ = full.partition(":")
    if not colon or provider not in PACKAGES or (dimensions and not dimensions.isdigit()):
        known = ", ".join(sorted(PACKAGES))
        raise errors.ModelUnknown(role="_EMBED", model=name, reason=f"it names no embedding provider (known: {known})")
    connected: list[Provider[Any]] = []

    def making(named: str) -> Provider[Any]:
        connected.append(models.provider_of(named, settings.credentials, settings.model_timeout))
        return connected[-1]

    try:
        model = embeddings.infer_embedding_model(full, provider_factory=making)
    except (exceptions.UserError, ImportError) as error:
        package, extra = PACKAGES[provider]
        told = " ".join(str(error).split()).partition(". ")[0].replace("`", "").rstrip(".")
        wanted = f"'soulprint[{extra}]'" if extra else package
        reason = f"the package {package} is missing (pip install {wanted})" if isinstance(error, ImportError) else told
        raise errors.ModelUnknown(role="_EMBED", model=name, reason=reason) from error
    return RemoteEmbedder(name, model, next(iter(connected), None), int(dimensions) if dimensions else None, settings)

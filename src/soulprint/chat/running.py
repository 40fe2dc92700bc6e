"""Answers that are being written. Each is a task of the process and not of who asked, so that any number of readers may
come and go; what came is kept in its row all along, where readers and those who stop it in other processes meet it.

Who writes in a thread holds its lock, which falls when the process dies: an unfinished answer in a thread whose lock
nobody holds was broken off.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from itertools import count, groupby
from types import TracebackType
from typing import Any, Self

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import characters, errors
from soulprint.chat import answering, store
from soulprint.chat.answering import Basis, Turn
from soulprint.database import Database
from soulprint.kinds import Role
from soulprint.records.recalled import Recalled
from soulprint.settings import Settings

log = structlog.get_logger()

KEEPING = 0.3
"""Seconds after which what came is written down, and after which readers in other processes look again."""

MOST = 12
"""Answers that a process writes at once: each holds a connection to the database."""

LOOKS = 8
"""At every how many looks a reader in another process asks whether anybody writes the answer still."""

TRIES = 200
PAUSE = 0.02
"""How often, and after how many seconds, a thread is tried that is held although nothing in it is being written."""

STOPPED = "It was stopped."
ENDED = "SoulPrint was ended while this was being written."
UNFORESEEN = "Something went wrong that nobody foresaw."
UNKEPT = "It could not be written down at its end, so its last words may be lost."


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is written down, and its answer is begun."""

    question_id: int
    answer_id: int


@dataclass(frozen=True, slots=True)
class Sources:
    """What the answer may cite: number n in it is the n-th of these, from 1."""

    sources: list[Recalled]


@dataclass(frozen=True, slots=True)
class Delta:
    """The next piece of the answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The answer is whole and kept."""

    message_id: int


@dataclass(frozen=True, slots=True)
class Failed:
    """The answer broke off; what had come until then is kept."""

    message: str
    message_id: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """The person stopped the answer; what had come until then is kept."""

    message_id: int


Event = Asked | Sources | Delta | Done | Failed | Stopped
ENDS = (Done, Failed, Stopped)


class Answers:
    """The answers that one process writes, as a context: those that are not whole at its end are broken off."""

    def __init__(self) -> None:
        self._running: dict[int, Running] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Break off every answer, keep what came, and wait until that is done."""
        for running in self._running.values():
            running.stop(ENDED)
        for task in self._tasks - {running.task for running in self._running.values()}:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(
        self,
        database: Database,
        account: uuid.UUID,
        settings: Settings,
        thread_id: uuid.UUID,
        text: str,
        edits: int | None = None,
    ) -> Asked:
        """Write a question down after what is on show, or as another version of the person's message `edits`, and begin
        its answer.

        Raises `errors.NotFound`, `errors.AnswerRunning` while another answer is written in the thread, and
        `errors.TooManyRequests`.
        """
        return await self._begin(
            database, account, settings, thread_id, lambda session: answering.ask(session, thread_id, text, edits)
        )

    async def retry(
        self, database: Database, account: uuid.UUID, settings: Settings, thread_id: uuid.UUID, answer_id: int
    ) -> Asked:
        """Begin another version of an answer. Raises as `ask` does."""
        return await self._begin(
            database, account, settings, thread_id, lambda session: answering.retry(session, thread_id, answer_id)
        )

    async def follow(
        self, database: Database, account: uuid.UUID, thread_id: uuid.UUID, answer_id: int
    ) -> AsyncGenerator[Event, None]:
        """The events of an answer from its beginning: what came so far at once, then each as it comes. To close them
        leaves the answer alone.

        Raises `errors.NotFound` for what is no answer of the thread.
        """
        running = self._running.get(answer_id)
        if running and (running.account, running.turn.thread_id) == (account, thread_id):
            return running.events()
        async with database.session(account) as session:
            await store.message(session, thread_id, answer_id, Role.ASSISTANT)
        return _polled(database, account, thread_id, answer_id)

    async def stop(self, database: Database, account: uuid.UUID, thread_id: uuid.UUID, answer_id: int) -> None:
        """Stop an answer, whichever process writes it, and keep what came. One that is finished stays as it is.

        Raises `errors.NotFound` for what is no answer of the thread.
        """
        async with database.session(account) as session:
            await store.message(session, thread_id, answer_id, Role.ASSISTANT)
        if running := self._running.get(answer_id):
            running.stop(STOPPED)
            await asyncio.wait({running.task})
            return
        async with database.session(account) as session:
            await store.break_off(session, thread_id, STOPPED, answer_id=answer_id)

    async def _begin(
        self,
        database: Database,
        account: uuid.UUID,
        settings: Settings,
        thread_id: uuid.UUID,
        put: Callable[[AsyncSession], Awaitable[Turn]],
    ) -> Asked:
        if len(self._tasks) >= MOST:
            raise errors.TooManyRequests(seconds=5)
        begun: asyncio.Future[Asked] = asyncio.get_running_loop().create_future()

        async def work() -> None:
            async with _alone(database, account, thread_id):
                async with database.session(account) as session:
                    await store.break_off(session, thread_id, ENDED)
                    turn = await put(session)
                await self._run(Running(database, account, settings, turn), begun)

        task = asyncio.create_task(work())
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        waiting: list[asyncio.Future[Any]] = [begun, task]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():
            await task  # raises why it could not begin
        return begun.result()

    async def _run(self, running: Running, begun: asyncio.Future[Asked]) -> None:
        self._running[running.turn.answer_id] = running
        try:
            begun.set_result(running.asked)
            await running.write()
        finally:
            del self._running[running.turn.answer_id]

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # who asked is told of it; where nobody waits any more, nothing was begun


class Running:
    """An answer that this process writes. To be made in the task that awaits `write`."""

    def __init__(self, database: Database, account: uuid.UUID, settings: Settings, turn: Turn) -> None:
        task = asyncio.current_task()
        assert task
        self.task = task
        self.account = account
        self.turn = turn
        self.asked = Asked(turn.question_id, turn.answer_id)
        self._database = database
        self._settings = settings
        self._events: list[Event] = [self.asked]
        self._news = asyncio.Event()
        self._pieces: list[str] = []
        self._basis: dict[str, Any] = {}
        """What the answer rests on, until it is written down."""
        self._kept = 0
        """How many of the pieces are written down."""
        self._why = ENDED
        self._taking = asyncio.create_task(self._take())

    async def events(self) -> AsyncGenerator[Event, None]:
        """All events from the first; the pieces that came before they are read, in one."""
        seen = 0
        while not (seen and isinstance(self._events[seen - 1], ENDS)):
            if seen == len(self._events):
                await self._news.wait()
            new, seen = self._events[seen:], len(self._events)
            for event in _joined(new):
                yield event

    def stop(self, why: str) -> None:
        """Take no more of the answer; `write` then ends soon."""
        if not self._taking.done():
            self._why = why
            self._taking.cancel()

    async def write(self) -> None:
        """Take the answer as it is made and keep what came, until it ends in whatever way."""
        try:
            while not (await asyncio.wait({self._taking}, timeout=KEEPING))[0]:
                await self._keep()
        finally:
            self._taking.cancel()
        self._publish(await self._finished(self._trouble()))

    async def _take(self) -> None:
        pieces = answering.pieces(self._database, self.account, self._settings, self.turn)
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Basis):
                    self._found(piece)
                else:
                    self._came(characters.held(piece))

    def _found(self, basis: Basis) -> None:
        sources = [source.model_dump(mode="json") for source in basis.sources]
        self._basis = {"sources": sources, "changes": basis.changes, "model": basis.model, "version": basis.version}
        self._publish(Sources(basis.sources))

    def _came(self, text: str) -> None:
        self._pieces.append(text)
        self._publish(Delta(text))

    def _publish(self, event: Event) -> None:
        self._events.append(event)
        self._news.set()
        self._news = asyncio.Event()

    async def _keep(self) -> None:
        """Write down what came, and stop where somebody else has ended the answer, or deleted it."""
        basis, pieces, values = self._basis, len(self._pieces), self._values()
        try:
            async with self._database.session(self.account) as session:
                is_wanted = await store.keep(session, self.turn.answer_id, **values)
        except Exception as error:  # noqa: BLE001 (it is tried again in a moment, and at the end)
            log.warning("an answer was not kept", error=type(error).__name__)
            return
        self._kept = pieces
        if self._basis is basis:  # nothing new was found meanwhile
            self._basis = {}
        if not is_wanted:
            self.stop(STOPPED)

    def _values(self) -> dict[str, Any]:
        text = {"text": "".join(self._pieces)} if len(self._pieces) > self._kept else {}
        return self._basis | text

    def _trouble(self) -> str | None:
        """Why the answer is not whole; None where it is."""
        if self._taking.cancelled():
            return self._why
        error = self._taking.exception()
        if error is None or isinstance(error, errors.SoulprintError):
            return str(error) if error else None
        log.warning("answer failed", error=type(error).__name__)
        return UNFORESEEN

    async def _finished(self, trouble: str | None) -> Event:
        try:
            async with self._database.session(self.account) as session:
                await store.finish(session, self.turn.answer_id, trouble, **self._values())
        except Exception as error:  # noqa: BLE001 (the answer is marked as broken off when it is read next)
            log.warning("an answer was not kept", error=type(error).__name__)
            return Failed(UNKEPT, self.turn.answer_id)
        return _end(self.turn.answer_id, trouble)


async def mend(database: Database, account: uuid.UUID, thread_id: uuid.UUID) -> None:
    """Mark what is unfinished in a thread as broken off, where nobody writes in it any more."""
    async with database.session(account) as session:
        if not await store.is_unfinished(session, thread_id):
            return
    async with database.hold(_lock(thread_id)) as dead:
        if dead:
            async with database.session(account) as session:
                await store.break_off(session, thread_id, ENDED)


@asynccontextmanager
async def _alone(database: Database, account: uuid.UUID, thread_id: uuid.UUID) -> AsyncIterator[None]:
    """Hold the thread's lock. One that is held while nothing in the thread is unfinished falls in a moment.

    Raises `errors.NotFound` or `errors.AnswerRunning`.
    """
    async with database.session(account) as session:
        await store.thread(session, thread_id)
    for _ in range(TRIES):
        async with database.hold(_lock(thread_id)) as free:
            if free:
                yield
                return
        async with database.session(account) as session:
            if await store.is_unfinished(session, thread_id):
                break
        await asyncio.sleep(PAUSE)
    raise errors.AnswerRunning


async def _polled(
    database: Database, account: uuid.UUID, thread_id: uuid.UUID, answer_id: int
) -> AsyncGenerator[Event, None]:
    """The events of an answer that another process writes, or that is finished, as its row tells them."""
    shown, is_begun = 0, False
    for look in count():
        if look % LOOKS == 0:
            await mend(database, account, thread_id)
        async with database.session(account) as session:
            row = await store.message(session, thread_id, answer_id)
        if look == 0:
            assert row.parent_id, "an answer follows its question"
            yield Asked(row.parent_id, answer_id)
        if not is_begun and (row.sources or row.text or row.finished_at):
            is_begun = True
            yield Sources([Recalled.model_validate(source) for source in row.sources])
        if len(row.text) > shown:
            yield Delta(row.text[shown:])
            shown = len(row.text)
        if row.finished_at:
            yield _end(answer_id, row.error)
            return
        await asyncio.sleep(KEEPING)


def _end(answer_id: int, trouble: str | None) -> Event:
    if trouble is None:
        return Done(answer_id)
    return Stopped(answer_id) if trouble == STOPPED else Failed(trouble, answer_id)


def _joined(events: Iterable[Event]) -> Iterator[Event]:
    """The events, with pieces that follow each other as one."""
    for is_text, group in groupby(events, lambda event: isinstance(event, Delta)):
        if is_text:
            yield Delta("".join(event.text for event in group if isinstance(event, Delta)))
        else:
            yield from group


def _lock(thread_id: uuid.UUID) -> str:
    return f"thread:{thread_id}"

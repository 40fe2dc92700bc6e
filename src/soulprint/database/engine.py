"""The one way to the database: sessions that belong to an account, and locks that tell who is alive."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy import URL, ExceptionContext, event, func, make_url, select, text
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.pool import QueuePool

from soulprint import errors
from soulprint.database import launcher
from soulprint.database.launcher import Server

ACCOUNT = "soulprint.account"
"""The setting that row-level security compares `user_id` with."""

OPERATOR = "soulprint.operator"
"""The setting by which it shows the passes and the expenses of all accounts, to be read, and nothing else of them."""

STREAMED = 2000
"""Rows held at once: of what people write some hundred kilobytes, and few round trips."""

CONNECTING = 10
"""Seconds to wait for a server to take a connection."""

CLOSING = 2
"""Seconds to wait for what is in the midst of a transaction when all ends."""

FACTS = """
select current_setting('server_version'), current_database(), current_user,
    pg_database_size(current_database()), rolsuper or rolbypassrls
from pg_roles where rolname = current_user
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database says of itself."""

    version: str
    name: str
    user: str
    extensions: dict[str, str]
    """Name -> version."""
    size_mb: float
    bypasses_row_security: bool
    """Whether the user may see all accounts' rows: true for a superuser."""


class Database:
    """An open database. Every session belongs to one account, and row-level security hides all other rows from it."""

    def __init__(self, url: str, embedded: Server | None = None) -> None:
        self.embedded = embedded
        self._restarting = asyncio.Lock()
        self._connect_to(url)

    def _connect_to(self, url: str) -> None:
        self.url = driver_url(url)
        self._engine = create_async_engine(
            self.url,
            pool_size=10,
            max_overflow=20,
            pool_pre_ping=True,
            hide_parameters=True,  # an error tells what was asked of the database, never what was to be stored
            connect_args={"prepare_threshold": None} | patience(self.url),
        )
        event.listen(self._engine.sync_engine, "handle_error", _replace_unusable)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)

    async def close(self) -> None:
        """Close every connection, once the sessions that are open have ended: a connection that comes back later than
        this would stay open."""
        pool = self._engine.pool
        assert isinstance(pool, QueuePool)
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING):
                while pool.checkedout():  # noqa: ASYNC110 (it announces nothing)
                    await asyncio.sleep(0.01)
        await self._engine.dispose()

    @asynccontextmanager
    async def session(
        self, account: uuid.UUID | None = None, *, of_one_moment: bool = False
    ) -> AsyncIterator[AsyncSession]:
        """One transaction as `account`, committed at the end of the block, rolled back on any error. Without an account
        only tables that hold no person's data can be read. With `of_one_moment` all that is read stood so at the same
        moment; such a transaction had better write nothing.

        Raises `errors.DatabaseUnavailable` when there is no connection to be had, also once the embedded server, when
        it has died, was started again; or what `launcher.start` raises.
        """
        async with await self._begun(account, of_one_moment) as session:
            yield session
            await session.commit()

    async def _begun(self, account: uuid.UUID | None, of_one_moment: bool) -> AsyncSession:
        used = self.embedded
        try:
            return await self._begin(account, of_one_moment)
        except OperationalError as error:
            if used is None:
                raise errors.DatabaseUnavailable(reason=first_line(error)) from error
        await self._start_again(used)
        try:
            return await self._begin(account, of_one_moment)
        except OperationalError as error:
            raise errors.DatabaseUnavailable(reason=first_line(error)) from error

    async def _begin(self, account: uuid.UUID | None, of_one_moment: bool) -> AsyncSession:
        session = self._sessions()
        try:
            await session.begin()
            if of_one_moment:
                await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            if account is not None:
                await session.execute(select(func.set_config(ACCOUNT, str(account), True)))
        except BaseException:
            await session.close()
            raise
        return session

    async def _start_again(self, used: Server) -> None:
        """Start the embedded server, or adopt the one that another process started, unless that was done since
        `used` was."""
        async with self._restarting:
            if self.embedded is not used:
                return
            server = await asyncio.to_thread(launcher.start, used.home)
            self.embedded = server
            if driver_url(server.url) != self.url:  # its port or its socket's folder may be another
                await self._engine.dispose()
                self._connect_to(server.url)

    async def facts(self) -> Facts:
        """What the server says of itself. Raises `errors.DatabaseUnavailable`."""
        async with self.session() as session:
            version, name, user, size, bypasses = (await session.execute(text(FACTS))).one()
            extensions = (await session.execute(text("select extname, extversion from pg_extension"))).all()
        found = {str(name): str(installed) for name, installed in extensions}
        return Facts(version, name, user, found, round(size / 1e6, 1), bypasses)

    async def run_alone(self, *statements: str) -> None:
        """Run what can't be part of a transaction, such as `vacuum`, one after the other on one connection."""
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in statements:
                await connection.exec_driver_sql(statement)

    @asynccontextmanager
    async def operators_session(self) -> AsyncIterator[AsyncSession]:
        """One transaction that reads passes, their stages and expenses of all accounts. It sees nothing that anybody
        wrote, and changes nothing."""
        async with self.session() as session:
            await session.execute(text("set transaction read only"))
            await session.execute(select(func.set_config(OPERATOR, "on", True)))
            yield session

    @asynccontextmanager
    async def hold(self, name: str) -> AsyncIterator[bool]:
        """Hold the advisory lock `name` for as long as the block runs; gives whether it could be had.

        The lock lives in a connection of its own, so that it falls the moment this process dies: who holds the lock of
        a run is at work on it, and a run whose lock nobody holds was interrupted.
        """
        async with self._engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            held = bool(await connection.scalar(select(func.pg_try_advisory_lock(func.hashtextextended(name, 0)))))
            try:
                yield held
            finally:
                if held:
                    await _release(connection, name)


def _replace_unusable(context: ExceptionContext) -> None:
    """Whatever makes a connection that waits in the pool fail its trial, it is replaced: one whose task was cancelled
    may be in the midst of something."""
    context.is_disconnect = context.is_disconnect or context.is_pre_ping


async def _release(connection: AsyncConnection, name: str) -> None:
    try:
        await connection.execute(select(func.pg_advisory_unlock(func.hashtextextended(name, 0))))
    except OperationalError:
        await connection.invalidate()  # the server is gone, and the lock with it


async def driver_connection(session: AsyncSession) -> psycopg.AsyncConnection:
    """The session's own psycopg connection, for COPY within its transaction."""
    connection = await (await session.connection()).get_raw_connection()
    driver = connection.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


async def streamed(session: AsyncSession, query: str, *values: object) -> AsyncGenerator[list[Any], None]:
    """The rows that `query` gives, with `%s` for each of `values`, in batches, times in UTC. The server keeps the
    result, so that memory stays flat however many there are."""
    connection = await driver_connection(session)
    await session.execute(text("set local time zone 'UTC'"))
    async with connection.cursor(name="streamed", binary=True) as cursor:
        await cursor.execute(query, values)
        while rows := await cursor.fetchmany(STREAMED):
            yield rows


def driver_url(url: str) -> URL:
    """`url` with psycopg as the driver, whatever driver it names. Raises `errors.DatabaseUnavailable` for what is not a
    Postgres address."""
    try:
        parsed = make_url(url)
    except (ValueError, ArgumentError) as error:
        raise errors.DatabaseUnavailable(reason="it is not a database address") from error
    if parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise errors.DatabaseUnavailable(reason=f"{parsed.get_backend_name()} is not Postgres")
    return parsed.set(drivername="postgresql+psycopg")


def patience(url: URL) -> dict[str, int]:
    """Seconds to wait for a server that doesn't answer, where the address doesn't say it."""
    return {} if "connect_timeout" in url.query else {"connect_timeout": CONNECTING}


def first_line(error: BaseException) -> str:
    """What the driver says, in one line and without SQL."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
    return str(cause).strip().partition("\n")[0]

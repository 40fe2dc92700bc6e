from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import insert, text

from soulprint.database import Database, engine, launcher, migrate, search_index
from soulprint.records import Account
from tests.rows import add_conversation

pytestmark = pytest.mark.anyio


@pytest.fixture
async def fresh(server: launcher.Server) -> AsyncIterator[Database]:
    """A database of its own, in which nobody has written anything yet."""
    passwords = json.loads((server.home / "postgres.passwords").read_text())
    address = engine.driver_url(server.url).set(username="postgres", password=passwords["postgres"])
    admin, name = address.set(drivername="postgresql").render_as_string(hide_password=False), uuid.uuid4().hex
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {} owner soulprint").format(sql.Identifier(name)))
    url = engine.driver_url(server.url).set(database=name)
    migrate.migrate(url)
    database = Database(url.render_as_string(hide_password=False))
    yield database
    await database.close()
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


async def is_there(database: Database) -> bool:
    async with database.session() as session:
        return bool(await session.scalar(text("select to_regclass('ix_passages_search') is not null")))


async def write(database: Database) -> None:
    account = uuid.uuid4()
    async with database.session() as session:
        await session.execute(insert(Account).values(id=account))
    async with database.session(account) as session:
        await add_conversation(session, account, ["Hello"])


async def test_an_empty_table_is_filled_without_its_index_which_is_made_at_the_end(fresh: Database) -> None:
    async with search_index.left_out(fresh):
        assert not await is_there(fresh)
        await write(fresh)
    assert await is_there(fresh)


async def test_who_cancels_does_not_wait_for_the_index(fresh: Database) -> None:
    await write(fresh)
    async with fresh.session() as session:
        await session.execute(text(search_index.DROP))
    with pytest.raises(asyncio.CancelledError):
        async with search_index.left_out(fresh):
            raise asyncio.CancelledError
    assert not await is_there(fresh)
    await search_index.made(fresh)
    assert await is_there(fresh)


async def test_the_index_is_made_also_after_an_error(fresh: Database) -> None:
    with pytest.raises(ZeroDivisionError):
        async with search_index.left_out(fresh):
            raise ZeroDivisionError
    assert await is_there(fresh)


async def test_rows_of_anybody_keep_their_index(fresh: Database) -> None:
    await write(fresh)
    async with search_index.left_out(fresh):
        assert await is_there(fresh)


async def test_of_two_at_once_the_one_that_left_the_index_out_makes_it(fresh: Database) -> None:
    async with search_index.left_out(fresh):
        async with search_index.left_out(fresh):
            pass
        assert not await is_there(fresh)
    assert await is_there(fresh)


async def test_a_reader_in_the_midst_keeps_the_index(fresh: Database) -> None:
    async with fresh.session() as reading:
        await reading.execute(text("select count(*) from messages"))
        async with search_index.left_out(fresh):
            assert await is_there(fresh)


async def test_the_next_to_open_the_database_makes_what_a_dead_import_left_out(fresh: Database) -> None:
    async with search_index.left_out(fresh):
        migrate.migrate(fresh.url)
        assert not await is_there(fresh)
    async with fresh.session() as session:
        await session.execute(text("drop index ix_passages_search"))
    migrate.migrate(fresh.url)
    assert await is_there(fresh)

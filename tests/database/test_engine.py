from __future__ import annotations

import asyncio
import gc
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text

from soulprint import database, errors
from soulprint.database import Database, engine, launcher, migrate
from soulprint.settings import Settings
from tests import administering

pytestmark = pytest.mark.anyio


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="soulprint-tests-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # root hands the cluster to another account, which has to reach it here
        yield Path(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="kills as Unix does")
async def test_an_embedded_server_that_died_is_started_again(home: Path) -> None:
    async with database.opened(Settings.model_validate({"home": home})) as opened:
        assert opened.embedded is not None
        pid = int((opened.embedded.data / "postmaster.pid").read_text().split()[0])
        psutil.Process(pid).kill()
        for _ in range(2):
            async with opened.session(uuid.uuid4()) as session:
                assert await session.scalar(text("select 1")) == 1


async def test_a_session_of_one_moment_sees_nothing_that_came_since(database: Database) -> None:
    counted = text("select count(*) from accounts")
    async with database.session(of_one_moment=True) as reading:
        before = await reading.scalar(counted)
        async with database.session() as writing:
            await writing.execute(text("insert into accounts (id) values (:id)"), {"id": uuid.uuid4()})
        assert await reading.scalar(counted) == before
    async with database.session() as later:
        assert await later.scalar(counted) == (before or 0) + 1
        assert await later.scalar(text("show transaction_isolation")) == "read committed"


@pytest.mark.parametrize("url", ["nonsense", "mysql://a@b/c", "postgresql://a:b@127.0.0.1:port/x", "postgresql:/"])
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(errors.DatabaseUnavailable, match="SOULPRINT_DATABASE_URL"):
        Database(url)


def test_a_user_who_may_not_create_tables_is_told(server: launcher.Server) -> None:
    administering.create(server, "bare")
    with launcher.administrator(server) as admin:
        admin.execute("create role weak login password 'weak'")
    try:
        with pytest.raises(errors.DatabaseUnusable, match="permission denied"):
            migrate.migrate(engine.driver_url(server.url).set(username="weak", password="weak", database="bare"))
    finally:
        administering.drop(server, "bare")
        with launcher.administrator(server) as admin:
            admin.execute("drop role weak")


async def test_closing_waits_for_a_transaction_that_is_open(server: launcher.Server) -> None:
    closing = Database(server.url)
    begun = asyncio.Event()

    async def work() -> None:
        async with closing.session() as session:
            begun.set()
            await session.execute(text("select pg_sleep(0.1)"))

    working = asyncio.create_task(work())
    await begun.wait()
    await closing.close()
    await working
    gc.collect()  # warns of what is still open


async def test_a_connection_that_was_left_in_the_midst_of_something_is_replaced(database: Database) -> None:
    async with database.session() as session:
        left = await engine.driver_connection(session)
    left.pgconn.send_query(b"select pg_sleep(0.1)")
    async with database.session() as session:
        assert await engine.driver_connection(session) is not left
    assert left.closed

"""Passes whose processes, database or program go away: they go on, and repeat no more than was in flight."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from sqlalchemy import func, select, text, update

from soulprint import accounts, facts, pipeline
from soulprint.database import Database, opened
from soulprint.pipeline import engine, stages, steps, store, worker
from soulprint.records import FactSource, Run, RunTask, Worker
from soulprint.settings import Settings
from tests.model_server import ModelServer, reader
from tests.model_server.fixtures import OPENAI, changed
from tests.pipeline.passes import add_history, ended, passed, until

pytestmark = pytest.mark.anyio

MANY = [(f"I live in town number {number} with my sister.", f"I built boat number {number}.") for number in range(24)]


@pytest.fixture
def model(model_server: ModelServer, settings: Settings, credentials: Any) -> Settings:
    model_server.script = reader.plausible
    return changed(settings, model=OPENAI, credentials=credentials, extract_tokens=500, concurrency=2)


async def until_asked(server: ModelServer, times: int) -> None:
    async def asked() -> bool:
        return len(server.requests) >= times

    await until(asked)


async def broken_off(database: Database, account: uuid.UUID, model: Settings, server: ModelServer) -> None:
    """A pass in the midst of which its worker has ended."""
    server.latency = 0.3
    await add_history(database, account, MANY)
    async with pipeline.working(database, model):
        await pipeline.start(database, account, model)
        await until_asked(server, 4)
    server.latency = 0.0


async def test_a_worker_that_ends_leaves_its_work_to_the_next(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await broken_off(database, account, model, model_server)
    async with pipeline.working(database, model):
        assert (await ended(database, account, model)).status == "complete"
    assert model_server.repeated() <= model.concurrency
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(Worker)) == 0


async def test_what_breaks_as_a_worker_ends_fails_no_pass(
    database: Database,
    account: uuid.UUID,
    model: Settings,
    model_server: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A driver may answer to being cancelled with an error of its own."""
    extract = facts.extract

    async def breaking(*arguments: Any) -> Any:
        try:
            return await extract(*arguments)
        except asyncio.CancelledError:
            raise AssertionError from None

    with monkeypatch.context() as broken:
        broken.setattr(facts, "extract", breaking)
        await broken_off(database, account, model, model_server)
    async with pipeline.working(database, model):
        assert (await ended(database, account, model)).status == "complete"


async def test_what_an_older_version_of_the_program_left_half_done_is_begun_anew_from_its_rows(
    database: Database,
    account: uuid.UUID,
    model: Settings,
    model_server: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as older:
        older.setattr(engine, "VERSION", "0")
        await broken_off(database, account, model, model_server)
    async with pipeline.working(database, model):
        assert (await ended(database, account, model)).status == "complete"
    assert model_server.repeated() <= model.concurrency


async def test_a_run_without_a_workflow_gets_one(database: Database, account: uuid.UUID, settings: Settings) -> None:
    await add_history(database, account)
    async with database.session(account) as session:
        run = await store.begin_pass(session, account, uuid.uuid4(), "local", Decimal(1), {})
        await store.plan_tasks(session, account, run, stages.CHUNK, [], {})
    async with pipeline.working(database, settings):
        await pipeline.resume(database, account)
        done = await ended(database, account, settings)
    assert (done.id, done.status) == (run, "complete")


async def test_asking_for_a_pass_begins_the_one_whose_workflow_was_lost(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await add_history(database, account)
    async with database.session(account) as session:
        run = await store.begin_pass(session, account, uuid.uuid4(), "local", Decimal(1), {})
    async with pipeline.working(database, settings):
        assert await pipeline.start(database, account, settings) == run
        assert (await ended(database, account, settings)).status == "complete"


async def test_a_step_done_twice_leaves_the_same_rows_and_asks_nothing_again(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)

    async def rows() -> list[tuple[Any, ...]]:
        async with database.session(account) as session:
            columns = (FactSource.id, FactSource.fact_id, FactSource.key, FactSource.statement)
            found = [tuple(row) for row in await session.execute(select(*columns).order_by(FactSource.id))]
            known = [(fact.id, fact.statement, fact.status) for fact in await facts.listed(session)]
        return [*found, *known]

    async with pipeline.working(database, model):
        done = await passed(database, account, model)
        before, asked = await rows(), len(model_server.requests)
        async with database.session(account) as session:
            await session.execute(update(RunTask).where(RunTask.stage != "sections").values(status="pending"))
            await session.execute(update(Run).values(status="processing"))
        for stage in stages.ORDER:
            for first, last in await steps.pending(str(account), str(done.id), stage):
                await steps.perform(str(account), str(done.id), stage, first, last)
                await steps.perform(str(account), str(done.id), stage, first, last)
            assert await steps.finish(str(account), str(done.id), stage)
        await steps.swap(str(account), str(done.id))
        assert await rows() == before
        assert len(model_server.requests) == asked
        assert (await ended(database, account, model)).version == done.version


async def test_a_task_that_fails_in_an_unforeseen_way_fails_the_pass_without_a_word_of_what_was_said(
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, "dbos")

    async def poisoned(this: stages.Pass, payload: dict[str, Any]) -> dict[str, Any]:
        said = "I live in Leeds with my sister Marta."
        raise ValueError(said)

    monkeypatch.setitem(stages.STAGES, stages.EXTRACT, dataclasses.replace(stages.STAGES["extract"], work=poisoned))
    await add_history(database, account)
    async with pipeline.working(database, settings):
        done = await passed(database, account, settings)
    assert (done.status, done.error, done.version) == ("failed", "ValueError", None)
    logged = "".join(capfd.readouterr()) + caplog.text
    assert "ValueError" in logged
    assert "Marta" not in logged


async def test_two_accounts_share_a_worker_and_see_nothing_of_each_other(
    database: Database, account: uuid.UUID, stranger: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    model_server.latency = 0.05
    await add_history(database, account, MANY)
    await add_history(database, stranger, [(f"I keep llama {number}.", "I farm in Chile.") for number in range(24)])
    async with pipeline.working(database, model):
        await pipeline.start(database, account, model)
        await pipeline.start(database, stranger, model)
        first, second = await asyncio.gather(ended(database, account, model), ended(database, stranger, model))
    assert (first.status, second.status) == ("complete", "complete")
    whose = ["llama" in request.asked.text for request in model_server.requests]
    assert not any("llama" in one.asked.text and "boat" in one.asked.text for one in model_server.requests)
    half = len(whose) // 2
    assert set(whose[:half]) == {True, False}, "neither waits for the other's end"


async def test_a_worker_whose_lock_fell_takes_it_again_and_nobody_else_takes_its_place(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PULSE", 0.05)
    async with worker.working(database, settings) as here:
        async with database.session() as session:
            holders = text("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
            await session.execute(holders)

        async def is_held() -> bool:
            async with database.hold(f"worker:{here.id}") as free:
                return not free

        await until(is_held)


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="soulprint-tests-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.fixture
async def embedded(home: Path, credentials: Any) -> AsyncIterator[tuple[Database, Settings]]:
    """A built-in database of its own, to be killed."""
    settings = Settings.model_validate({"home": home, "model": OPENAI, "credentials": credentials})
    async with opened(settings) as database:
        yield database, settings


def kill_database(home: Path) -> None:
    """What a power cut leaves of the built-in database."""
    for process in psutil.process_iter(["name", "cmdline"]):
        if process.info["name"] == "postgres" and str(home) in " ".join(process.info["cmdline"] or []):
            process.kill()


async def test_a_pass_goes_on_when_the_database_was_killed_under_it(
    embedded: tuple[Database, Settings], model_server: ModelServer
) -> None:
    db, settings = embedded
    model_server.script = reader.plausible
    model_server.latency = 0.2
    settings = changed(settings, extract_tokens=500, concurrency=2)
    account = await accounts.local(db)
    await add_history(db, account, MANY)
    async with pipeline.working(db, settings):
        await pipeline.start(db, account, settings)
        for times in (3, 9):
            await until_asked(model_server, times)
            kill_database(settings.home)
        assert (await ended(db, account, settings)).status == "complete"
    assert model_server.repeated() <= 2 * settings.concurrency

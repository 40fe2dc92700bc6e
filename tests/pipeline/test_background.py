from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from soulprint import errors, importing, pipeline
from soulprint.database import Database
from soulprint.records import Import, Run, Status
from soulprint.settings import Settings
from tests.importing import exports

pytestmark = pytest.mark.anyio


@pytest.fixture
async def background(database: Database, settings: Settings) -> AsyncIterator[pipeline.Background]:
    background = pipeline.Background(database, settings)
    yield background
    await background.close()


def upload(settings: Settings, content: bytes | None = None) -> str:
    """A file in the uploads folder, by its name there."""
    settings.uploads.mkdir(exist_ok=True)
    talks = [exports.chatgpt_conversation("A talk", [("user", "I live in Lyon with my partner Théo and our cat.")])]
    name = uuid.uuid4().hex
    (settings.uploads / name).write_bytes(content or exports.zipped({"c.json": exports.as_written(talks)}))
    return name


async def settled(database: Database, account: uuid.UUID, settings: Settings) -> pipeline.Status:
    """The first status in which nothing is at work."""
    async for status in pipeline.watch(database, account, settings):
        if status.stage not in ("importing", "profiling"):
            return status
    raise AssertionError


def left(settings: Settings) -> list[Path]:
    return list(settings.uploads.iterdir())


async def test_an_upload_becomes_a_profile_and_is_removed(
    database: Database, account: uuid.UUID, settings: Settings, background: pipeline.Background
) -> None:
    import_id = await background.start_import(account, upload(settings), "my export.zip")
    status = await settled(database, account, settings)
    assert (status.stage, status.version) == ("ready", 1)
    assert status.import_ is not None
    assert (status.import_.id, status.import_.names) == (import_id, "my export.zip")
    await background.close()
    assert left(settings) == []


async def test_an_upload_is_removed_though_the_server_stops_while_it_is_indexed(
    database: Database, account: uuid.UUID, settings: Settings, background: pipeline.Background
) -> None:
    async with database.session() as session:
        await session.execute(text("lock table passages in exclusive mode"))
        await background.start_import(account, upload(settings), "my export.zip")
        status = await settled(database, account, settings)
        assert (status.stage, len(left(settings))) == ("ready", 1)
        await background.close()
        assert left(settings) == []


async def test_a_second_upload_waits_for_nobody_and_is_refused(
    database: Database, account: uuid.UUID, settings: Settings, background: pipeline.Background
) -> None:
    async with importing.begun(database, account, "another"):
        with pytest.raises(errors.ImportRunning):
            await background.start_import(account, upload(settings), "mine")
    assert len(left(settings)) == 1


async def test_an_upload_that_is_no_export_fails_with_its_reason(
    database: Database, account: uuid.UUID, settings: Settings, background: pipeline.Background
) -> None:
    await background.start_import(account, upload(settings, b"buy milk"), "notes.txt")
    status = await settled(database, account, settings)
    assert status.stage == "failed"
    assert status.import_ is not None
    assert "not a chat export" in (status.import_.error or "")
    await background.close()
    assert left(settings) == []


async def test_a_cancelled_import_says_so(
    database: Database, account: uuid.UUID, settings: Settings, background: pipeline.Background
) -> None:
    import_id = await background.start_import(account, upload(settings), "my export.zip")
    assert background.cancel(import_id)
    status = await settled(database, account, settings)
    assert not background.cancel(import_id)
    assert status.import_ is not None
    assert (status.import_.status, left(settings)) == (Status.FAILED, [])
    assert "cancelled" in (status.import_.error or "")


async def test_an_import_whose_process_died_is_taken_up_again(
    database: Database, account: uuid.UUID, settings: Settings, background: pipeline.Background
) -> None:
    import_id = uuid.uuid4()
    async with database.session(account) as session:
        values = {"id": import_id, "user_id": account, "names": "my export.zip", "upload": upload(settings)}
        await session.execute(insert(Import).values(values))
        await session.execute(
            insert(Run).values(id=uuid.uuid4(), user_id=account, kind="quick", model="local", import_id=import_id)
        )
    await background.resume(account)
    status = await settled(database, account, settings)
    assert (status.stage, status.version, status.conversations) == ("ready", 1, 1)
    assert status.import_ is not None
    assert (status.import_.id, status.import_.status) == (import_id, Status.COMPLETE)


async def test_an_import_goes_on_after_the_server_was_stopped(
    database: Database, account: uuid.UUID, settings: Settings, background: pipeline.Background
) -> None:
    import_id = await background.start_import(account, upload(settings), "my export.zip")
    await background.close()
    stopped = await pipeline.status(database, account, settings)
    assert stopped.import_ is not None
    assert (stopped.stage, stopped.import_.status) == ("interrupted", Status.PROCESSING)
    after = pipeline.Background(database, settings)
    await after.resume(account)
    async for status in pipeline.watch(database, account, settings):
        if status.stage == "ready":
            break
    assert status.import_ is not None
    assert (status.import_.id, status.import_.status, status.version) == (import_id, Status.COMPLETE, 1)
    await after.close()  # perhaps while what was imported is indexed: then the file goes at the next start
    last = pipeline.Background(database, settings)
    await last.resume(account)
    await last.close()
    assert left(settings) == []


async def test_uploads_that_nothing_waits_for_are_removed(
    account: uuid.UUID, settings: Settings, background: pipeline.Background
) -> None:
    upload(settings)
    await background.resume(account)
    assert left(settings) == []


async def test_a_quick_pass_whose_process_died_is_done_again(
    database: Database, account: uuid.UUID, settings: Settings, background: pipeline.Background, tmp_path: Path
) -> None:
    path = tmp_path / "export.json"
    path.write_bytes(exports.as_written([exports.chatgpt_conversation()]))
    await pipeline.import_export(database, account, settings, [path], names="export", profile=False)
    async with database.session(account) as session:
        await session.execute(insert(Run).values(id=uuid.uuid4(), user_id=account, kind="quick", model="local"))
    await background.resume(account)
    async for status in pipeline.watch(database, account, settings):
        if status.stage == "ready":
            break
    assert status.version == 1


async def test_a_restart_with_nothing_unfinished_does_nothing(
    database: Database, account: uuid.UUID, settings: Settings, background: pipeline.Background
) -> None:
    await background.resume(account)
    assert (await settled(database, account, settings)).run is None

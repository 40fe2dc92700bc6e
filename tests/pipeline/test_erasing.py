"""Erasing an account: no row, no upload and no byte of it is left, and others have all of theirs."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from soulprint import accounts, errors, importing, pipeline
from soulprint.database import Database, opened, scrubbing
from soulprint.records import Base, FactChange, Run
from soulprint.settings import Settings
from tests.importing import exports
from tests.pipeline.test_forgetting import UNIQUE, told
from tests.rows import add_conversation, add_fact, add_run

__all__ = ["told"]

pytestmark = pytest.mark.anyio

SAID = "I keep a quxozebra in the garden"


async def test_every_table_that_holds_anything_of_a_person_is_emptied(
    database: Database, account: uuid.UUID, stranger: uuid.UUID, settings: Settings, told: object
) -> None:
    async with database.session(stranger) as session:
        await add_conversation(session, stranger, [f"Another {UNIQUE}"])
    receipt = await pipeline.erase(database, account, settings)
    assert (receipt.rewritten, receipt.rows["messages"] > 0, receipt.rows["facts"]) == (False, True, 2)
    owned = {table.name for table in Base.metadata.sorted_tables if "user_id" in table.columns}
    assert {*receipt.rows} | {"passage_vectors"} == (owned - {"erasures"}) | {"passage_vectors"}
    async with database.session(account) as session:
        assert [each.id for each in await pipeline.erasures(session)] == [receipt.id]
        assert await session.scalar(text("select count(*) from messages")) == 0
    async with database.session(stranger) as session:
        assert await session.scalar(text("select count(*) from messages")) == 1


async def test_uploads_go_too(database: Database, account: uuid.UUID, settings: Settings) -> None:
    part = settings.unfinished / account.hex / "one"
    part.parent.mkdir(parents=True)
    part.write_text("half an export")
    (settings.uploads / "others").write_text("of another account")
    receipt = await pipeline.erase(database, account, settings)
    assert receipt.files == 1
    assert [path.name for path in settings.uploads.rglob("*") if path.is_file()] == ["others"]


async def test_a_pass_at_work_is_stopped_first(database: Database, account: uuid.UUID, settings: Settings) -> None:
    async with database.session(account) as session:
        run = await add_run(session, account)
        _, said = await add_conversation(session, account, [SAID])
        fact = await add_fact(session, said, SAID)
        session.add(FactChange(user_id=account, kind="confirmed", fact_id=fact.id))
    receipt = await pipeline.erase(database, account, settings)
    assert receipt.rows["runs"] == 1
    async with database.session(account) as session:
        assert await session.get(Run, run) is None


async def test_nothing_is_erased_while_an_export_is_read(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with importing.begun(database, account, "export.zip"):
        with pytest.raises(errors.ImportRunning):
            await pipeline.erase(database, account, settings)


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="soulprint-erased-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


async def test_no_byte_of_what_was_imported_is_left_in_the_embedded_database(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrubbing, "PATIENCE", 1.0)
    export = home / "export.json"
    conversations = [
        exports.chatgpt_conversation(f"quxozebra {number}", [("user", f"{SAID}. My number is {number}.")] * 3)
        for number in range(60)
    ]
    export.write_bytes(exports.as_written(conversations))
    settings = Settings.model_validate({"home": home})
    async with opened(settings) as db:
        assert db.embedded
        account = await accounts.local(db)
        async with pipeline.working(db, settings):
            await pipeline.import_export(db, account, settings, [export], names="export.json")
            await pipeline.start(db, account, settings)
            async for status in pipeline.watch(db, account, settings):
                if status.full_pass and status.full_pass.status != "processing":
                    break
            export.unlink()
            assert holding(db.embedded.data, b"quxozebra")
            reading = await anext(reader := read_for_long(db, account))
            assert reading
            receipt = await pipeline.erase(db, account, settings)  # while the engine looks for work, and somebody reads
        assert receipt.rewritten
        with pytest.raises(DBAPIError):
            await anext(reader)
        assert holding(db.embedded.data, b"quxozebra") == []
        assert holding(home, b"quxozebra") == []
        again = await pipeline.erase(db, account, settings)
        assert sum(again.rows.values()) == 0


async def read_for_long(db: Database, account: uuid.UUID) -> AsyncIterator[int]:
    """A transaction that sees all as it stood when it began."""
    async with db.session(account, of_one_moment=True) as session:
        while True:
            yield await session.scalar(text("select count(*) from messages")) or 0


def holding(folder: Path, word: bytes) -> list[Path]:
    """The files in which `word` stands."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in found if path.exists() and word in path.read_bytes()]

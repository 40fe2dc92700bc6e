"""Imports that are read in processes, broken off and taken up again."""

from __future__ import annotations

import asyncio
import os
import sys
import uuid
from collections import Counter
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from sqlalchemy import delete, select

from soulprint import accounts, errors, importing
from soulprint.database import Database
from soulprint.importing.engine import readers
from soulprint.records import Account, Import, ImportMember
from soulprint.settings import Settings
from tests.importing import exports, processes
from tests.importing.stored import one, rows
from tests.rows import add_account

pytestmark = pytest.mark.anyio

SHARDS, EACH = 12, 100
ALL = SHARDS * EACH


@pytest.fixture
def in_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes read, one member at a time."""
    monkeypatch.setattr(readers, "WORTH_IT", 0)
    monkeypatch.setattr(readers, "TASK_BYTES", 1)
    monkeypatch.setattr(readers, "PROCESSES", 2)


def shards(folder: Path) -> Path:
    """An export of many members, each of several hundred kilobytes."""
    for number in range(SHARDS):
        conversations = [
            exports.chatgpt_conversation(f"{number}-{each}", [("user", f"message {each} " * 300)])
            for each in range(EACH)
        ]
        exports.written(folder / "export" / f"conversations-{number:03}.json", conversations)
    return folder / "export"


async def bring(
    database: Database, account: uuid.UUID, settings: Settings, path: Path, *, progress: Any = lambda _: None
) -> importing.Report:
    fingerprint = importing.fingerprint([path])
    async with importing.begun(database, account, path.name, fingerprint=fingerprint) as import_id:
        return await importing.run(database, account, import_id, [path], settings, progress)


async def members(database: Database, account: uuid.UUID) -> dict[int, bool]:
    """The numbers of those that something is written of, and whether they are finished."""
    async with database.session(account) as session:
        written = await session.scalars(select(ImportMember))
        return {each.tally["number"]: each.finished for each in written}


@pytest.mark.usefixtures("in_processes")
async def test_processes_give_the_same_rows_as_a_thread(
    database: Database,
    account: uuid.UUID,
    stranger: uuid.UUID,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = exports.written(
        tmp_path / "a.zip",
        exports.zipped(
            {
                "conversations-000.json": [exports.chatgpt_conversation("One", [("user", "a"), ("assistant", "b")])],
                "conversations-001.json": [5, exports.chatgpt_conversation("Two", [("user", "c\0\ud83d")])],
                "conversations-002.json": b"{}",
            }
        ),
    )
    seen: list[importing.Progress] = []
    report = await bring(database, account, settings, path, progress=seen.append)
    assert (report.imported, report.failed) == (2, {"not_an_object": 1, "unknown_file": 1})
    assert seen[-1] == importing.Progress(seen[-1].bytes_total, seen[-1].bytes_total, 4)
    monkeypatch.setattr(readers, "WORTH_IT", 1 << 60)
    again = await bring(database, stranger, settings, path)
    assert [problem.where for problem in again.problems] == [problem.where for problem in report.problems]
    assert await rows(database, stranger) == await rows(database, account)
    assert not processes.of()


@pytest.mark.usefixtures("in_processes")
async def test_nothing_that_is_an_export_is_told_with_its_reason(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = exports.written(tmp_path / "a.zip", exports.zipped({"conversations.json": [{"colour": "red"}]}))
    with pytest.raises(errors.ExportUnknown, match="colour"):
        await bring(database, account, settings, path)


VERSIONS = [
    exports.chatgpt_conversation("old", [("user", "a")] * 3, name=1, update_time=exports.TIME + 1),
    exports.chatgpt_conversation("new", [("user", "b")] * 2, name=1, update_time=exports.TIME + 2),
    exports.chatgpt_conversation("same time and size", [("user", "c")] * 2, name=1, update_time=exports.TIME + 2),
]


@pytest.mark.usefixtures("in_processes")
async def test_of_versions_in_several_members_the_order_decides_nothing(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    kept = set()
    for number, order in enumerate((VERSIONS, VERSIONS[::-1], [*VERSIONS[1:], VERSIONS[0]])):
        account = await add_account(database)
        for place, version in enumerate(order):
            padding = [exports.chatgpt_conversation(f"{place}", [("user", "x" * 50_000 * place)])]
            exports.written(tmp_path / str(number) / f"conversations-00{place}.json", [*padding, version])
        await bring(database, account, settings, tmp_path / str(number))
        [stored] = {(row[1], row[4]) for row in await rows(database, account) if row[1] not in ("0", "1", "2")}
        kept.add(stored)
    assert len(kept) == 1
    assert kept.pop()[1] == 2


@pytest.mark.usefixtures("in_processes")
async def test_what_is_not_to_be_remembered_is_gone_whichever_version_comes_last(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    private = exports.chatgpt_conversation("private", [("user", "a")], name=1)
    exports.written(tmp_path / "e" / "conversations-000.json", [private | {"is_do_not_remember": True}])
    exports.written(tmp_path / "e" / "conversations-001.json", [private, exports.chatgpt_conversation("other")])
    await bring(database, account, settings, tmp_path / "e")
    assert {row[1] for row in await rows(database, account)} == {"other"}


@pytest.mark.usefixtures("in_processes")
async def test_a_reader_that_dies_ends_the_import_and_the_next_goes_on(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = shards(tmp_path)

    def kill(progress: importing.Progress) -> None:
        if progress.conversations:
            for each in processes.of():
                each.kill()

    with pytest.raises(errors.ReaderDied, match="signal 9"):
        await bring(database, account, settings, path, progress=kill)
    assert not processes.of()
    row = await one(database, account, Import)
    assert (row.status, "is kept" in row.error) == ("failed", True)
    kept = len(await rows(database, account))
    assert 0 < kept < ALL
    report = await bring(database, account, settings, path)
    assert report.import_id == row.id
    assert (report.imported, report.unchanged, report.conversations) == (ALL, 0, ALL)


@pytest.mark.usefixtures("in_processes")
async def test_cancelling_ends_the_readers_and_keeps_whole_batches(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = shards(tmp_path)
    under_way = asyncio.Event()

    def progress(progress: importing.Progress) -> None:
        if progress.conversations:
            under_way.set()

    task = asyncio.create_task(bring(database, account, settings, path, progress=progress))
    await under_way.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    row = await one(database, account, Import)
    assert (row.status, row.error[:17]) == ("failed", "It was cancelled;")
    assert not processes.of()
    assert not [*settings.home.glob("import-*")]
    kept = Counter(row[1].split("-")[0] for row in await rows(database, account))
    assert {*kept.values()} == {EACH}
    assert {str(number) for number, finished in (await members(database, account)).items() if finished} == {*kept}
    report = await bring(database, account, settings, path)
    assert (report.import_id, report.imported, report.seen) == (row.id, ALL, ALL)


async def test_a_whole_import_is_known_and_begun_anew(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = exports.written(tmp_path / "a.json", [exports.chatgpt_conversation("a")])
    fingerprint = importing.fingerprint([path])
    assert not await importing.is_imported(database, account, fingerprint)
    first = await bring(database, account, settings, path)
    assert await importing.is_imported(database, account, fingerprint)
    assert not await importing.is_imported(database, account, "another")
    second = await bring(database, account, settings, path)
    assert first.import_id != second.import_id
    assert (second.imported, second.unchanged) == (0, 1)


async def test_what_a_dead_import_left_in_the_home_is_removed(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    alive = uuid.uuid4()
    left = [exports.written(settings.home / f"import-{each}" / "x.zip", b"x") for each in (alive, uuid.uuid4())]
    path = exports.written(tmp_path / "a.json", [exports.chatgpt_conversation("a")])
    async with database.hold(f"import:{alive}"):
        await bring(database, account, settings, path)
    assert [each.exists() for each in left] == [True, False]


async def test_kill_on_the_command_line_and_the_same_command_again(
    database: Database, settings: Settings, tmp_path: Path
) -> None:
    """What is finished isn't read a second time: by then it says something else, and nobody notices."""
    async with database.session() as session:
        await session.execute(delete(Account).where(Account.id == accounts.LOCAL))  # and all that other tests made
    account = await accounts.local(database)
    path = shards(tmp_path)
    url = database.url.render_as_string(hide_password=False)
    process = await command(path, settings.home, url)
    while not any((await members(database, account)).values()):
        assert process.returncode is None
    process.kill()
    await process.communicate()
    read = {number for number, finished in (await members(database, account)).items() if finished}
    assert 0 < len(read) < SHARDS
    for number in read:
        rewrite(path / f"conversations-{number:03}.json")
    process = await command(path, settings.home, url)
    await process.communicate()
    assert process.returncode == 0
    texts = Counter(row[8][:7] for row in await rows(database, account))
    assert texts == {"message": ALL}
    assert len(await members(database, account)) == SHARDS
    assert (await one(database, account, Import)).report["imported"] == ALL


async def command(path: Path, home: Path, url: str) -> asyncio.subprocess.Process:
    environment = os.environ | {"SOULPRINT_HOME": str(home), "SOULPRINT_DATABASE_URL": url}
    arguments = ["-m", "soulprint", "import", "--no-pass", "--json", str(path)]
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=pipe, stderr=pipe, env=environment)


def rewrite(path: Path) -> None:
    """Other content that looks the same from outside."""
    status = path.stat()
    path.write_bytes(path.read_bytes().replace(b"message", b"changed"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


ORPHANED = """
import asyncio, sys, uuid
from pathlib import Path
from soulprint import importing
from soulprint.database import Database
from soulprint.importing.engine import readers
from soulprint.settings import Settings

readers.WORTH_IT, readers.TASK_BYTES, readers.PROCESSES = 0, 1, 2

async def main(url, account, path, home):
    settings = Settings.model_validate({"home": home, "database_url": url})
    say = lambda progress: print(progress.conversations, flush=True)
    database, account = Database(url), uuid.UUID(account)
    async with importing.begun(database, account, "a") as import_id:
        await importing.run(database, account, import_id, [Path(path)], settings, say)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_readers_end_with_the_process_they_read_for(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    url = database.url.render_as_string(hide_password=False)
    arguments = ["-c", ORPHANED, url, str(account), str(shards(tmp_path)), str(settings.home)]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    while int(await process.stdout.readline()) == 0:
        pass
    orphans = processes.of(psutil.Process(process.pid))
    assert orphans
    process.kill()
    await process.wait()
    gone, alive = await asyncio.to_thread(psutil.wait_procs, orphans, 30)
    assert (len(gone), alive) == (len(orphans), [])

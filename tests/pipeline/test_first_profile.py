from __future__ import annotations

import asyncio
import uuid
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, update

from soulprint import errors, pipeline, sections
from soulprint.database import Database
from soulprint.pipeline import first_profile
from soulprint.records import Import, ProfileVersion, Run, UserProfile
from soulprint.settings import Settings
from tests.importing import exports
from tests.rows import add_conversation

pytestmark = pytest.mark.anyio

SAID = ("I live in Lyon with my partner Théo and our cat.", "I'm allergic to hazelnuts, so no praline please.")


def export(path: Path, *titles: str) -> Path:
    talks = [exports.chatgpt_conversation(title, [("user", text) for text in SAID]) for title in titles]
    path.write_bytes(exports.zipped({"conversations.json": exports.as_written(talks)}))
    return path


async def hand_over(
    database: Database, account: uuid.UUID, settings: Settings, path: Path, *, profile: bool = True
) -> pipeline.Outcome:
    return await pipeline.import_export(database, account, settings, [path], names=path.name, profile=profile)


async def rows(database: Database, account: uuid.UUID, table: type[Run | Import | ProfileVersion]) -> int:
    async with database.session(account) as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_an_export_becomes_a_profile(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    outcome = await hand_over(database, account, settings, export(tmp_path / "a.zip", "One", "Two"))
    assert (outcome.report.imported, outcome.version) == (2, 1)
    async with database.session(account) as session:
        row = (await session.scalars(select(UserProfile))).one()
        version = await sections.current(session)
    assert (row.import_status, row.current_version) == ("complete", 1)
    assert "I live in Lyon" in (row.soulprint_text or "")
    assert version is not None
    assert version.conversations_total == 2


@pytest.mark.parametrize("kind", ["quick", "full"])
async def test_what_is_not_to_be_remembered_leaves_the_profile_too(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path, kind: str
) -> None:
    await hand_over(database, account, settings, export(tmp_path / "a.zip", "One", "Two"))
    async with database.session(account) as session:
        await session.execute(update(ProfileVersion).values(kind=kind))
    marked = [exports.chatgpt_conversation(title, is_do_not_remember=True) for title in ("One", "Two")]
    outcome = await hand_over(database, account, settings, exports.written(tmp_path / "b.json", marked))
    assert (outcome.report.removed, outcome.version) == (2, 2)
    async with database.session(account) as session:
        row = (await session.scalars(select(UserProfile))).one()
    assert "Lyon" not in (row.soulprint_text or "")


async def test_importing_the_same_again_makes_no_new_version(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = export(tmp_path / "a.zip", "One")
    await hand_over(database, account, settings, path)
    again = await hand_over(database, account, settings, path)
    assert (again.report.unchanged, again.version) == (1, 1)
    assert await rows(database, account, ProfileVersion) == 1


async def test_new_conversations_make_the_next_version(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    await hand_over(database, account, settings, export(tmp_path / "a.zip", "One"))
    more = await hand_over(database, account, settings, export(tmp_path / "b.zip", "One", "Two"))
    assert (more.report.imported, more.version) == (1, 2)


async def test_an_import_without_a_pass_leaves_the_profile_as_it_is(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    outcome = await hand_over(database, account, settings, export(tmp_path / "a.zip", "One"), profile=False)
    assert (outcome.report.imported, outcome.version) == (1, None)
    assert await rows(database, account, Run) == 0


async def test_a_file_that_is_no_export_fails_the_run_with_its_reason(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("buy milk")
    with pytest.raises(errors.ExportUnknown):
        await hand_over(database, account, settings, path)
    status = await pipeline.status(database, account, settings)
    assert status.stage == "failed"
    assert status.import_ is not None
    assert status.run is not None
    assert "not a chat export" in (status.import_.error or "")
    assert status.run.error == status.import_.error


async def test_a_run_whose_process_died_is_neither_stuck_nor_in_the_way(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    path = export(tmp_path / "a.zip", "One")
    await hand_over(database, account, settings, path, profile=False)
    async with database.session(account) as session:
        await session.execute(insert(Run).values(id=uuid.uuid4(), user_id=account, kind="quick", model="local"))
    status = await pipeline.status(database, account, settings)
    assert status.run is not None
    assert (status.run.status, status.stage) == ("failed", "failed")
    assert "interrupted" in (status.run.error or "")
    assert (await hand_over(database, account, settings, path)).version == 1


async def test_a_run_at_work_is_not_disturbed(database: Database, account: uuid.UUID, settings: Settings) -> None:
    async with first_profile.working(database, account, settings):
        with pytest.raises(errors.PassRunning):
            await pipeline.quick_profile(database, account, settings)
        status = await pipeline.status(database, account, settings)
    assert status.stage == "profiling"


async def test_status_of_nothing(database: Database, account: uuid.UUID, settings: Settings) -> None:
    status = await pipeline.status(database, account, settings)
    assert (status.stage, status.version, status.conversations, status.model) == ("empty", None, 0, "local")


async def test_watching_tells_each_change_once(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path
) -> None:
    watching = pipeline.watch(database, account, settings)
    assert (await anext(watching)).stage == "empty"
    await hand_over(database, account, settings, export(tmp_path / "a.zip", "One"))
    assert (await anext(watching)).stage == "ready"
    async with database.session(account) as session:
        await session.execute(update(Run).values(note="Something to know."))
    changed = await anext(watching)
    assert changed.run is not None
    assert changed.run.note == "Something to know."


async def test_all_who_watch_see_each_change_and_are_looked_for_once(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    watching = pipeline.Watching()
    first, second = (watching.status(database, account, settings) for _ in range(2))
    assert (await anext(first)).conversations == (await anext(second)).conversations == 0
    looking = [task for task in asyncio.all_tasks() if "_look" in repr(task.get_coro())]
    assert len(looking) == 1
    async with database.session(account) as session:
        await add_conversation(session, account)
    assert {(await anext(one)).conversations for one in (first, second)} == {1}
    await first.aclose()
    assert not looking[0].done()
    await second.aclose()
    await asyncio.wait(looking)
    again = watching.status(database, account, settings)
    assert (await anext(again)).conversations == 1
    await again.aclose()


async def test_each_who_watches_is_told_of_their_own_account_with_the_settings_they_have(
    database: Database, account: uuid.UUID, stranger: uuid.UUID, settings: Settings
) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account)
    watching, chosen = pipeline.Watching(), settings.model_copy(update={"model": "ollama:small"})
    async with AsyncExitStack() as stack:
        told = []
        for asked in ((account, settings), (account, chosen), (stranger, settings)):
            watched = await stack.enter_async_context(aclosing(watching.status(database, *asked)))
            told.append(await anext(watched))
    assert [one.conversations for one in told] == [1, 1, 0]
    assert [one.model for one in told] == ["local", "ollama:small", "local"]

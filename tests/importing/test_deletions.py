from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from soulprint import importing
from soulprint.database import Database
from soulprint.importing import deletions, formats
from soulprint.records import Conversation, Fact, FactSource, Import, Message
from soulprint.settings import Settings
from tests import rows
from tests.importing import exports

pytestmark = pytest.mark.anyio

DAY = 86_400.0
TALKS = [
    exports.chatgpt_conversation(title, [("user", f"I like {title}.")], time=1.7e9 + number * DAY)
    for number, title in enumerate(("apples", "pears", "plums", "figs"))
]


class Importer:
    """Imports lists of conversations, each as an export of its own."""

    def __init__(self, database: Database, account: uuid.UUID, settings: Settings) -> None:
        self._database = database
        self._account = account
        self._settings = settings

    async def bring(self, *files: object, name: str = "conversations.json") -> uuid.UUID:
        folder = self._settings.home / uuid.uuid4().hex
        paths: list[Path] = [exports.written(folder / f"{number}" / name, file) for number, file in enumerate(files)]
        async with importing.begun(self._database, self._account, name) as import_id:
            await importing.run(self._database, self._account, import_id, paths, self._settings)
        return import_id

    async def missing(self) -> importing.Missing:
        async with self._database.session(self._account) as session:
            return await importing.missing(session)

    async def titles(self) -> list[str | None]:
        return [each.title for each in (await self.missing()).conversations]

    async def lacking(self, *files: object, name: str = "conversations.json") -> list[str | None]:
        """What is missing after these."""
        await self.bring(*files, name=name)
        return await self.titles()


@pytest.fixture
def importer(database: Database, account: uuid.UUID, settings: Settings) -> Importer:
    return Importer(database, account, settings)


async def test_what_an_export_no_longer_carries_is_offered(importer: Importer) -> None:
    assert await importer.lacking(TALKS) == []
    assert await importer.lacking([TALKS[0], *TALKS[2:]]) == ["pears"]
    missing = await importer.missing()
    assert (missing.conversations[0].message_count, missing.carried, missing.is_likely_a_part) == (1, 3, False)
    assert await importer.lacking([TALKS[0], TALKS[3]]) == ["plums", "pears"]
    assert await importer.lacking(TALKS) == []


async def test_it_is_the_newest_export_that_says_so_whichever_is_read_last(importer: Importer) -> None:
    await importer.bring(TALKS)
    newest = [TALKS[0], *TALKS[2:]]
    assert await importer.lacking(newest) == ["pears"]
    assert await importer.lacking(TALKS[:3]) == ["pears"]
    assert await importer.lacking(newest) == ["pears"]
    missing = await importer.missing()
    assert (missing.carried, missing.is_likely_a_part) == (3, False)


async def test_what_only_an_older_export_brings_is_missing_from_the_newest(importer: Importer) -> None:
    assert await importer.lacking([TALKS[0], *TALKS[2:]]) == []
    assert await importer.lacking(TALKS[:2]) == ["pears"]


async def test_without_overlap_nothing_is_offered(importer: Importer) -> None:
    await importer.bring(TALKS[:2])
    assert await importer.lacking(TALKS[2:]) == []


async def test_what_is_newer_than_the_export_is_not_missing(importer: Importer) -> None:
    await importer.bring(TALKS)
    assert await importer.lacking(TALKS[:2]) == []


async def test_undated_conversations_are_not_missing(importer: Importer) -> None:
    undated = exports.chatgpt_conversation("undated", [exports.chatgpt_message("user", "Hi", None)])
    await importer.bring([*TALKS, undated | {"create_time": None, "update_time": None}])
    assert await importer.lacking(TALKS) == []


@pytest.mark.parametrize("flaw", [{"mapping": None}, {"mapping": {"a": {"message": 3}}, "current_node": "gone"}])
async def test_an_export_with_flaws_offers_nothing_where_something_failed(
    importer: Importer, flaw: dict[str, Any]
) -> None:
    await importer.bring(TALKS)
    cut_off = exports.as_written([TALKS[0], TALKS[3], TALKS[1] | flaw])[:-20]
    assert await importer.lacking(cut_off) == []


async def test_a_missing_shard_offers_nothing(importer: Importer) -> None:
    await importer.bring(TALKS)
    manifest = {"files": [{"name": "conversations-000.json"}, {"name": "conversations-001.json"}]}
    shards = {"conversations-000.json": [TALKS[0], TALKS[3]], "export_manifest.json": manifest}
    assert await importer.lacking(exports.zipped(shards), name="export.zip") == []


async def test_a_file_that_lacks_more_than_it_carries_is_likely_a_part(importer: Importer) -> None:
    await importer.bring(TALKS)
    await importer.bring([TALKS[3]])
    missing = await importer.missing()
    assert (len(missing.conversations), missing.carried, missing.is_likely_a_part) == (3, 1, True)


async def test_a_file_that_lacks_only_what_is_older_is_likely_a_part(importer: Importer) -> None:
    await importer.bring(TALKS)
    await importer.bring(TALKS[2:])
    missing = await importer.missing()
    assert (len(missing.conversations), missing.is_likely_a_part) == (2, True)


async def test_one_providers_export_says_nothing_of_anothers(importer: Importer) -> None:
    claude = exports.claude_conversation("elsewhere")
    await importer.bring(TALKS, [claude])
    assert await importer.lacking([TALKS[0], *TALKS[2:]]) == ["pears"]


async def test_sessions_that_a_program_clears_away_are_not_offered(
    importer: Importer, database: Database, account: uuid.UUID
) -> None:
    assert {*deletions.KEPT_AT_HOME} <= {each.NAME for each in formats.FORMATS}
    await importer.bring(TALKS)
    async with database.session(account) as session:
        await session.execute(update(Conversation).values(provider=deletions.KEPT_AT_HOME[0]))
    assert await importer.lacking([TALKS[0], TALKS[3]]) == []


async def test_deleting_takes_what_was_made_of_it_along(
    importer: Importer, database: Database, account: uuid.UUID
) -> None:
    await importer.bring(TALKS)
    async with database.session(account) as session:
        for message in (await session.scalars(select(Message))).all():
            await rows.add_fact(session, [message], message.text)
    await importer.bring([TALKS[0], TALKS[3]])
    pears = (await importer.missing()).conversations[1]
    async with database.session(account) as session:
        assert await importing.delete_gone(session, account, [pears.id, uuid.uuid4()]) == 1
        assert await importing.delete_gone(session, account, [uuid.UUID(TALKS[0]["id"])]) == 0
    assert await importer.titles() == ["plums"]
    async with database.session(account) as session:
        for record in (Conversation, Message, FactSource):
            assert await session.scalar(select(func.count()).select_from(record)) == 3
        assert await session.scalar(select(func.count()).select_from(Fact)) == 3


async def test_what_is_deleted_stays_so_unless_it_is_newer(
    importer: Importer, database: Database, account: uuid.UUID
) -> None:
    await importer.bring(TALKS)
    await importer.bring([TALKS[0], TALKS[3]])
    async with database.session(account) as session:
        assert await importing.delete_gone(session, account) == 2
    went_on = TALKS[1] | {"update_time": 1.75e9}
    import_id = await importer.bring([TALKS[0], went_on, *TALKS[2:]])
    async with database.session(account) as session:
        assert {*await session.scalars(select(Conversation.title))} == {"apples", "pears", "figs"}
        assert ((await session.get_one(Import, import_id)).report or {})["skipped"] == {"forgotten": 1}


async def test_what_is_kept_is_not_offered_again(importer: Importer, database: Database, account: uuid.UUID) -> None:
    await importer.bring(TALKS)
    await importer.bring([TALKS[0], TALKS[3]])
    async with database.session(account) as session:
        assert await importing.keep_gone(session) == 2
    assert await importer.titles() == []
    assert await importer.lacking([TALKS[0], TALKS[3]]) == []
    await importer.bring(TALKS)
    assert await importer.lacking([TALKS[0], TALKS[3]]) == ["plums", "pears"]


async def test_another_account_sees_nothing_missing(importer: Importer, database: Database) -> None:
    await importer.bring(TALKS)
    await importer.bring([TALKS[0], TALKS[3]])
    other = uuid.uuid4()
    async with database.session(other) as session:
        assert not (await importing.missing(session)).conversations
        assert await importing.delete_gone(session, other) == 0
    assert len(await importer.titles()) == 2


async def test_the_report_counts_by_provider(importer: Importer, database: Database, account: uuid.UUID) -> None:
    await importer.bring(TALKS, [exports.claude_conversation("elsewhere")])
    async with database.session(account) as session:
        report = (await session.scalars(select(Import.report))).one()
    assert report
    assert report["providers"] == {"chatgpt": 4, "claude": 1}

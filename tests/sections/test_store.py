from __future__ import annotations

import json
import uuid

import pytest
from sqlalchemy import select

from soulprint import errors, sections
from soulprint.database import Database
from soulprint.records import UserProfile, VersionKind
from soulprint.records.sections import Line, MemoryPart, User
from tests import rows
from tests.rows import make_draft

pytestmark = pytest.mark.anyio


async def publish(database: Database, account: uuid.UUID, location: str) -> int:
    async with database.session(account) as session:
        return await sections.publish(session, account, make_draft(location=location), VersionKind.QUICK)


async def publish_and_fail(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await sections.publish(session, account, make_draft(location="I moved."), VersionKind.QUICK)
        raise RuntimeError


async def test_nothing_is_current_before_the_first_version(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        assert await sections.current(session) is None
        assert await sections.current_number(session) is None


async def test_a_published_version_reads_back_whole(database: Database, account: uuid.UUID) -> None:
    number = await publish(database, account, "I moved to Lyon.")
    async with database.session(account) as session:
        version = await sections.current(session)
    assert version is not None
    draft = make_draft()
    assert (number, version.number, version.kind) == (1, 1, VersionKind.QUICK)
    assert (version.sections, version.memory) == (draft.sections, draft.memory)


async def test_a_second_version_takes_over_and_the_first_stays(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, "I live in Leeds.")
    assert await publish(database, account, "I moved to Lyon.") == 2
    async with database.session(account) as session:
        row = (await session.scalars(select(UserProfile))).one()
    assert row.current_version == 2
    assert json.loads(row.user_md or "") == {"location": "I moved to Lyon.", "interests": ["I bake.", "I run."]}
    assert json.loads(row.agents_md or "") == {}
    assert "I moved to Lyon." in (row.soulprint_text or "")


async def test_a_failure_leaves_the_old_version(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, "I live in Leeds.")
    with pytest.raises(RuntimeError):
        await publish_and_fail(database, account)
    async with database.session(account) as session:
        version = await sections.current(session)
    assert version is not None
    assert version.number == 1


async def test_every_version_can_be_read_by_its_number(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, "I live in Leeds.")
    await publish(database, account, "I moved to Lyon.")
    async with database.session(account) as session:
        first = await sections.version(session, 1)
        found = await sections.versions(session)
        with pytest.raises(errors.NotFound, match="no version here"):
            await sections.version(session, 3)
    assert first.sections.user.location[0].text == "I live in Leeds."
    assert [version.number for version in found] == [2, 1]


async def test_nobody_reads_the_versions_of_another(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, "I live in Leeds.")
    async with database.session(uuid.uuid4()) as session:
        assert await sections.versions(session) == []
        with pytest.raises(errors.NotFound):
            await sections.version(session, 1)


async def test_quotes_whose_messages_are_gone_are_counted(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        _, (message,) = await rows.add_conversation(session, account, ["I moved to Lyon."])
        line = Line(text="Lives in Lyon.", sources=(rows.make_quote(message_id=message.id),))
        draft = rows.make_draft().model_copy(update={"memory": [MemoryPart(title="Preferences", lines=[line])]})
        lost = draft.model_copy(update={"sections": draft.sections.model_copy(update={"user": User()})})
        await sections.publish(session, account, lost, VersionKind.FULL)
        assert await sections.unfounded(session) == 0
        await session.delete(message)
        await session.flush()
        assert await sections.unfounded(session) == 1

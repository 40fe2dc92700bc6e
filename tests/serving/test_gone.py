"""Conversations that an export doesn't carry any more, at every door."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from soulprint import errors, importing, pipeline, sections
from soulprint.database import Database
from soulprint.records import Conversation, Import, Message, Status, VersionKind
from soulprint.records.sections import Line
from soulprint.settings import Settings
from tests import rows
from tests.importing import exports
from tests.serving.conftest import HOSTILE, Live
from tests.serving.test_pages import shown

pytestmark = pytest.mark.anyio

TALKS = [
    exports.chatgpt_conversation(title, [("user", f"I moved to Lyon in {number}.")], time=1.7e9 + number * 86_400)
    for number, title in enumerate(("first", HOSTILE, "third", "last"))
]


@pytest.fixture
async def second(database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path) -> None:
    """The second of two imports, with a profile; it lacks the hostile conversation."""
    for name, talks in (("one.json", TALKS), ("two.json", [TALKS[0], *TALKS[2:]])):
        path = exports.written(tmp_path / name, talks)
        await pipeline.import_export(database, account, settings, [path], names=name)


async def kept(database: Database, account: uuid.UUID) -> int:
    async with database.session(account) as session:
        return await session.scalar(select(func.count()).select_from(Conversation)) or 0


async def test_they_are_offered_and_deleted_only_when_asked(
    live: Live, second: None, database: Database, account: uuid.UUID
) -> None:
    address = "/api/v1/gone"
    page = await shown(live, "/")
    assert "1 conversation is not in the newest export" in page.text
    assert HOSTILE[:60] in page.text
    assert {"DELETE", "POST"} <= {button.get("data-send") for button in page.named("button")}
    found = (await live.visitor.get(address)).json()
    assert (found["carried"], found["is_likely_a_part"]) == (3, False)
    [lacking] = found["conversations"]
    assert lacking["title"] == HOSTILE
    assert await kept(database, account) == 4
    other = (await live.visitor.delete(f"{address}?id={uuid.uuid4()}")).json()
    assert other == {"deleted": 0}
    assert (await live.visitor.delete(f"{address}?id={lacking['id']}")).json() == {"deleted": 1}
    assert await kept(database, account) == 3
    assert (await live.visitor.get(address)).json()["conversations"] == []
    assert (await live.visitor.get(f"/conversations/{lacking['id']}")).status_code == 404


async def test_they_are_kept_for_good(live: Live, second: None, database: Database, account: uuid.UUID) -> None:
    assert (await live.visitor.post("/api/v1/gone/keep")).json() == {"kept": 1}
    assert "newest export" not in (await shown(live, "/progress")).text
    assert await kept(database, account) == 4


async def test_the_profile_rests_on_them_no_more(
    second: None, database: Database, account: uuid.UUID, settings: Settings
) -> None:
    before = (await pipeline.status(database, account, settings)).version
    assert before
    assert await pipeline.forget_gone(database, account, settings) == 1
    renewed = await pipeline.renew(database, account, settings)
    assert (renewed.made, renewed.version, renewed.follows) == (True, before + 1, False)


async def test_a_version_that_rests_on_all_is_written_anew_by_a_full_pass(
    second: None, database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with database.session(account) as session:
        [gone] = (await importing.missing(session)).conversations
        message = (await session.scalars(select(Message.id).where(Message.conversation_id == gone.id))).one()
        quote = rows.make_quote(TALKS[1]["title"], message_id=message)
        draft = rows.make_draft()
        draft.sections.user.location = [Line(text="She moved.", sources=[quote])]
        await sections.publish(session, account, draft, VersionKind.FULL)
    assert await pipeline.forget_gone(database, account, settings) == 1
    few = await pipeline.renew(database, account, settings)
    assert (few.made, few.follows) == (False, False)
    assert few.why_not
    renewed = await pipeline.renew(database, account, settings.model_copy(update={"full_pass_threshold": 1}))
    assert (renewed.made, renewed.follows) == (False, True)


async def test_nothing_is_deleted_under_work(
    second: None, database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with importing.begun(database, account, "another"):
        with pytest.raises(errors.ImportRunning):
            await pipeline.forget_gone(database, account, settings)
    assert await kept(database, account) == 4


async def test_what_was_read_long_ago_can_still_be_told(live: Live, database: Database, account: uuid.UUID) -> None:
    old: dict[str, Any] = {"seen": 2, "imported": 2, "messages": {"user": 3, "assistant": 1}, "user_characters": 9}
    async with database.session(account) as session:
        session.add(Import(user_id=account, names="old.zip", status=Status.COMPLETE, report=old))
    text = (await shown(live, "/progress")).text
    assert "2 new conversations are in." in text
    assert "2 seen = 2 new" in text

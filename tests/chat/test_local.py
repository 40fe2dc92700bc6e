from __future__ import annotations

import uuid

import pytest

from soulprint import chat, indexing, sections
from soulprint.database import Database
from soulprint.records import VersionKind
from soulprint.settings import Settings
from tests.chat.talking import ask, said
from tests.rows import add_conversation, make_draft

pytestmark = pytest.mark.anyio


@pytest.fixture
async def history(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["I moved to Lyon last week"], title="Boxes")
        await add_conversation(session, account, ["My cat Rivet hates cardboard"], title="Cats")
        await sections.publish(session, account, make_draft(), VersionKind.QUICK)
    await indexing.index_all(database, account)


@pytest.mark.usefixtures("history")
async def test_an_answer_quotes_the_profile_and_the_history(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    events = await ask(database, account, settings, "When did I move to Lyon?")
    sources, done = events[1], events[-1]
    assert isinstance(sources, chat.Sources)
    assert [source.text for source in sources.sources] == ["I moved to Lyon last week"]
    assert said(events) == (
        "**From your profile**\n\n- “I moved to Lyon.” (May 2024)\n\n**From your conversations**\n\n"
        "You on 12 May 2024 in “Boxes” [1]\n\n> I moved to Lyon last week\n\n"
    )
    assert isinstance(done, chat.Done)


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("question", ["Where do I live?", "what is my home town"])
async def test_a_question_is_met_by_the_field_it_asks_for(
    database: Database, account: uuid.UUID, settings: Settings, question: str
) -> None:
    assert "- “I moved to Lyon.” (May 2024)" in said(await ask(database, account, settings, question))


@pytest.mark.usefixtures("history")
async def test_what_nobody_said_is_not_answered(database: Database, account: uuid.UUID, settings: Settings) -> None:
    assert said(await ask(database, account, settings, "zebra?")).startswith("Nothing in your history uses these words")


async def test_without_any_import_the_answer_says_so(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    assert said(await ask(database, account, settings, "Who am I?")).startswith("Nothing is imported yet")

"""Version 2 from the rows that are there, by either engine."""

from __future__ import annotations

import hashlib
import uuid

import pytest

from soulprint import memory, sections
from soulprint.database import Database
from soulprint.records import Extraction, VersionKind
from soulprint.records.sections import Draft, Identity, Quote
from soulprint.settings import Settings
from tests.model_server import ModelServer
from tests.model_server.fixtures import changed
from tests.rows import add_conversation, add_fact, add_run, make_draft

pytestmark = pytest.mark.anyio


@pytest.fixture
async def run(database: Database, account: uuid.UUID) -> uuid.UUID:
    """A pass that has read three of four conversations."""
    async with database.session(account) as session:
        for text, outcome in (
            ("I live in Lyon.", "read"),
            ("Thanks!", "trivial"),
            ("I bake.", "failed"),
            ("I run.", ""),
        ):
            conversation, said = await add_conversation(session, account, [text])
            if outcome:
                session.add(
                    Extraction(
                        conversation_id=conversation.id,
                        user_id=account,
                        content_hash=hashlib.sha256().digest(),
                        engine="test",
                        outcome=outcome,
                    )
                )
            if outcome == "read":
                await add_fact(session, said, "I live in Lyon.")
        return await add_run(session, account)


async def written(db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID) -> Draft:
    parts = (await memory.write(db, account, settings, run)).memory
    return await sections.draft(db, account, settings, run, parts)


async def test_a_draft_says_what_it_was_made_from(
    database: Database, account: uuid.UUID, model_settings: Settings, run: uuid.UUID, model_server: ModelServer
) -> None:
    draft = await written(database, account, changed(model_settings, model_merge="local"), run)
    assert (draft.conversations_read, draft.conversations_total) == (2, 4)
    assert set(draft.prompts) == {"extract", "memory", "sections"}
    assert len(draft.memory) == 5
    assert "[f" in model_server.requests[-1].asked.text
    assert len(model_server.requests) == 2


@pytest.mark.parametrize("model", ["openai:gpt-5-mini", "local"])
async def test_the_assistant_keeps_its_name(
    database: Database, account: uuid.UUID, model_settings: Settings, run: uuid.UUID, model: str
) -> None:
    settings = changed(model_settings, model=model)
    first = await written(database, account, settings, run)
    assert first.sections.identity.ai_name[0].text not in ("", "Juniper")
    async with database.session(account) as session:
        await sections.publish(session, account, make_draft(), VersionKind.QUICK)
    second = await written(database, account, settings, run)
    assert [line.text for line in second.sections.identity.ai_name] == ["Juniper"]


async def test_an_assistant_without_a_name_is_given_one(
    database: Database, account: uuid.UUID, model_settings: Settings, run: uuid.UUID
) -> None:
    nameless = make_draft()
    nameless = nameless.model_copy(update={"sections": nameless.sections.model_copy(update={"identity": Identity()})})
    async with database.session(account) as session:
        await sections.publish(session, account, nameless, VersionKind.QUICK)
    draft = await written(database, account, model_settings, run)
    assert draft.sections.identity.ai_name


async def test_the_local_engine_writes_version_two_as_well(
    database: Database, account: uuid.UUID, model_settings: Settings, run: uuid.UUID, model_server: ModelServer
) -> None:
    draft = await written(database, account, changed(model_settings, model="local"), run)
    [location] = draft.sections.user.location
    assert all(isinstance(source, Quote) and source.fact_id for source in location.sources)
    assert (draft.model, draft.prompts, draft.conversations_read) == ("local", {}, 2)
    assert model_server.requests == []

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import select

from soulprint import errors, facts, indexing, recall, sections
from soulprint.database import Database
from soulprint.facts import changing
from soulprint.records import Conversation, FactStatus, Message, VersionKind
from soulprint.records.sections import Line, MemoryPart
from soulprint.settings import Settings
from tests.rows import add_conversation, add_fact, make_draft

pytestmark = pytest.mark.anyio


@pytest.fixture
async def fact(database: Database, account: uuid.UUID) -> int:
    """A fact on which a line of MEMORY rests, beside lines that rest on something else."""
    async with database.session(account) as session:
        _, messages = await add_conversation(session, account, ["I live in Leeds"])
        made = await add_fact(session, messages, "Lives in Leeds")
        [view] = await facts.by_ids(session, [made.id])
        draft = make_draft()
        own = MemoryPart(title="Decisions & Context", lines=[Line(text="Lives in Leeds", sources=tuple(view.sources))])
        draft = draft.model_copy(update={"memory": [*draft.memory, own]})
        await sections.publish(session, account, draft, VersionKind.FULL)
    return made.id


async def lines(database: Database, account: uuid.UUID) -> list[str]:
    async with database.session(account) as session:
        version = await sections.current(session)
    assert version is not None
    return [line.text for part in version.memory for line in part.lines]


async def test_what_is_told_is_proved_by_the_persons_words(
    database: Database, account: uuid.UUID, settings: Settings, fact: int
) -> None:
    async with database.session(account) as session:
        change = await changing.remember(session, account, "My password is hunter2-Hunter-77 and I live in Lyon")
        assert await sections.after(session, account, change) == 2
    assert "hunter2" not in change.fact.statement
    [proof] = change.fact.sources
    assert (proof.text, proof.title) == (change.fact.statement, "What you told SoulPrint")
    assert change.fact.statement in await lines(database, account)
    await indexing.index_all(database, account)
    found = await recall.recall(database, account, settings, "Lyon")
    assert change.fact.statement in [each.text for each in found.best]


async def test_a_rejected_fact_takes_its_lines_along_until_that_is_undone(
    database: Database, account: uuid.UUID, fact: int
) -> None:
    async with database.session(account) as session:
        change = await changing.reject(session, account, fact)
        assert await sections.after(session, account, change) == 2
    assert await lines(database, account) == ["I prefer metric units."]
    async with database.session(account) as session:
        undone = await changing.undo(session, account, change.id)
        assert await sections.after_undoing(session, account, undone) == 1
        assert (await facts.by_ids(session, [fact]))[0].status == FactStatus.ACTIVE
    assert "Lives in Leeds" in await lines(database, account)
    async with database.session(account) as session:
        with pytest.raises(errors.ChangeUndone):
            await changing.undo(session, account, change.id)


async def test_a_correction_stands_where_the_wrong_line_stood(
    database: Database, account: uuid.UUID, fact: int
) -> None:
    async with database.session(account) as session:
        change = await changing.correct(session, account, fact, "Lives in Lyon")
        await sections.after(session, account, change)
    assert await lines(database, account) == ["I prefer metric units.", "Lives in Lyon"]
    assert change.former is not None
    assert (change.former.status, change.fact.status, change.fact.about) == ("rejected", "pinned", "home")


async def test_a_change_is_undone_after_another_version_came(database: Database, account: uuid.UUID, fact: int) -> None:
    async with database.session(account) as session:
        change = await changing.correct(session, account, fact, "Lives in Lyon")
        await sections.after(session, account, change)
        other = await changing.remember(session, account, "Keeps bees")
        await sections.after(session, account, other)
    async with database.session(account) as session:
        undone = await changing.undo(session, account, change.id)
        await sections.after_undoing(session, account, undone)
    told = await lines(database, account)
    assert "Lives in Lyon" not in told
    assert {"Lives in Leeds", "Keeps bees"} <= {*told}


async def test_of_two_changes_the_later_is_undone_first(database: Database, account: uuid.UUID, fact: int) -> None:
    async with database.session(account) as session:
        first = await changing.pin(session, account, fact)
        second = await changing.reject(session, account, fact)
        with pytest.raises(errors.ChangeUndone):
            await changing.undo(session, account, first.id)
        await changing.undo(session, account, second.id)
        await changing.undo(session, account, first.id)
        assert (await facts.by_ids(session, [fact]))[0].status == FactStatus.ACTIVE


async def test_what_was_told_and_undone_leaves_nothing(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        change = await changing.remember(session, account, "I keep bees")
        await changing.undo(session, account, change.id)
        assert await facts.listed(session) == []
        assert [*await session.scalars(select(Message))] == []
        assert [*await session.scalars(select(Conversation))] == []


async def test_what_is_told_is_counted(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await changing.remember(session, account, "I keep bees")
        change = await changing.remember(session, account, "I keep hens")
        await changing.undo(session, account, change.id)
        [told] = await session.scalars(select(Conversation))
        assert (told.title, told.message_count) == ("What you told SoulPrint", 1)
        assert (told.user_messages, told.user_characters) == (1, len("I keep bees"))


@pytest.mark.parametrize("statement", ["", "  ", "?!"])
async def test_nothing_is_not_remembered(database: Database, account: uuid.UUID, statement: str) -> None:
    async with database.session(account) as session:
        with pytest.raises(errors.StatementEmpty):
            await changing.remember(session, account, statement)


async def test_facts_of_others_cannot_be_changed(database: Database, stranger: uuid.UUID, fact: int) -> None:
    async with database.session(stranger) as session:
        with pytest.raises(errors.NotFound):
            await changing.reject(session, stranger, fact)

"""Lines that the person writes: they stand on every later version, until they are taken back."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from soulprint import errors, facts, sections
from soulprint.database import Database
from soulprint.records import Conversation, LineEdit, VersionKind
from soulprint.records.sections import Draft, Line, MemoryPart, Quote
from soulprint.sections import Place
from soulprint.sections.edits import Edit, Text, applied
from tests.rows import add_conversation, add_fact, make_draft, make_line, make_quote

pytestmark = pytest.mark.anyio

LOCATION = Place("user", "location")
INTERESTS = Place("user", "interests")
PREFERENCES = Place("memory", "Preferences")


async def publish(database: Database, account: uuid.UUID, draft: Draft, kind: VersionKind = VersionKind.FULL) -> int:
    async with database.session(account) as session:
        return await sections.publish(session, account, draft, kind)


async def rewrite(
    database: Database, account: uuid.UUID, place: Place, former: str | None, text: str | None
) -> sections.Rewritten:
    async with database.session(account) as session:
        return await sections.rewrite(session, account, place, former, text)


async def undo(database: Database, account: uuid.UUID, edit: int | None) -> None:
    assert edit
    async with database.session(account) as session:
        await sections.undo(session, account, edit)


async def told(database: Database, account: uuid.UUID, place: Place) -> list[str]:
    async with database.session(account) as session:
        version = await sections.current(session)
    assert version
    lines = Text(version.sections, version.memory).lines(place)
    assert lines is not None
    return [line.text for line in lines]


async def test_a_line_is_written_otherwise_with_the_persons_words_as_its_source(
    database: Database, account: uuid.UUID
) -> None:
    await publish(database, account, make_draft())
    made = await rewrite(
        database, account, LOCATION, "I moved to Lyon.", "Lyon, since May, key sk-proj-4f9A8b7C6d5E4f3A2b1C0d9E"
    )
    assert (made.version, made.change) == (2, None)
    [line] = await told(database, account, LOCATION)
    assert line == "Lyon, since May, key [secret: api key]"
    async with database.session(account) as session:
        version = await sections.current(session)
        assert version
        assert version.kind == VersionKind.EDITED
        [source] = version.sections.user.location[0].sources
        assert isinstance(source, Quote)
        assert (source.text, source.title) == (line, "What you told SoulPrint")


async def test_edits_stand_on_what_a_later_pass_writes(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, make_draft(), VersionKind.QUICK)
    await rewrite(database, account, LOCATION, "I moved to Lyon.", "Lyon")
    await rewrite(database, account, INTERESTS, "I run.", None)
    await rewrite(database, account, INTERESTS, None, "I row")
    await rewrite(database, account, PREFERENCES, "I prefer metric units.", "Metric, always")
    await publish(database, account, make_draft())
    assert await told(database, account, LOCATION) == ["Lyon"]
    assert await told(database, account, INTERESTS) == ["I bake.", "I row"]
    assert await told(database, account, PREFERENCES) == ["Metric, always"]


async def test_a_line_that_a_pass_words_anew_is_the_same_line(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, make_draft())
    await rewrite(database, account, LOCATION, "I moved to Lyon.", "Lyon")
    again = make_draft()
    anew = Line(text="They live in Lyon now.", sources=make_line("I moved to Lyon.").sources)
    again.sections.user.location[:] = [anew, make_line("Before that in Leeds.")]
    await publish(database, account, again)
    assert await told(database, account, LOCATION) == ["Lyon", "Before that in Leeds."]


async def test_a_line_is_edited_again_and_each_edit_taken_back_in_turn(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, make_draft())
    first = await rewrite(database, account, LOCATION, "I moved to Lyon.", "Lyon")
    second = await rewrite(database, account, LOCATION, "Lyon", "Lyon, 7e")
    await publish(database, account, make_draft())
    assert await told(database, account, LOCATION) == ["Lyon, 7e"]
    with pytest.raises(errors.ChangeUndone):
        await undo(database, account, first.edit)
    await undo(database, account, second.edit)
    assert await told(database, account, LOCATION) == ["Lyon"]
    await undo(database, account, first.edit)
    assert await told(database, account, LOCATION) == ["I moved to Lyon."]
    await publish(database, account, make_draft())
    assert await told(database, account, LOCATION) == ["I moved to Lyon."]
    async with database.session(account) as session:
        assert not (await session.scalars(select(LineEdit))).all()
        assert not (await session.scalars(select(Conversation))).all()


async def test_what_was_added_or_taken_out_is_taken_back(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, make_draft())
    added = await rewrite(database, account, INTERESTS, None, "I row")
    taken = await rewrite(database, account, INTERESTS, "I run.", None)
    await undo(database, account, added.edit)
    await undo(database, account, taken.edit)
    assert {*await told(database, account, INTERESTS)} == {"I bake.", "I run."}


async def test_a_line_that_says_a_fact_changes_the_fact(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        _, messages = await add_conversation(session, account, ["I live in Leeds"])
        fact = await add_fact(session, messages, "Lives in Leeds")
        [view] = await facts.by_ids(session, [fact.id])
    line = Line(text="Lives in Leeds", sources=tuple(view.sources))
    draft = make_draft()
    draft.sections.user.location[:] = [line]
    await publish(database, account, draft.model_copy(update={"memory": [MemoryPart(title="Projects", lines=[line])]}))
    made = await rewrite(database, account, LOCATION, "Lives in Leeds", "Lives in Lyon")
    assert (made.edit, made.change is not None) == (None, True)
    assert await told(database, account, LOCATION) == ["Lives in Lyon"]
    assert await told(database, account, Place("memory", "Projects")) == ["Lives in Lyon"]
    async with database.session(account) as session:
        assert (await facts.by_ids(session, [fact.id]))[0].status == "rejected"


async def test_a_line_that_changed_in_another_tab_is_left_as_it_is(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, make_draft())
    await rewrite(database, account, LOCATION, "I moved to Lyon.", "Lyon")
    with pytest.raises(errors.LineChanged, match="another tab"):
        await rewrite(database, account, LOCATION, "I moved to Lyon.", "Leeds")
    assert await told(database, account, LOCATION) == ["Lyon"]


@pytest.mark.parametrize("place", [Place("user", "nothing"), Place("nobody", "name"), Place("memory", "Nowhere")])
async def test_what_is_no_part_of_a_profile_is_not_written_to(
    database: Database, account: uuid.UUID, place: Place
) -> None:
    with pytest.raises(errors.NotFound):
        await rewrite(database, account, place, None, "I row")
    await publish(database, account, make_draft())
    with pytest.raises(errors.NotFound):
        await rewrite(database, account, place, None, "I row")


async def test_an_older_version_is_used_again_as_it_was_made(database: Database, account: uuid.UUID) -> None:
    await publish(database, account, make_draft())
    await rewrite(database, account, LOCATION, "I moved to Lyon.", "Lyon")
    async with database.session(account) as session:
        before = await sections.version(session, 1)
        await sections.use(session, account, 1)
        assert await sections.current(session) == before
        assert [each.number for each in await sections.versions(session)] == [2, 1]
        assert [each.number for each in await sections.versions(session, before=2, limit=5)] == [1]
        await sections.use(session, account, 2)
    assert await told(database, account, LOCATION) == ["Lyon"]


async def test_edits_of_others_are_nobodys(database: Database, account: uuid.UUID, stranger: uuid.UUID) -> None:
    await publish(database, account, make_draft())
    made = await rewrite(database, account, LOCATION, "I moved to Lyon.", "Lyon")
    async with database.session(stranger) as session:
        with pytest.raises(errors.NotFound):
            await sections.undo(session, stranger, made.edit or 0)


words = st.sampled_from(["Lyon", "Leeds", "lyon!", "Rows", "Bakes"])
quotes = st.builds(lambda text, number: make_quote(text, message_id=number), words, st.integers(1, 4))
lines = st.builds(lambda text, quote: Line(text=text, sources=(quote,)), words, quotes)
pairs = st.tuples(st.none() | lines, st.none() | lines)


@given(there=st.lists(lines, max_size=5), made=st.lists(pairs, max_size=5))
def test_applied_twice_is_applied_once(there: list[Line], made: list[tuple[Line | None, Line | None]]) -> None:
    draft = make_draft()
    draft.sections.user.interests[:] = there
    edits = [Edit(number, INTERESTS, former, written) for number, (former, written) in enumerate(made)]
    once = applied(Text(draft.sections, draft.memory), edits)
    again = applied(once, edits)
    assert {line.text for line in once.lines(INTERESTS) or ()} == {line.text for line in again.lines(INTERESTS) or ()}
    if not edits:
        assert once.lines(INTERESTS) == there

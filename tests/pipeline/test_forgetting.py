"""Forgetting conversations: nothing that was said in them can be read anywhere afterwards."""

from __future__ import annotations

import uuid
from collections.abc import Collection

import pytest
from sqlalchemy import select, text

from soulprint import chat, errors, facts, indexing, pipeline, sections
from soulprint.chat import answering, finishing
from soulprint.chat import store as chats
from soulprint.database import Database
from soulprint.facts import Wanted
from soulprint.llm.roles import Role
from soulprint.llm.store import Entry, keep
from soulprint.records import Base, Conversation, VersionKind
from soulprint.records.recalled import Kind, Recalled, Turn
from soulprint.records.sections import Line, MemoryPart
from soulprint.sections import Place
from soulprint.settings import Settings
from tests.rows import add_conversation, add_fact, add_run, make_draft

pytestmark = pytest.mark.anyio

UNIQUE = "zyxqvob"
SAID = f"I keep a {UNIQUE} heron"


async def holding(database: Database, account: uuid.UUID, word: str) -> dict[str, int]:
    """The tables in which `word` stands anywhere, with how many rows."""
    async with database.session(account) as session:
        counts = {
            table.name: await session.scalar(
                text(f"select count(*) from {table.name} as held where lower(held::text) like :word"),
                {"word": f"%{word}%"},
            )
            for table in Base.metadata.tables.values()
            if table.name != "passage_vectors"
        }
    return {name: count for name, count in counts.items() if count}


@pytest.fixture
async def told(database: Database, account: uuid.UUID) -> Conversation:
    """A conversation that has left its traces everywhere, beside one that has nothing to do with it."""
    async with database.session(account) as session:
        held, messages = await add_conversation(session, account, [SAID], answered=[f"A {UNIQUE} heron!"], title=UNIQUE)
        _, others = await add_conversation(session, account, ["I live in Lyon"])
        fact = await add_fact(session, messages, SAID, about=f"{UNIQUE} heron")
        both = await add_fact(session, [*messages, *others], "Lives in Lyon")
        [own, shared] = await facts.by_ids(session, [fact.id, both.id])
        kept = f"Keeps a {UNIQUE} heron"
        lines = [Line(text=kept, sources=tuple(own.sources)), Line(text="Lives in Lyon", sources=tuple(shared.sources))]
        draft = make_draft().model_copy(update={"memory": [MemoryPart(title="Projects", lines=lines)]})
        await sections.publish(session, account, draft, VersionKind.FULL)
        await sections.rewrite(session, account, Place("memory", "Projects"), kept, "My heron is named Ada")
        await sections.publish(session, account, make_draft(), VersionKind.FULL)
        run = await add_run(session, account, status="complete")
        answer = Entry(b"k", Role.EXTRACT, "m", None, run, {"facts": [SAID]}, 9, 9, None, 1.0)
        await keep(session, account, answer)
        turn = Turn(
            message_id=messages[0].id, provider_id="m0", role="user", said_at=None, start=0, end=len(SAID), text=SAID
        )
        source = Recalled(kind=Kind.PASSAGE, score=1, why="", text=SAID, said=(turn,), conversation_id=held.id)
        thread = (await chat.start(session, account)).id
        asked = await answering.ask(session, thread, "What do I keep?")
        await chats.finish(
            session, asked.answer_id, None, text=f"“{SAID}” [1]", sources=[source.model_dump(mode="json")], model="m"
        )
        await session.execute(text("update threads set updated_at = now() - interval '1 day'"))
    await indexing.index_all(database, account)
    return held


async def test_nothing_of_a_forgotten_conversation_can_be_read_anywhere(
    database: Database, account: uuid.UUID, settings: Settings, told: Conversation
) -> None:
    await finishing.sweep(database, account, settings)
    await indexing.index_all(database, account)
    assert {"messages", "facts", "llm_answers", "profile_versions", "thread_messages", "postings"} <= {
        *await holding(database, account, UNIQUE)
    }
    gone = await pipeline.forget(database, account, settings, [told.id])
    assert (gone.conversations, gone.answers) == (1, 1)
    left = await holding(database, account, UNIQUE)
    assert left == {}
    async with database.session(account) as session:
        assert [fact.statement for fact in await facts.listed(session, Wanted())] == ["Lives in Lyon"]
        titles = select(Conversation.title).order_by(Conversation.title)
        assert [*await session.scalars(titles)] == ["A talk", "What do I keep?", "What you told SoulPrint"]


async def test_what_also_rests_on_something_else_stays(
    database: Database, account: uuid.UUID, settings: Settings, told: Conversation
) -> None:
    await pipeline.forget(database, account, settings, [told.id])
    async with database.session(account) as session:
        version = await sections.version(session, 1)
    [line] = version.memory[0].lines
    assert (line.text, len(line.sources)) == ("Lives in Lyon", 1)


async def test_nothing_is_forgotten_while_a_pass_is_at_work(
    database: Database, account: uuid.UUID, settings: Settings, told: Conversation
) -> None:
    async with database.session(account) as session:
        await add_run(session, account)
    with pytest.raises(errors.PassRunning):
        await pipeline.forget(database, account, settings, [told.id])


@pytest.mark.parametrize("ids", [[], [uuid.UUID(int=7)]])
async def test_what_is_not_there_is_not_forgotten(
    database: Database, account: uuid.UUID, settings: Settings, ids: Collection[uuid.UUID]
) -> None:
    assert (await pipeline.forget(database, account, settings, ids)).conversations == 0


async def test_a_chat_is_forgotten_with_the_conversation_made_of_it(
    database: Database, account: uuid.UUID, settings: Settings, told: Conversation
) -> None:
    [made] = await finishing.sweep(database, account, settings)
    await pipeline.forget(database, account, settings, [made])
    assert await finishing.sweep(database, account, settings) == []
    async with database.session(account) as session:
        assert await chat.threads(session) == []

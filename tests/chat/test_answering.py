from __future__ import annotations

import uuid

import pytest

from soulprint import chat, errors, sections
from soulprint.chat import store
from soulprint.database import Database
from soulprint.records import VersionKind
from soulprint.records.recalled import Recalled
from soulprint.settings import Settings
from tests.chat.talking import Talk, talk
from tests.model_server import Answer, ModelServer
from tests.rows import add_conversation, add_fact, make_draft

pytestmark = pytest.mark.anyio


@pytest.fixture
async def here(database: Database, account: uuid.UUID, model_settings: Settings) -> Talk:
    return await talk(database, account, model_settings)


def sent(model_server: ModelServer) -> str:
    return model_server.requests[-1].raw.decode()


async def test_a_model_is_told_the_branch_on_show_alone(here: Talk, model_server: ModelServer) -> None:
    model_server.script = lambda _: Answer(text="Noted.")
    await here.ask("I like sardines")
    await here.ask("I like herring")
    [first, *_, last] = await here.messages()
    await here.ask("I like mackerel", edits=last.id - 1)
    assert "sardines" in sent(model_server)
    assert "herring" not in sent(model_server)
    await here.show(last.id)
    await here.ask("What do I like?")
    assert "herring" in sent(model_server)
    assert "mackerel" not in sent(model_server)
    await here.ask("I like eel", edits=first.id)
    assert "sardines" not in sent(model_server)


async def test_another_version_of_an_answer_is_not_told_the_former(here: Talk, model_server: ModelServer) -> None:
    answers = iter(["You like sardines.", "I can't say."])
    model_server.script = lambda _: Answer(text=next(answers))
    await here.ask("What do I like?")
    [_, answer] = await here.messages()
    await here.retry(answer.id)
    assert "You like sardines." not in sent(model_server)
    [_, again] = await here.messages()
    assert (again.text, again.versions) == ("I can't say.", (answer.id, again.id))


async def test_another_version_of_what_tells_of_an_order_carries_nothing_out(
    here: Talk, database: Database, account: uuid.UUID, model_server: ModelServer
) -> None:
    await here.ask("Remember that I like sardines.")
    [_, answer] = await here.messages()
    async with database.session(account) as session:
        await store.keep(session, answer.id, text="Remembered.", changes=[7], model=None)
    asked = len(model_server.requests)
    await here.retry(answer.id)
    [_, again] = await here.messages()
    assert (again.text, again.changes, again.model) == ("Remembered.", [7], None)
    assert len(model_server.requests) == asked


async def test_an_answer_notes_the_version_that_it_was_written_with(
    here: Talk, database: Database, account: uuid.UUID
) -> None:
    for _ in range(2):
        async with database.session(account) as session:
            await sections.publish(session, account, make_draft(), VersionKind.QUICK)
        await here.ask("Hello?")
    assert [message.version for message in await here.messages() if message.role == "assistant"] == [1, 2]


async def test_why_tells_facts_sources_and_what_was_read(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    here = await talk(database, account, settings)
    async with database.session(account) as session:
        _, messages = await add_conversation(session, account, ["I moved to Lyon."])
        fact = await add_fact(session, messages, "Lives in Lyon")
        await add_fact(session, messages, "Owns a boat")
        await sections.publish(session, account, make_draft(), VersionKind.QUICK)
    await here.ask("Where do I live?")
    [question, answer] = await here.messages()
    source = Recalled(kind="fact", score=1, why="“live”", text="Lives in Lyon", fact_id=fact.id)
    gone = source.model_copy(update={"fact_id": fact.id + 1000})
    async with database.session(account) as session:
        told = [one.model_dump(mode="json") for one in (source, gone)]
        await store.keep(session, answer.id, sources=told)
    async with database.session(account) as session:
        why = await chat.why(session, here.thread, answer.id)
        assert [(one.statement, one.sources[0].text) for one in why.facts] == [("Lives in Lyon", "I moved to Lyon.")]
        assert why.sources == [source, gone]
        assert (why.version, why.read, why.total) == (1, 3, 4)
        with pytest.raises(errors.NotFound):
            await chat.why(session, here.thread, question.id)
    async with database.session(uuid.uuid4()) as session:
        with pytest.raises(errors.NotFound):
            await chat.why(session, here.thread, answer.id)

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator

import pytest

from soulprint import chat, errors
from soulprint.chat import answering, running
from soulprint.database import Database
from soulprint.settings import Settings
from tests.chat.talking import Talk, said, talk
from tests.model_server import Answer, Fault, ModelServer
from tests.model_server.fixtures import OPENAI, changed
from tests.pipeline.passes import until

pytestmark = pytest.mark.anyio

TEXT = "This is what the test model answers, and it says so in several words."

WRITER = """
import asyncio, sys, uuid
from soulprint import chat
from soulprint.database import Database
from soulprint.settings import Settings

async def main():
    database, account, thread = Database(sys.argv[1]), uuid.UUID(sys.argv[2]), uuid.UUID(sys.argv[3])
    asked = await chat.Answers().ask(database, account, Settings(), thread, "Hello?")
    print(asked.answer_id, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.fixture
async def here(
    database: Database, account: uuid.UUID, settings: Settings, model_server: ModelServer, credentials: object
) -> AsyncIterator[Talk]:
    """A thread whose answers a model writes, which pauses in the midst of the first."""
    model_server.fail(Fault.PAUSED)
    modelled = changed(settings, model_chat=OPENAI, credentials=credentials, model_attempts=1)
    here = await talk(database, account, modelled)
    yield here
    await here.answers.close()


async def half_read(talk: Talk, answer_id: int) -> AsyncIterator[chat.Event]:
    """A reader that has read some of the answer, which is paused."""
    events = await talk.follow(answer_id)
    async for event in events:
        if isinstance(event, chat.Delta):
            return events
    raise AssertionError("the answer came to its end")


async def test_a_second_reader_gets_the_whole_answer(here: Talk, model_server: ModelServer) -> None:
    asked = await here.begin("Hello?")
    await half_read(here, asked.answer_id)
    second = await here.follow(asked.answer_id)
    events = [await anext(second), await anext(second), await anext(second)]
    assert [type(event) for event in events] == [chat.Asked, chat.Sources, chat.Delta]
    assert TEXT.startswith(said(events))
    assert said(events) != TEXT
    model_server.going_on.set()
    events += [event async for event in second]
    assert events[0] == asked
    assert said(events) == TEXT
    assert events[-1] == chat.Done(asked.answer_id)


async def test_who_leaves_does_not_stop_the_answer(here: Talk, model_server: ModelServer) -> None:
    asked = await here.begin("Hello?")
    reader = await here.follow(asked.answer_id)
    await anext(reader)
    await reader.aclose()  # type: ignore[attr-defined]
    model_server.going_on.set()
    assert said(await here.events(asked.answer_id)) == TEXT
    assert await here.texts() == ["Hello?", TEXT]


async def test_what_came_is_seen_in_another_process(here: Talk, model_server: ModelServer) -> None:
    asked = await here.begin("Hello?")
    there = here.elsewhere()
    reader = await half_read(there, asked.answer_id)
    [_, answer] = await there.messages()
    assert answer.is_running
    assert TEXT.startswith(answer.text)
    model_server.going_on.set()
    last = [event async for event in reader][-1]
    assert last == chat.Done(asked.answer_id)
    assert said(await there.events(asked.answer_id)) == TEXT
    assert (await there.messages())[1].model == OPENAI


async def test_a_reader_stops_the_answer_and_what_came_is_kept(here: Talk) -> None:
    asked = await here.begin("Hello?")
    reader = await half_read(here, asked.answer_id)
    await here.stop(asked.answer_id)
    assert [event async for event in reader][-1] == chat.Stopped(asked.answer_id)
    [_, answer] = await here.messages()
    assert answer.text
    assert TEXT.startswith(answer.text)
    assert (answer.error, answer.is_running) == (running.STOPPED, False)
    await here.stop(asked.answer_id)
    assert (await here.ask("Again?"))[-1] != chat.Stopped(asked.answer_id)


async def test_another_process_stops_the_answer(here: Talk) -> None:
    asked = await here.begin("Hello?")
    reader = await half_read(here, asked.answer_id)
    there = here.elsewhere()
    await half_read(there, asked.answer_id)
    await there.stop(asked.answer_id)
    assert [event async for event in reader][-1] == chat.Stopped(asked.answer_id)
    assert (await there.events(asked.answer_id))[-1] == chat.Stopped(asked.answer_id)
    assert isinstance((await there.ask("Again?"))[-1], chat.Done)


async def test_an_answer_that_has_not_begun_is_stopped(here: Talk, model_server: ModelServer) -> None:
    model_server.script = lambda _: Answer(fault=Fault.SLOW)
    model_server.going_on.set()
    await here.ask("Hello?")
    asked = await here.begin("And now?")
    await until(lambda: _asked(model_server, 2))
    await here.stop(asked.answer_id)
    [*_, answer] = await here.messages()
    assert (answer.text, answer.error) == ("", running.STOPPED)


async def _asked(model_server: ModelServer, times: int) -> bool:
    return len(model_server.requests) >= times


async def test_one_answer_is_written_at_a_time(here: Talk, model_server: ModelServer) -> None:
    asked = await here.begin("Hello?")
    for talk_ in (here, here.elsewhere()):
        with pytest.raises(errors.AnswerRunning):
            await talk_.begin("And now?")
        with pytest.raises(errors.AnswerRunning):
            await talk_.retry(asked.answer_id)
    other = await talk(here.database, here.account, here.settings)
    assert isinstance((await other.ask("Elsewhere?"))[-1], chat.Done)
    model_server.going_on.set()
    await here.events(asked.answer_id)
    assert isinstance((await here.ask("And now?"))[-1], chat.Done)


async def test_a_process_that_ends_keeps_what_came(here: Talk) -> None:
    asked = await here.begin("Hello?")
    reader = await half_read(here, asked.answer_id)
    await here.answers.close()
    assert [event async for event in reader][-1] == chat.Failed(running.ENDED, asked.answer_id)
    [_, answer] = await here.messages()
    assert answer.text
    assert (answer.error, answer.is_running) == (running.ENDED, False)


async def test_an_answer_whose_process_was_killed_is_marked(here: Talk, model_server: ModelServer) -> None:
    environment = os.environ | {
        "OPENAI_API_KEY": model_server.key,
        "OPENAI_BASE_URL": f"{model_server.url}/v1",
        "SOULPRINT_MODEL_CHAT": OPENAI,
    }
    url = here.database.url.render_as_string(hide_password=False)
    writer = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", WRITER, url, str(here.account), str(here.thread)),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
    )
    assert writer.stdout
    answer_id = int(await writer.stdout.readline())
    reader = await half_read(here, answer_id)
    await chat.mend(here.database, here.account, here.thread)
    assert (await here.messages())[1].is_running
    writer.send_signal(signal.SIGKILL)
    await writer.wait()
    assert [event async for event in reader][-1] == chat.Failed(running.ENDED, answer_id)
    [_, answer] = await here.messages()
    assert (bool(answer.text), answer.error, answer.is_running) == (True, running.ENDED, False)


async def test_an_answer_that_nobody_writes_is_in_nobodys_way(here: Talk, model_server: ModelServer) -> None:
    async with here.database.session(here.account) as session:
        dead = await answering.ask(session, here.thread, "Hello?")
    model_server.going_on.set()
    assert isinstance((await here.ask("And now?"))[-1], chat.Done)
    assert (await here.messages())[1].error == running.ENDED
    assert (await here.events(dead.answer_id))[-1] == chat.Failed(running.ENDED, dead.answer_id)


async def test_a_deleted_thread_ends_its_answer(here: Talk) -> None:
    asked = await here.begin("Hello?")
    reader = await half_read(here, asked.answer_id)
    async with here.database.session(here.account) as session:
        await chat.forget(session, here.account, here.thread)
    assert [event async for event in reader][-1] == chat.Stopped(asked.answer_id)
    assert await here.messages() == []


@pytest.mark.parametrize("fault", [Fault.DROPPED, Fault.TRUNCATED])
async def test_a_model_that_fails_midway_leaves_what_came(here: Talk, model_server: ModelServer, fault: Fault) -> None:
    model_server.going_on.set()
    await here.ask("Hello?")
    model_server.fail(fault)
    events = await here.ask("And now?")
    failed = events[-1]
    assert isinstance(failed, chat.Failed)
    answer = (await here.messages())[-1]
    assert answer.text == said(events) != ""
    assert (answer.id, answer.error) == (failed.message_id, failed.message)
    assert isinstance((await here.retry(answer.id))[-1], chat.Done)
    assert (await here.messages())[-1].versions == (answer.id, answer.id + 1)


async def test_another_account_reads_and_stops_nothing(here: Talk, database: Database) -> None:
    asked = await here.begin("Hello?")
    foreign = here.elsewhere()
    foreign.account, foreign.answers = uuid.uuid4(), here.answers
    with pytest.raises(errors.NotFound):
        await foreign.follow(asked.answer_id)
    with pytest.raises(errors.NotFound):
        await foreign.stop(asked.answer_id)
    with pytest.raises(errors.NotFound):
        await foreign.begin("Hello?")
    await chat.mend(database, foreign.account, here.thread)
    assert (await here.messages())[1].is_running


async def test_nothing_is_left_of_a_finished_answer(here: Talk, model_server: ModelServer) -> None:
    model_server.going_on.set()
    for number in range(3):
        await here.ask(f"Hello {number}?")
    await here.answers.close()
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is running.Running]


async def test_a_process_writes_a_bounded_number_of_answers(here: Talk, model_server: ModelServer) -> None:
    model_server.fail(Fault.PAUSED, running.MOST)
    talks = [await talk(here.database, here.account, here.settings) for _ in range(running.MOST)]
    for each in talks:
        each.answers = here.answers
        await each.begin("Hello?")
    with pytest.raises(errors.TooManyRequests):
        await here.begin("Hello?")
    assert await here.messages() == []

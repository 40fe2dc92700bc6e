"""Chats over real HTTP: asked, branched, searched and deleted."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from soulprint import indexing, sections
from soulprint.chat import finishing
from soulprint.database import Database
from soulprint.records import Conversation, Message
from soulprint.settings import Settings
from tests.serving.conftest import Live
from tests.serving.test_rest import asked, parsed, problem

pytestmark = pytest.mark.anyio

Talk = tuple[Conversation, list[Message]]


@pytest.fixture
async def thread(live: Live) -> str:
    return str((await live.visitor.post("/api/v1/threads")).json()["id"])


@pytest.fixture
async def indexed(database: Database, account: uuid.UUID, talk: Talk) -> Talk:
    """The talk, as recall finds it."""
    await indexing.refresh(database, account, [talk[0].id])
    return talk


async def read(live: Live, thread: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await live.visitor.get(f"/api/v1/threads/{thread}")).json()["messages"]
    return found


async def test_a_chat_is_asked_read_and_forgotten(live: Live, thread: str, indexed: Talk) -> None:
    events = await asked(live, thread, "Where did I move to?")
    assert [name for name, _ in events[:2]] == ["asked", "sources"]
    sources = events[1][1]["sources"]
    assert "I moved to Lyon." in "".join(source["text"] for source in sources)
    assert {source["conversation_id"] for source in sources} == {str(indexed[0].id)}
    assert {name for name, _ in events[2:-1]} == {"delta"}
    question, answer = await read(live, thread)
    assert question["text"] == "Where did I move to?"
    assert events[0][1] == {"question_id": question["id"], "answer_id": answer["id"]}
    assert events[-1] == ("done", {"message_id": answer["id"]})
    assert answer["text"] == "".join(data["text"] for name, data in events if name == "delta")
    assert (answer["parent_id"], answer["versions"], answer["is_running"]) == (question["id"], [answer["id"]], False)
    assert answer["sources"] == sources
    assert [row["id"] for row in (await live.visitor.get("/api/v1/threads")).json()] == [thread]
    assert (await live.visitor.delete(f"/api/v1/threads/{thread}")).status_code == 204
    problem(await live.visitor.get(f"/api/v1/threads/{thread}"), 404)


async def test_what_is_not_there_is_a_problem_and_no_stream(live: Live, thread: str) -> None:
    unknown = f"/api/v1/threads/{uuid.uuid4()}"
    problem(await live.visitor.post(f"{unknown}/messages", json={"text": "Hello"}), 404)
    problem(await live.visitor.delete(unknown), 404)
    problem(await live.visitor.patch(unknown, json={"title": "Other"}), 404)
    problem(await live.visitor.get("/api/v1/threads/not-an-id"), 422)
    problem(await live.visitor.post(f"{unknown}/messages", json={"text": ""}), 422)
    message = f"/api/v1/threads/{thread}/messages/1"
    for action in ("retry", "stop", "show"):
        problem(await live.visitor.post(f"{message}/{action}"), 404)
    for part in ("events", "why"):
        problem(await live.visitor.get(f"{message}/{part}"), 404)


async def test_a_question_is_edited_an_answer_retried_and_each_version_shown(live: Live, thread: str) -> None:
    await asked(live, thread, "one")
    question, answer = await read(live, thread)
    address = f"/api/v1/threads/{thread}/messages"
    edited = {"text": "two", "edits": question["id"]}
    async with live.visitor.stream("POST", address, json=edited) as response:
        assert [name async for name, _ in parsed(response.aiter_lines())][-1] == "done"
    other, its_answer = await read(live, thread)
    assert (other["text"], other["versions"]) == ("two", [question["id"], other["id"]])
    assert (await live.visitor.post(f"{address}/{question['id']}/show")).status_code == 204
    assert [row["id"] for row in await read(live, thread)] == [question["id"], answer["id"]]
    async with live.visitor.stream("POST", f"{address}/{its_answer['id']}/retry") as response:
        assert [name async for name, _ in parsed(response.aiter_lines())][-1] == "done"
    shown = await read(live, thread)
    assert (shown[0]["id"], len(shown[1]["versions"])) == (other["id"], 2)


async def test_a_finished_answer_is_read_again_as_events(live: Live, thread: str) -> None:
    await asked(live, thread, "one")
    answer = (await read(live, thread))[1]
    address = f"/api/v1/threads/{thread}/messages/{answer['id']}/events"
    async with live.visitor.stream("GET", address) as response:
        events = [event async for event in parsed(response.aiter_lines())]
    assert [name for name, _ in events] == ["asked", "sources", "delta", "done"]
    assert events[2][1]["text"] == answer["text"]


async def test_chats_are_named_searched_and_come_in_pages(live: Live) -> None:
    threads = []
    for text in ("about boxes", "about Lyon", "of sardines"):
        threads.append((await live.visitor.post("/api/v1/threads")).json()["id"])
        await asked(live, threads[-1], text)
    renamed = await live.visitor.patch(f"/api/v1/threads/{threads[0]}", json={"title": "Moving"})
    assert renamed.json()["title"] == "Moving"
    found = (await live.visitor.get("/api/v1/threads", params={"q": "ABOUT"})).json()
    assert [row["id"] for row in found] == [threads[1], threads[0]]
    assert [row["snippet"] for row in found] == ["about Lyon", "about boxes"]
    page = (await live.visitor.get("/api/v1/threads", params={"limit": 2})).json()
    assert [(row["id"], row["snippet"]) for row in page] == [(threads[2], None), (threads[1], None)]
    rest = (await live.visitor.get("/api/v1/threads", params={"limit": 2, "before": page[-1]["id"]})).json()
    assert [row["title"] for row in rest] == ["Moving"]


@pytest.mark.usefixtures("indexed", "version")
async def test_an_answer_tells_what_it_rests_on(live: Live, thread: str) -> None:
    await asked(live, thread, "Where did I move to?")
    answer = (await read(live, thread))[1]
    why = (await live.visitor.get(f"/api/v1/threads/{thread}/messages/{answer['id']}/why")).json()
    assert (why["version"], why["read"], why["total"]) == (1, 3, 4)
    assert why["sources"] == answer["sources"] != []


async def test_to_delete_a_chat_deletes_the_conversation_made_of_it(
    live: Live, thread: str, database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await asked(live, thread, "I moved to Porto.")
    await live.visitor.post("/api/v1/threads")
    [conversation] = await finishing.sweep(database, account, settings)
    address = f"/api/v1/conversations/{conversation}"
    assert (await live.visitor.get(address)).json()["messages"][0]["text"] == "I moved to Porto."
    await live.visitor.delete(f"/api/v1/threads/{thread}")
    problem(await live.visitor.get(address), 404)
    async with database.session(account) as session:
        assert await sections.current_number(session) is None

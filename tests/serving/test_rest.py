"""The REST interface over real HTTP."""

from __future__ import annotations

import asyncio
import json
import uuid
import zipfile
from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest

from soulprint import accounts
from soulprint.database import Database
from soulprint.records import Conversation, Message
from soulprint.settings import Settings
from tests import rows
from tests.serving.conftest import Live, until

pytestmark = pytest.mark.anyio

Talk = tuple[Conversation, list[Message]]


async def test_openapi_names_every_door_and_every_problem(live: Live) -> None:
    schema = (await live.visitor.get("/api/v1/openapi.json")).json()
    elsewhere = {path for path in schema["paths"] if not path.startswith("/api/v1/")}
    assert elsewhere == {"/process-full", "/v1/models", "/v1/chat/completions"}
    assert len(schema["paths"]) >= 18
    for path, operations in schema["paths"].items():
        expected = "application/json" if path.startswith("/v1/") else "application/problem+json"
        for operation in operations.values():
            assert expected in operation["responses"]["default"]["content"]


async def test_health_and_models_say_what_works(live: Live) -> None:
    assert (await live.visitor.get("/api/v1/health")).json()["status"] == "ok"
    models = (await live.visitor.get("/api/v1/models")).json()
    roles = ("quick", "extract", "merge", "memory", "sections", "chat", "embed")
    assert models["roles"] == dict.fromkeys(roles, "local")
    assert models["goes"]["chat"] == "Nothing leaves this machine."


async def test_an_empty_installation_says_so(live: Live) -> None:
    status = (await live.visitor.get("/api/v1/status")).json()
    assert (status["stage"], status["import"], status["version"], status["conversations"]) == ("empty", None, None, 0)
    assert problem(await live.visitor.get("/api/v1/profile"), 404)["title"] == "Profile missing"


@pytest.mark.usefixtures("version")
async def test_the_profile_carries_each_source(live: Live) -> None:
    profile = (await live.visitor.get("/api/v1/profile")).json()
    (line,) = profile["sections"]["soul"]["communication_style"]
    assert line["sources"][0]["name"] == "median words in a message"
    assert profile["sections"]["agents"]["do_not"] == []
    assert profile["memory"][0]["lines"][0]["sources"][0]["kind"] == "quote"
    assert (profile["number"], profile["model"], profile["conversations_read"]) == (1, "local", 3)


@pytest.mark.usefixtures("version")
async def test_the_profile_is_a_markdown_file(live: Live) -> None:
    response = await live.visitor.get("/api/v1/profile.md")
    assert response.headers["content-disposition"] == 'attachment; filename="soulprint.md"'
    assert response.text.startswith("# SOUL")


async def test_a_conversation_is_given_as_it_was_held(live: Live, talk: Talk) -> None:
    held, messages = talk
    found = (await live.visitor.get(f"/api/v1/conversations/{held.id}")).json()
    assert [row["text"] for row in found["messages"]] == [row.text for row in messages]
    assert (found["total"], found["offset"]) == (4, 0)


async def test_a_long_conversation_comes_in_parts(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        held, messages = await rows.add_conversation(session, account, [f"m{n}" for n in range(450)])
    address = f"/api/v1/conversations/{held.id}"
    first = (await live.visitor.get(address)).json()
    assert (first["total"], first["offset"], len(first["messages"])) == (450, 0, 200)
    around = (await live.visitor.get(address, params={"message": messages[300].id})).json()
    assert messages[300].id in [row["id"] for row in around["messages"]]
    last = (await live.visitor.get(address, params={"offset": 400})).json()
    assert (last["offset"], len(last["messages"])) == (400, 50)


@pytest.mark.usefixtures("talk")
async def test_recall_finds_what_was_said(live: Live) -> None:
    found = (await live.visitor.get("/api/v1/recall", params={"q": "where did I move"})).json()
    turn = found[0]["said"][-1]
    assert (turn["text"], turn["provider_id"], turn["role"]) == ("I moved to Lyon.", "m2", "user")
    assert problem(await live.visitor.get("/api/v1/recall"), 422)["title"] == "Request invalid"


async def test_another_account_sees_nothing(live: Live, talk: Talk, database: Database, settings: Settings) -> None:
    live.app.state.door = type(live.app.state.door)(
        database, settings, live.app.state.door.background, await accounts.local(database)
    )
    problem(await live.visitor.get(f"/api/v1/conversations/{talk[0].id}"), 404)


async def test_what_nobody_foresaw_is_told_without_its_text(live: Live, capsys: pytest.CaptureFixture[str]) -> None:
    live.app.state.door = None
    told = problem(await live.visitor.get("/api/v1/threads"), 500)
    assert "NoneType" not in told["detail"]
    assert "NoneType" not in capsys.readouterr().err
    page = await live.visitor.get("/profile")
    assert (page.status_code, "Traceback" in page.text) == (500, False)


async def test_a_lost_database_is_a_problem_that_says_so(account: uuid.UUID, settings: Settings, live: Live) -> None:
    gone = Database("postgresql://nobody:x@127.0.0.1:1/none")
    live.app.state.door = type(live.app.state.door)(gone, settings, live.app.state.door.background, account)
    assert "database" in problem(await live.visitor.get("/api/v1/threads"), 503)["detail"]


async def test_the_status_comes_as_events(live: Live) -> None:
    async with live.visitor.stream("GET", "/api/v1/events") as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        async for name, data in parsed(response.aiter_lines()):
            assert (name, data["stage"]) == ("status", "empty")
            break


async def test_an_export_is_taken_imported_and_accounted_for(live: Live, settings: Settings) -> None:
    response = await live.visitor.post("/api/v1/imports?name=../../etc/my%20export.zip%00", content=export())
    assert response.status_code == 202
    address = f"/api/v1/imports/{response.json()['import_id']}"
    assert response.headers["location"] == address
    async with live.visitor.stream("GET", "/api/v1/events") as events:
        async for _, data in parsed(events.aiter_lines()):
            if data["stage"] in {"ready", "failed"}:
                break
    done = (await live.visitor.get(address)).json()
    assert (done["status"], done["names"]) == ("complete", "my export.zip")
    assert done["report"]["imported"] == 1
    assert (await live.visitor.get("/api/v1/status")).json()["stage"] == "ready"
    assert list(settings.uploads.iterdir()) == []
    problem(await live.visitor.delete(address), 404)


async def test_an_upload_that_is_dropped_leaves_nothing(live: Live, settings: Settings) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", live.port)
    head = f"POST /api/v1/imports?name=x.zip HTTP/1.1\r\nHost: 127.0.0.1:{live.port}\r\nContent-Length: 5000000\r\n\r\n"
    writer.write(head.encode() + b"x" * 2_000_000)
    await writer.drain()
    await until(lambda: list(settings.uploads.glob("*")))
    writer.close()
    await writer.wait_closed()
    await until(lambda: not list(settings.uploads.glob("*")))
    assert (await live.visitor.get("/api/v1/status")).json()["import"] is None


async def test_an_upload_that_is_too_large_is_refused(
    live: Live, database: Database, account: uuid.UUID, settings: Settings
) -> None:
    small = settings.model_copy(update={"upload_limit": 1000})
    door = live.app.state.door
    live.app.state.door = type(door)(database, small, door.background, account)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    assert "1.0 kB" in problem(await live.visitor.post("/api/v1/imports", content=b"x" * 2000), 413)["detail"]
    problem(await live.visitor.post("/api/v1/imports", content=pieces()), 413)
    problem(await live.visitor.post("/api/v1/imports", content=b""), 422)
    assert list(settings.uploads.glob("*")) == []


async def test_what_is_no_export_fails_with_a_reason(live: Live) -> None:
    started = (await live.visitor.post("/api/v1/imports?name=photo.jpg", content=b"\xff\xd8 no export")).json()
    async with live.visitor.stream("GET", "/api/v1/events") as events:
        async for _, data in parsed(events.aiter_lines()):
            if data["stage"] == "failed":
                break
    done = (await live.visitor.get(f"/api/v1/imports/{started['import_id']}")).json()
    assert done["status"] == "failed"
    assert "Nothing was imported" in done["error"]


def export() -> bytes:
    """A ChatGPT export of one conversation."""
    root = {"id": "root", "message": None, "parent": None, "children": ["a"]}
    said = {
        "id": "a",
        "author": {"role": "user"},
        "create_time": 1_715_000_000.0,
        "content": {"content_type": "text", "parts": ["I moved from Leeds to Lyon with my sister last month."]},
    }
    mapping = {"root": root, "a": {"id": "a", "message": said, "parent": "root", "children": []}}
    talk = {"id": "c1", "title": "Lyon", "create_time": 1_715_000_000.0, "mapping": mapping, "current_node": "a"}
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("conversations.json", json.dumps([talk]))
    return packed.getvalue()


def problem(response: Any, status: int) -> dict[str, Any]:
    """The problem that `response` tells, which must be whole."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told.keys() == {"type", "title", "status", "detail"}
    assert told["status"] == status
    assert told["detail"].endswith(".")
    return told


async def asked(live: Live, thread: str, text: str) -> list[tuple[str, dict[str, Any]]]:
    async with live.visitor.stream("POST", f"/api/v1/threads/{thread}/messages", json={"text": text}) as response:
        assert response.status_code == 200
        return [event async for event in parsed(response.aiter_lines())]


async def parsed(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """Server-sent events: name and data."""
    name = ""
    async for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])

"""An answer that is left, read again, breaks off or is stopped, with a model at work over real HTTP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from soulprint import chat
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.serving.app import application
from soulprint.settings import Credentials, Settings
from tests.model_server import Fault, ModelServer
from tests.model_server.fixtures import credentials, model_server
from tests.serving.conftest import Live, served
from tests.serving.test_rest import asked, parsed, problem

__all__ = ["credentials", "model_server"]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def modelled(
    database: Database, account: uuid.UUID, settings: Settings, background: Background, credentials: Credentials
) -> AsyncIterator[Live]:
    """Served with a model for chat."""
    settings = settings.model_copy(
        update={"model_chat": "openai:gpt-5-mini", "credentials": credentials, "model_attempts": 1}
    )
    async with served(application(database, account, settings, background=background)) as live:
        yield live


async def test_a_model_answers_in_pieces(modelled: Live) -> None:
    thread = (await modelled.visitor.post("/api/v1/threads")).json()["id"]
    events = await asked(modelled, thread, "Hello?")
    assert [events[0][0], events[1][0], events[-1][0]] == ["asked", "sources", "done"]
    assert (await messages(modelled, thread))[1]["model"] == "openai:gpt-5-mini"
    assert "nothing leaves this machine" in (await modelled.visitor.get("/chat")).text


async def test_a_model_that_fails_is_said_and_kept(modelled: Live, model_server: ModelServer) -> None:
    model_server.fail(Fault.UNAUTHORIZED, 3)
    thread = (await modelled.visitor.post("/api/v1/threads")).json()["id"]
    name, told = (await asked(modelled, thread, "Hello?"))[-1]
    assert name == "failed"
    assert (await messages(modelled, thread))[1]["error"] == told["message"]
    assert "its key is not accepted (401)" in told["message"]
    assert "its key is not accepted (401)" in (await modelled.visitor.get(f"/chat/{thread}")).text


async def test_who_leaves_reads_on_after_coming_back(modelled: Live, model_server: ModelServer) -> None:
    model_server.fail(Fault.PAUSED)
    thread = (await modelled.visitor.post("/api/v1/threads")).json()["id"]
    address = f"/api/v1/threads/{thread}/messages"
    came = ""
    async with modelled.visitor.stream("POST", address, json={"text": "Hello?"}) as response:
        async for name, data in parsed(response.aiter_lines()):
            if name == "delta":
                came = data["text"]
                break
    answer = (await messages(modelled, thread))[1]
    assert answer["is_running"]
    async with modelled.visitor.stream("GET", f"{address}/{answer['id']}/events") as response:
        events = []
        async for event in parsed(response.aiter_lines()):
            events.append(event)
            model_server.going_on.set()
    assert [events[0][0], events[1][0], events[-1][0]] == ["asked", "sources", "done"]
    whole = "".join(data["text"] for name, data in events if name == "delta")
    assert whole.startswith(came)
    assert (await messages(modelled, thread))[1]["text"] == whole


async def test_an_answer_is_stopped_and_what_came_is_kept(modelled: Live, model_server: ModelServer) -> None:
    model_server.fail(Fault.PAUSED)
    thread = (await modelled.visitor.post("/api/v1/threads")).json()["id"]
    address = f"/api/v1/threads/{thread}/messages"
    events = []
    async with modelled.visitor.stream("POST", address, json={"text": "Hello?"}) as response:
        async for name, _ in parsed(response.aiter_lines()):
            events.append(name)
            if name == "delta" and events.count("delta") == 1:
                answer = (await messages(modelled, thread))[1]
                assert problem(await modelled.visitor.post(address, json={"text": "And?"}), 409)
                assert (await modelled.visitor.post(f"{address}/{answer['id']}/stop")).status_code == 204
    assert events[-1] == "stopped"
    answer = (await messages(modelled, thread))[1]
    assert (bool(answer["text"]), answer["error"], answer["is_running"]) == (True, "It was stopped.", False)


async def test_a_server_that_ends_keeps_what_came(
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    background: Background,
    credentials: Credentials,
    model_server: ModelServer,
) -> None:
    model_server.fail(Fault.PAUSED)
    settings = settings.model_copy(update={"model_chat": "openai:gpt-5-mini", "credentials": credentials})
    async with served(application(database, account, settings, background=background)) as live:
        thread = (await live.visitor.post("/api/v1/threads")).json()["id"]
        address = f"/api/v1/threads/{thread}/messages"
        async with live.visitor.stream("POST", address, json={"text": "Hello?"}) as response:
            async for name, _ in parsed(response.aiter_lines()):
                if name == "delta":
                    break
    async with database.session(account) as session:
        [_, answer] = await chat.messages(session, uuid.UUID(thread))
    assert answer.text
    assert "SoulPrint was ended" in (answer.error or "")


async def messages(live: Live, thread: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await live.visitor.get(f"/api/v1/threads/{thread}")).json()["messages"]
    return found

"""An answer that takes long, breaks off or is stopped, with a model at work over real HTTP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest

from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.serving.app import application
from soulprint.settings import Credentials, Settings
from tests.model_server import Fault, ModelServer
from tests.model_server.fixtures import credentials, model_server
from tests.pipeline.passes import until
from tests.serving.conftest import Live, served
from tests.serving.test_rest import asked, parsed

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
    assert [events[0][0], events[-1][0]] == ["sources", "done"]
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


async def test_who_leaves_stops_the_answer_and_what_came_is_kept(modelled: Live, model_server: ModelServer) -> None:
    model_server.fail(Fault.SLOW)
    thread = (await modelled.visitor.post("/api/v1/threads")).json()["id"]
    address = f"/api/v1/threads/{thread}/messages"
    async with modelled.visitor.stream("POST", address, json={"text": "Hello?"}) as response:
        async for name, _ in parsed(response.aiter_lines()):
            assert name == "sources"
            break

    async def kept() -> bool:
        return len(await messages(modelled, thread)) == 2

    await until(kept)
    assert (await messages(modelled, thread))[1]["error"] == "It was stopped."


async def messages(live: Live, thread: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await live.visitor.get(f"/api/v1/threads/{thread}")).json()["messages"]
    return found

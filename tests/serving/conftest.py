"""The real application under a real server, for one account of its own."""

from __future__ import annotations

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import SecretStr

from soulprint import indexing, sections
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.records import Conversation, Message, VersionKind
from soulprint.serving.app import application
from soulprint.settings import Settings
from tests import rows

TOKEN = "a-long-random-text-that-nobody-guesses"
HOSTILE = "<script>alert(1)</script> [press](javascript:alert(2)) <img src=x onerror=alert(3)> " + "w" * 3000


@dataclass(frozen=True, slots=True)
class Live:
    """A served application and a visitor of it."""

    app: FastAPI
    port: int
    visitor: httpx2.AsyncClient

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[Live]:
    """`app` on a free port for as long as the block runs."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as visitor:
            await until(lambda: server.started)
            yield Live(app, port, visitor)
    finally:
        server.should_exit = True
        await running


@pytest.fixture
async def background(database: Database, settings: Settings) -> AsyncIterator[Background]:
    background = Background(database, settings)
    yield background
    await background.close()


@pytest.fixture
async def live(
    database: Database, account: uuid.UUID, settings: Settings, background: Background
) -> AsyncIterator[Live]:
    """Served to this machine alone, without a token."""
    async with served(application(database, account, settings, background=background)) as live:
        yield live


@pytest.fixture
async def guarded(
    database: Database, account: uuid.UUID, settings: Settings, background: Background
) -> AsyncIterator[Live]:
    """Served as to others, with a token."""
    settings = settings.model_copy(update={"access_token": SecretStr(TOKEN)})
    app = application(database, account, settings, background=background, host="0.0.0.0")
    async with served(app) as live:
        yield live


@pytest.fixture
async def talk(database: Database, account: uuid.UUID) -> tuple[Conversation, list[Message]]:
    """An imported conversation of which every text is hostile."""
    async with database.session(account) as session:
        held = await rows.add_conversation(
            session, account, [HOSTILE, "I moved to Lyon."], answered=[HOSTILE, "Good."], title=HOSTILE[:60]
        )
    await indexing.index_all(database, account)
    return held


@pytest.fixture
async def version(database: Database, account: uuid.UUID) -> int:
    """A profile whose location is hostile."""
    async with database.session(account) as session:
        return await sections.publish(session, account, rows.make_draft(location=HOSTILE), VersionKind.QUICK)


def addresses(app: FastAPI) -> list[tuple[str, str]]:
    """Method and address of every route, with an id in place of each parameter."""
    found = []
    for route in iter_route_contexts(app.routes):
        path = (route.path or "").replace("{message_id}", "1")
        address = "/".join(str(uuid.UUID(int=1)) if part.startswith("{") else part for part in path.split("/"))
        found += [(method, address) for method in sorted(getattr(route, "methods", None) or ())]
    return found


async def until(reached: Callable[[], object]) -> None:
    """Wait for a state that nothing announces."""
    while not reached():  # noqa: ASYNC110
        await asyncio.sleep(0.01)

"""The web application: the REST interface and the pages over one open database."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata

from fastapi import FastAPI

from soulprint.database import Database
from soulprint.loopback import is_loopback
from soulprint.pipeline import Background
from soulprint.serving import access, completions, metrics, problems, rest, web
from soulprint.serving.door import Door
from soulprint.settings import Settings


def application(
    database: Database, account: uuid.UUID, settings: Settings, *, background: Background, host: str = "127.0.0.1"
) -> FastAPI:
    """The application for `account`, to be served at the address `host`.

    At a loopback address it is open to this machine, unless settings name an access token; anywhere else every request
    needs the token. The caller keeps the database and the background open as long as it serves.

    Raises `errors.TokenMissing` when others could reach it and no token is set.
    """
    door = Door(database, settings, background, account, local=is_loopback(host))

    @asynccontextmanager
    async def writing(_: FastAPI) -> AsyncIterator[None]:
        async with door.answers:
            yield

    app = FastAPI(
        lifespan=writing,
        title="SoulPrint",
        version=metadata.version("soulprint"),
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # both pages load scripts from elsewhere
        redoc_url=None,
    )
    app.state.door = door
    app.include_router(rest.router)
    app.include_router(rest.seam)
    app.include_router(completions.router)
    app.include_router(web.router)
    app.mount("/static", web.static)
    problems.install(app, settings)
    access.install(app, settings, host)
    metrics.install(app)
    return app

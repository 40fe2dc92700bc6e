"""Serves the pages and the API until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import uuid
import webbrowser
from types import FrameType

import uvicorn

from soulprint import errors, pipeline
from soulprint.database import Database
from soulprint.loopback import is_loopback
from soulprint.serving import logs, stream, terminal
from soulprint.serving.app import application
from soulprint.settings import Settings

GRACE = 2
"""Seconds that open streams get to end when the server stops."""


async def serve(
    database: Database, account: uuid.UUID, settings: Settings, listening: socket.socket, *, open_page: bool
) -> None:
    """Serve on the bound socket `listening` until SIGINT or SIGTERM, taking up interrupted work first."""
    logs.configure(logging.INFO)
    async with pipeline.working(database, settings):
        await _serve(database, account, settings, listening, open_page=open_page)


async def _serve(
    database: Database, account: uuid.UUID, settings: Settings, listening: socket.socket, *, open_page: bool
) -> None:
    background = pipeline.Background(database, settings)
    await background.resume(account)
    config = uvicorn.Config(
        application(database, account, settings, background=background, host=listening.getsockname()[0]),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE,
    )
    try:
        page = address(listening)
        terminal.say(f"SoulPrint is at {page}  (Ctrl-C stops it, the database too)")
        if open_page:
            asyncio.get_running_loop().call_later(0.5, webbrowser.open, page)
        await _Server(config).serve(sockets=[listening])
    finally:
        await background.close()


def listen(settings: Settings, host: str, port: int) -> socket.socket:
    """A socket bound to `host` and `port`.

    Raises `errors.PortTaken`, and `errors.TokenMissing` for an address that others can reach while no token guards it.
    """
    if not is_loopback(host) and settings.access_token is None:
        raise errors.TokenMissing(host=host)
    try:
        listening = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise errors.PortTaken(host=host, port=port) from error
        raise errors.AddressUnusable(host=host, port=port, reason=error.strerror) from error
    # Each visitor's connection takes it over; without it a piece of an answer waits 40 ms for the one before to arrive.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address(listening: socket.socket) -> str:
    """What to type into a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop without raising the signal again afterwards: the database is closed in order, and the exit code is 0."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Streams have no end of their own, so they end first."""
        stream.end_all()
        await super().shutdown(sockets)

"""What notices are sent to: a mail server and a webhook's receiver, real ones on loopback."""

from __future__ import annotations

import email
import email.policy
import socket
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage

import uvicorn
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.package import free_port


@dataclass
class Mailbox:
    """A mail server. `refused` is how many messages more it turns away."""

    port: int = 0
    refused: int = 0
    received: list[EmailMessage] = field(default_factory=list)

    @property
    def address(self) -> str:
        """As Apprise takes it."""
        return (
            f"mailto://ines:hush-pw@127.0.0.1:{self.port}/?from=soulprint@example.org&to=ines@example.org&mode=insecure"
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.refused:
            self.refused -= 1
            return "451 Not now"
        content = envelope.content
        assert isinstance(content, bytes)
        message = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.received.append(message)
        return "250 OK"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    kept = Mailbox()
    kept.port = free_port()
    server = Controller(kept, hostname="127.0.0.1", port=kept.port, auth_require_tls=False, authenticator=_let_in)
    server.start()
    try:
        yield kept
    finally:
        server.stop()


def _let_in(*_: object) -> object:
    return AuthResult(success=True)


@dataclass
class Hook:
    """A webhook's receiver. It answers with `statuses` one after the other, then with 204."""

    port: int
    statuses: deque[int] = field(default_factory=deque)
    received: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?key=hush-key"

    async def take(self, request: Request) -> Response:
        self.received.append((request.url.path, dict(request.headers), await request.body()))
        status = self.statuses.popleft() if self.statuses else 204
        return Response("private answer" if status != 204 else "", status, {"Location": "/elsewhere"})


@contextmanager
def hook() -> Iterator[Hook]:
    listening = socket.create_server(("127.0.0.1", 0))
    receiver = Hook(listening.getsockname()[1])
    app = Starlette(routes=[Route("/{path}", receiver.take, methods=["GET", "POST"])])
    config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listening.close()

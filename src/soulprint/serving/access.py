"""Who may ask: this machine's own pages, or whoever shows the access token. And the headers that hold a page in."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from fastapi import FastAPI
from pydantic import SecretStr
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soulprint import errors
from soulprint.loopback import is_loopback
from soulprint.serving import problems
from soulprint.settings import Settings

COOKIE_DAYS = 90
FORM_LIMIT = 4096
"""Bytes of a login form; a token is shorter."""

OPEN = "/static/"
"""What is served without a token: our own style sheets and scripts."""

OPERATORS = ("/admin", "/api/v1/admin", "/metrics")
"""How the addresses of operators begin."""

HEADERS = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}


def install(app: FastAPI, settings: Settings, host: str) -> None:
    """Put the check before everything else. Raises `errors.TokenMissing`."""
    if settings.access_token is None and not is_loopback(host):
        raise errors.TokenMissing(host=host)
    app.add_middleware(Access, token=settings.access_token, operators=settings.operator_token, local=is_loopback(host))


@dataclass(frozen=True, slots=True)
class Gate:
    """A token, and the ways in which a visitor may show it."""

    token: str | None
    """Open to all without one."""
    login: str
    """The address of the form that takes it."""
    home: str
    """Where the form leads."""
    cookie: str

    def opens(self, shown: str) -> bool:
        return self.token is not None and hmac.compare_digest(shown.encode(), self.token.encode())

    def has_bearer(self, headers: Headers) -> bool:
        scheme, _, shown = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and self.opens(shown.strip())

    def has_cookie(self, headers: Headers) -> bool:
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return cookie is not None and hmac.compare_digest(cookie.value.encode(), self._pass().encode())

    def welcome(self, request: Request, shown: str, target: str) -> Response:
        """Turn a token into a cookie and go on to an address that doesn't hold it. Raises `errors.TokenWrong`."""
        if not self.opens(shown):
            raise errors.TokenWrong
        response = RedirectResponse(target, 303)
        secure = request.url.scheme == "https"
        age = COOKIE_DAYS * 24 * 3600
        response.set_cookie(self.cookie, self._pass(), age, httponly=True, samesite="strict", secure=secure)
        return response

    def _pass(self) -> str:
        """What the cookie holds: it proves the token without telling it."""
        return hmac.digest((self.token or "").encode(), self.cookie.encode(), "sha256").hex()


class Access:
    """ASGI middleware. `local` is whether the address served is a loopback one; `token` is what every request must show
    when it is set, and `operators`, when it is set, what takes its place at the addresses of operators."""

    def __init__(
        self, app: ASGIApp, token: SecretStr | None, *, operators: SecretStr | None = None, local: bool
    ) -> None:
        self._app = app
        self._local = local
        self._all = Gate(_open(token), "/login", "/", "soulprint_access")
        self._operators = Gate(_open(operators), "/admin/login", "/admin", "soulprint_operator")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            await self._serve(Request(scope, receive), _sealed(scope, send))

    async def _serve(self, request: Request, send: Send) -> None:
        response: ASGIApp
        try:
            response = await self._answer(request) or self._app
        except errors.SoulprintError as error:
            response = problems.response(request, error)
        await response(request.scope, request.receive, send)

    async def _answer(self, request: Request) -> Response | None:
        """What to answer instead of the application, None to let it answer. Raises what refuses the request."""
        if self._local and not is_loopback(_without_port(request.headers.get("host", ""))):
            raise errors.ForeignHost(host=request.headers.get("host") or "no machine")
        gate = self._gate(request.scope["path"])
        if not gate.has_bearer(request.headers):
            _refuse_foreign(request)
            return await _admit(request, gate)
        return None

    def _gate(self, path: str) -> Gate:
        is_operators = any(path == start or path.startswith(f"{start}/") for start in OPERATORS)
        return self._operators if self._operators.token and is_operators else self._all


async def _admit(request: Request, gate: Gate) -> Response | None:
    path = request.scope["path"]
    if gate.token is None or gate.has_cookie(request.headers):
        return RedirectResponse(gate.home, 303) if path == gate.login else None
    if path == gate.login and request.method == "POST":
        return gate.welcome(request, await _form(request), gate.home)
    if path.startswith(OPEN):
        return None
    if request.method == "GET" and "token" in request.query_params:
        return gate.welcome(request, request.query_params["token"], _clean(request))
    raise errors.Unauthenticated


def _open(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None


def _refuse_foreign(request: Request) -> None:
    """A page of another site may link here, and nothing else: it may neither post nor call the API. Programs that are
    no browser send neither header."""
    if request.method in {"GET", "HEAD", "OPTIONS"} and not request.scope["path"].startswith(("/api/", "/v1/")):
        return
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise errors.ForeignPage
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc.lower() != request.headers.get("host", "").lower():
        raise errors.ForeignPage


async def _form(request: Request) -> str:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > FORM_LIMIT:
            raise errors.TokenWrong
    return parse_qs(body.decode(errors="replace")).get("token", [""])[0].strip()


def _clean(request: Request) -> str:
    """The address asked for without the token. One leading slash: `//name` would be another site."""
    rest = [(name, value) for name, value in request.query_params.multi_items() if name != "token"]
    path = "/" + quote(request.scope["path"].lstrip("/\\"))
    return f"{path}?{urlencode(rest)}" if rest else path


def _sealed(scope: Scope, send: Send) -> Send:
    """`send`, with the headers that every response carries."""
    kept = "no-cache" if scope["path"].startswith("/static/") else "no-store"

    async def sealed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.update(HEADERS)
            headers.setdefault("cache-control", kept)
        await send(message)

    return sealed


def _without_port(host: str) -> str:
    """A Host header's name: `[::1]:8765` -> `[::1]`."""
    return host.rpartition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]

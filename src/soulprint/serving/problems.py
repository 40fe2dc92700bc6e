"""Turns errors into responses: problem JSON (RFC 9457) for programs, a page for people."""

from __future__ import annotations

import re
import traceback
from http import HTTPStatus

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from soulprint import errors
from soulprint.serving import faults, web
from soulprint.settings import Settings

UNFORESEEN = (
    "Something went wrong that nobody foresaw. Your data is untouched. Try again; `soulprint doctor` says more."
)

PROGRAMS = ("/api/", "/process-full")
"""Addresses that programs speak to."""

OPENAI = "/v1/"
"""Where programs speak to us as to OpenAI."""

OPENAI_KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
"""What OpenAI calls the errors of a status."""

log = structlog.get_logger()


class Problem(BaseModel):
    """What went wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    """What happened, what was kept, and what to do."""


class Fault(BaseModel):
    """What went wrong, as OpenAI's clients read it."""

    message: str
    type: str
    param: str | None
    code: str


class Failed(BaseModel):
    error: Fault


def install(app: FastAPI, settings: Settings) -> None:
    """Answer every error of `app` here."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_middleware(Problems, settings=settings)


class Problems:
    """ASGI middleware that answers what a room raised. What nobody foresaw is logged by its type and place alone: its
    message may hold what the person wrote."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except ClientDisconnect:
            log.info("a visitor left before the request was whole", path=route(scope))
        except Exception as error:  # noqa: BLE001
            explained = faults.explained(error, self._settings)
            if explained is None:
                report("request failed", error, path=route(scope))
            if not started:
                await response(Request(scope), explained or error)(scope, receive, send)


def response(request: Request, error: Exception) -> Response:
    """The answer to `error`, in the form that the address speaks."""
    if isinstance(error, errors.SoulprintError):
        wait = error.details.get("seconds") if isinstance(error, errors.TooManyRequests) else None
        headers = {"retry-after": str(wait)} if wait else None
        return _render(request, error.status, type(error).__name__, str(error), headers)
    return _render(request, 500, "InternalError", UNFORESEEN)


def _render(request: Request, status: int, name: str, detail: str, headers: dict[str, str] | None = None) -> Response:
    if request.scope["path"].startswith(OPENAI):
        return JSONResponse(of_openai(status, name, detail), status, headers)
    if request.scope["path"].startswith(PROGRAMS):
        title = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).capitalize()
        kind = f"urn:soulprint:problem:{title.lower().replace(' ', '-')}"
        problem = Problem(type=kind, title=title, status=status, detail=detail)
        return JSONResponse(problem.model_dump(), status, headers, media_type="application/problem+json")
    for_operators = request.scope["path"].startswith(("/admin", "/metrics"))
    return web.error_page(status, detail, headers, for_operators=for_operators)


def of_openai(status: int, name: str, detail: str) -> dict[str, object]:
    """The body of an error as OpenAI's clients read it."""
    kind = OPENAI_KINDS.get(
        status, "invalid_request_error" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "api_error"
    )
    code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return Failed(error=Fault(message=detail, type=kind, param=None, code=code)).model_dump()


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == HTTPStatus.NOT_FOUND:
        return response(request, errors.NotFound(what="page"))
    phrase = HTTPStatus(error.status_code).phrase
    headers = dict(error.headers) if error.headers else None
    return _render(request, error.status_code, phrase, f"{phrase}.", headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    faults_found = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
    path = request.scope["path"]
    if not path.startswith((*PROGRAMS, OPENAI)):
        return response(request, errors.NotFound(what="page"))
    status = 400 if path.startswith(OPENAI) else 422  # as OpenAI answers it
    return _render(request, status, "RequestInvalid", "; ".join(faults_found) + ".")


def route(scope: Scope) -> str:
    """The path's pattern; the path itself where none matched is not told, as it may hold anything."""
    return getattr(scope.get("route"), "path", "unknown")


def report(event: str, error: BaseException, **facts: str) -> None:
    """Log the type of `error`, and the file and line where it was raised."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    at = f"{last[0].filename}:{last[0].lineno}" if last else "unknown"
    log.warning(event, error=type(error).__name__, at=at, **facts)

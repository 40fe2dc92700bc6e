"""Who is let in, and who is not."""

from __future__ import annotations

import uuid

import pytest

from soulprint import errors
from soulprint.database import Database
from soulprint.loopback import is_loopback
from soulprint.pipeline import Background
from soulprint.serving import access, problems
from soulprint.serving.app import application
from soulprint.settings import Settings
from tests.serving import conftest
from tests.serving.conftest import TOKEN, Live

pytestmark = pytest.mark.anyio

BEARER = {"authorization": f"Bearer {TOKEN}"}


async def test_every_route_asks_for_the_token(guarded: Live) -> None:
    routes = conftest.addresses(guarded.app)
    assert len(routes) > 20
    for method, address in routes:
        response = await guarded.visitor.request(method, address)
        assert response.status_code == 401, (method, address)
        assert response.headers["content-type"].startswith(kind_of_error(address))
    assert (await guarded.visitor.get("/no/such/page")).status_code == 401


def kind_of_error(address: str) -> str:
    if address.startswith(problems.OPENAI):
        return "application/json"
    return "application/problem+json" if address.startswith(problems.PROGRAMS) else "text/html"


async def test_a_page_without_token_is_the_form_that_takes_it(guarded: Live) -> None:
    response = await guarded.visitor.get("/profile")
    assert 'action="/login"' in response.text
    assert (await guarded.visitor.get("/static/css/base.css")).status_code == 200


async def test_a_bearer_token_opens_the_api_and_a_wrong_one_does_not(guarded: Live) -> None:
    assert (await guarded.visitor.get("/api/v1/status", headers=BEARER)).status_code == 200
    wrong = await guarded.visitor.get("/api/v1/status", headers={b"authorization": "Bearer näh".encode()})
    assert wrong.status_code == 401


async def test_the_form_gives_a_cookie_that_does_not_tell_the_token(guarded: Live) -> None:
    response = await guarded.visitor.post("/login", content=f"token={TOKEN}")
    assert (response.status_code, response.headers["location"]) == (303, "/")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert TOKEN not in cookie
    assert (await guarded.visitor.get("/")).status_code == 200


async def test_a_wrong_token_in_the_form_gives_nothing(guarded: Live) -> None:
    for body in ("token=wrong", "", "token=" + "x" * 10_000, "token=%ff%00"):
        response = await guarded.visitor.post("/login", content=body)
        assert response.status_code == 401
        assert "set-cookie" not in response.headers


@pytest.mark.parametrize(
    ("link", "clean"),
    [
        (f"/profile?token={TOKEN}", "/profile"),
        (f"/chat?ask=where+now&token={TOKEN}", "/chat?ask=where+now"),
        (f"//elsewhere.example/x?token={TOKEN}", "/elsewhere.example/x"),
        (f"/%5Celsewhere.example?token={TOKEN}", "/elsewhere.example"),
    ],
)
async def test_a_link_with_the_token_leads_to_a_clean_address_here(guarded: Live, link: str, clean: str) -> None:
    response = await guarded.visitor.get(guarded.address + link)
    assert (response.status_code, response.headers["location"]) == (303, clean)
    assert "soulprint_access=" in response.headers["set-cookie"]


async def test_a_link_with_a_wrong_token_is_refused(guarded: Live) -> None:
    assert (await guarded.visitor.get("/?token=wrong")).status_code == 401


async def test_a_foreign_host_is_refused_on_loopback(live: Live) -> None:
    for host in ("evil.example", f"evil.example:{live.port}", "127.0.0.1.evil.example", "localhost.evil.example"):
        assert (await live.visitor.get("/", headers={"host": host})).status_code == 403, host
    for host in ("localhost", f"LOCALHOST:{live.port}", "127.0.0.1", f"[::1]:{live.port}"):
        assert (await live.visitor.get("/", headers={"host": host})).status_code == 200, host


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_a_foreign_page_can_neither_post_nor_read_the_api(live: Live, headers: dict[str, str]) -> None:
    posts = [("POST", "/api/v1/threads"), ("POST", "/api/v1/imports"), ("POST", "/login")]
    for method, address in [*posts, ("GET", "/api/v1/profile"), ("GET", "/%61pi/v1/profile")]:
        response = await live.visitor.request(method, address, headers=headers)
        assert response.status_code == 403
    assert (await live.visitor.get("/api/v1/threads")).json() == []


async def test_our_own_page_can_post_and_a_link_from_elsewhere_opens(live: Live) -> None:
    own = {"origin": live.address, "sec-fetch-site": "same-origin"}
    assert (await live.visitor.post("/api/v1/threads", headers=own)).status_code == 201
    assert (await live.visitor.get("/", headers={"sec-fetch-site": "cross-site"})).status_code == 200


async def test_every_answer_carries_the_headers_that_hold_a_page_in(live: Live) -> None:
    for address in ("/", "/profile", "/facts", "/diff", "/nothing", "/api/v1/status", "/static/chat.js"):
        response = await live.visitor.get(address)
        for name, value in access.HEADERS.items():
            assert response.headers[name] == value, (address, name)
        assert response.headers["cache-control"] in {"no-store", "no-cache"}
    policy = access.HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy


async def test_an_address_that_others_reach_is_not_served_without_a_token(
    database: Database, account: uuid.UUID, settings: Settings, background: Background
) -> None:
    for host in ("0.0.0.0", "192.168.1.4", "::", "box.example"):
        with pytest.raises(errors.TokenMissing):
            application(database, account, settings, background=background, host=host)


def test_only_this_machine_is_loopback() -> None:
    assert all(map(is_loopback, ("localhost", "127.0.0.1", "127.8.9.1", "::1", "[::1]", "LocalHost.")))
    assert not any(map(is_loopback, ("", "0.0.0.0", "localhost.evil", "127.0.0.1.evil", "::", "[::1].x")))


async def test_no_cookie_is_too_odd(guarded: Live) -> None:
    for cookie in ("soulprint_access=é", "soulprint_access", "=;;=", "soulprint_access=" + "a" * 4000):
        response = await guarded.visitor.get("/", headers={b"cookie": cookie.encode()})
        assert response.status_code == 401

"""The pages of operators, who may open them, and what Prometheus scrapes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.serving.app import application
from soulprint.settings import Settings
from tests import rows
from tests.model_server.fixtures import changed
from tests.operating.test_operating import add_answer, add_run
from tests.serving.conftest import TOKEN, Live, served
from tests.serving.test_pages import shown

pytestmark = pytest.mark.anyio

OPERATORS = "the-text-that-operators-alone-know"
ADDRESSES = ("/admin", "/admin/live", "/admin/runs", "/admin/accounts", "/api/v1/admin/overview", "/metrics")
BEARER, OPERATORS_BEARER = ({"authorization": f"Bearer {token}"} for token in (TOKEN, OPERATORS))


@pytest.fixture
async def operated(
    database: Database, account: uuid.UUID, settings: Settings, background: Background
) -> AsyncIterator[Live]:
    """Served to others, with a token for all and one for operators."""
    tokens = {"access_token": SecretStr(TOKEN), "operator_token": SecretStr(OPERATORS)}
    app = application(database, account, changed(settings, **tokens), background=background, host="0.0.0.0")
    async with served(app) as live:
        yield live


async def test_operators_have_a_token_of_their_own(operated: Live) -> None:
    for address in ADDRESSES:
        assert (await operated.visitor.get(address)).status_code == 401
        assert (await operated.visitor.get(address, headers=BEARER)).status_code == 401, address
        assert (await operated.visitor.get(address, headers=OPERATORS_BEARER)).status_code == 200, address
    for address in ("/profile", "/api/v1/status"):
        assert (await operated.visitor.get(address, headers=OPERATORS_BEARER)).status_code == 401
        assert (await operated.visitor.get(address, headers=BEARER)).status_code == 200


async def test_the_form_of_operators_opens_their_pages_alone(operated: Live) -> None:
    form = await operated.visitor.get("/admin")
    assert 'action="/admin/login"' in form.text
    assert (await operated.visitor.post("/admin/login", content=f"token={TOKEN}")).status_code == 401
    response = await operated.visitor.post("/admin/login", content=f"token={OPERATORS}")
    assert (response.status_code, response.headers["location"]) == (303, "/admin")
    assert "soulprint_operator=" in response.headers["set-cookie"]
    assert OPERATORS not in response.headers["set-cookie"]
    assert (await operated.visitor.get("/admin")).status_code == 200
    assert (await operated.visitor.get("/")).status_code == 401


async def test_the_cookie_of_one_door_is_none_of_the_other(operated: Live) -> None:
    response = await operated.visitor.post("/login", content=f"token={TOKEN}")
    value = response.headers["set-cookie"].partition("=")[2].partition(";")[0]
    operated.visitor.cookies.clear()
    for name in ("soulprint_operator", "soulprint_access"):
        cookie = {"cookie": f"{name}={value}"}
        assert (await operated.visitor.get("/admin", headers=cookie)).status_code == 401


async def test_the_form_leads_nowhere_else(operated: Live) -> None:
    linked = await operated.visitor.get(f"/admin?token={OPERATORS}&next=//evil.example")
    assert linked.headers["location"] == "/admin?next=%2F%2Fevil.example"
    assert (await operated.visitor.get(f"/profile?token={OPERATORS}")).status_code == 401


async def test_without_a_token_of_their_own_the_rules_of_all_pages_hold(live: Live, guarded: Live) -> None:
    for address in ADDRESSES:
        assert (await live.visitor.get(address)).status_code == 200
        assert (await guarded.visitor.get(address)).status_code == 401
        assert (await guarded.visitor.get(address, headers=BEARER)).status_code == 200


async def test_pages_show_figures_and_no_text(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await rows.add_conversation(session, account, ["I live in Lyon."])
    run = await add_run(
        database, account, seconds=65, status="failed", error="I live in Lyon", error_kind="NothingFound"
    )
    await add_answer(database, account, run)
    told = ""
    for address in ("/admin", "/admin/runs", f"/admin/runs/{run}", f"/admin/runs/{run}/live", "/admin/accounts"):
        told += " ".join((await shown(live, address)).text.split())
    assert "NothingFound" in told
    assert str(account)[:8] in told
    assert "Lyon" not in told
    assert "Start it again" in told
    assert (await live.visitor.get(f"/admin/runs/{uuid.uuid4()}")).status_code == 404


async def test_a_pass_is_found_by_why_it_ended(live: Live, database: Database, account: uuid.UUID) -> None:
    await add_run(database, account, seconds=1, status="failed", error_kind="ModelRefused")
    page = await shown(live, f"/admin/runs?reason=ModelRefused&account={account}&kind=full&day=")
    assert "Ended with ModelRefused" in " ".join(page.text.split())
    assert "No pass is such." in (await shown(live, f"/admin/runs?reason=Other&account={account}")).text


async def test_programs_read_the_same(live: Live, database: Database, account: uuid.UUID) -> None:
    run = await add_run(database, account, seconds=1)
    overview = (await live.visitor.get("/api/v1/admin/overview")).json()
    assert {"since", "days", "paces", "failures", "models", "queue", "workers"} <= overview.keys()
    found = (await live.visitor.get(f"/api/v1/admin/runs?account={account}")).json()
    assert [each["id"] for each in found] == [str(run)]
    assert (await live.visitor.get("/api/v1/admin/accounts?limit=1")).json()
    assert (await live.visitor.post(f"/api/v1/admin/runs/{run}/stop")).status_code == 404
    assert (await live.visitor.get("/api/v1/admin/runs?limit=9999")).status_code == 422


async def test_a_pass_at_work_is_stopped(live: Live, database: Database, account: uuid.UUID) -> None:
    run = await add_run(database, account, status="processing")
    assert (await live.visitor.post(f"/api/v1/admin/runs/{run}/stop")).json() == {"run_id": str(run)}
    assert "stopped" in (await shown(live, f"/admin/runs/{run}")).text


async def test_prometheus_scrapes_counts_without_names(live: Live, database: Database, account: uuid.UUID) -> None:
    run = await add_run(database, account, seconds=1)
    await add_answer(database, account, run)
    await live.visitor.get("/profile?ask=where+do+I+live")
    await live.visitor.get("/no/such/page")
    response = await live.visitor.get("/metrics")
    assert response.headers["content-type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(response.text)}
    assert {"soulprint_passes", "soulprint_workers", "soulprint_stage_seconds", "soulprint_http_requests"} <= set(
        families
    )
    assert {"soulprint_model_cost_usd", "soulprint_queue_passes", "soulprint_database_bytes"} <= set(families)
    assert {"process_cpu_seconds", "process_open_fds"} <= set(families)
    routes = {sample.labels.get("route") for sample in families["soulprint_http_requests"].samples}
    assert {"/profile", "unknown"} <= routes
    assert str(account) not in response.text
    assert "where+do" not in response.text
    passes = {(s.labels["kind"], s.labels["status"]): s.value for s in families["soulprint_passes"].samples}
    assert passes["full", "complete"] >= 1

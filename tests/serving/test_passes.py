"""Full passes, facts and changes over real HTTP."""

from __future__ import annotations

import io
import uuid
from collections.abc import AsyncIterator

import pytest
from rich.console import Console
from sqlalchemy import func, select

from soulprint import pipeline, sections
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.records import Account, Import, Run, VersionKind
from soulprint.serving import passes as shown
from soulprint.serving.app import application
from soulprint.serving.rest import passes
from soulprint.settings import Settings
from tests import rows
from tests.model_server import ModelServer
from tests.model_server.fixtures import changed
from tests.pipeline.passes import add_history, ended
from tests.serving.conftest import TOKEN, Live, served
from tests.serving.test_rest import problem

pytestmark = pytest.mark.anyio

SEAM = "/process-full"


@pytest.fixture
async def working(
    database: Database, account: uuid.UUID, settings: Settings, background: Background
) -> AsyncIterator[Live]:
    """Served by a process that works on passes, too, with the local engine."""
    async with (
        pipeline.working(database, settings),
        served(application(database, account, settings, background=background)) as live,
    ):
        yield live


@pytest.fixture
async def modelled(
    database: Database, account: uuid.UUID, background: Background, model_settings: Settings, model_server: ModelServer
) -> AsyncIterator[Live]:
    """The same with a model that takes its time."""
    model_server.latency = 5.0
    settings = changed(model_settings, ceiling=0.0001)
    async with (
        pipeline.working(database, settings),
        served(application(database, account, settings, background=background)) as live,
    ):
        yield live


@pytest.fixture
async def stranger(database: Database) -> uuid.UUID:
    """Somebody else, of whom facts, two versions and an upload are kept."""
    async with database.session() as session:
        other = Account(id=uuid.uuid4())
        session.add(other)
    async with database.session(other.id) as session:
        _, said = await rows.add_conversation(session, other.id, ["My safe is behind the painting."])
        await rows.add_fact(session, said, "Has a safe behind the painting")
        session.add(Import(user_id=other.id, names="theirs.zip", status="complete", upload="theirs"))
        for kind in (VersionKind.QUICK, VersionKind.FULL):
            await sections.publish(session, other.id, rows.make_draft(location="Behind the painting."), kind)
        await rows.add_run(session, other.id)
    return other.id


async def test_the_estimate_counts_and_sends_nothing(live: Live, database: Database, account: uuid.UUID) -> None:
    await add_history(database, account)
    found = (await live.visitor.get("/api/v1/estimate")).json()
    assert (found["conversations"], found["up_to_date"], found["calls"], found["cost_usd"]) == (5, 0, 0, "0")
    assert [stage["name"] for stage in found["stages"]] == ["extract", "merge", "memory", "sections"]


@pytest.mark.parametrize("model_settings", ["openai:gpt-5-mini"], indirect=True)
async def test_the_estimate_of_a_model_has_a_price(
    modelled: Live, database: Database, account: uuid.UUID, model_server: ModelServer
) -> None:
    await add_history(database, account)
    found = (await modelled.visitor.get("/api/v1/estimate")).json()
    assert found["calls"] >= 3
    assert 0 < float(found["batch_usd"]) < float(found["cost_usd"])
    assert model_server.requests == []


async def test_a_pass_is_begun_once_followed_and_comes_to_facts_and_changes(
    working: Live, database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await add_history(database, account)
    async with database.session(account) as session:
        await sections.publish(session, account, rows.make_draft(), VersionKind.QUICK)
    response = await working.visitor.post("/api/v1/passes", json={"unknown": "field"})
    assert (response.status_code, response.headers["location"]) == (202, "/api/v1/status")
    assert (await ended(database, account, settings)).status == "complete"

    status = (await working.visitor.get("/api/v1/status")).json()
    assert (status["version"], status["unread"], status["full_pass"]["id"]) == (2, 0, response.json()["run_id"])
    assert [stage["name"] for stage in status["full_pass"]["stages"]][-1] == "sections"

    known = (await working.visitor.get("/api/v1/facts")).json()
    assert status["facts"] == sum(fact["status"] in {"active", "pinned"} for fact in known)
    assert all(fact["sources"] and 0 < fact["confidence"] <= 1 for fact in known)
    first = (await working.visitor.get("/api/v1/facts", params={"limit": 2})).json()
    rest = (await working.visitor.get("/api/v1/facts", params={"after": first[-1]["id"]})).json()
    assert [fact["id"] for fact in [*first, *rest]] == [fact["id"] for fact in known]
    only = (await working.visitor.get("/api/v1/facts", params={"category": "beliefs", "status": "active"})).json()
    assert {(fact["category"], fact["status"]) for fact in only} == {("beliefs", "active")}

    diff = (await working.visitor.get("/api/v1/diff")).json()
    assert (diff["older"], diff["newer"]) == (1, 2)
    assert "added" in {change["kind"] for change in diff["changes"]}
    assert all(change["why"] for change in diff["changes"])


@pytest.mark.parametrize("model_settings", ["openai:gpt-5-mini"], indirect=True)
async def test_one_pass_at_a_time_until_it_is_stopped(modelled: Live, database: Database, account: uuid.UUID) -> None:
    await add_history(database, account)
    refused = problem(await modelled.visitor.post("/api/v1/passes", json={}), 402)
    assert refused["title"] == "Over ceiling"
    allowed = await modelled.visitor.post("/api/v1/passes", json={"ceiling_usd": 1})
    asked = {"user_id": str(account), "conversation_count": 7, "priority": "high"}
    again = [await modelled.visitor.post(SEAM, json=asked) for _ in range(2)]
    assert [response.status_code for response in [allowed, *again]] == [202] * 3
    assert len({response.json()["run_id"] for response in [allowed, *again]}) == 1
    assert (await modelled.visitor.delete("/api/v1/passes/current")).status_code == 204
    assert (await modelled.visitor.get("/api/v1/status")).json()["full_pass"]["status"] == "cancelled"
    problem(await modelled.visitor.delete("/api/v1/passes/current"), 404)


async def test_the_seam_takes_an_upload_of_the_account_alone(
    working: Live, database: Database, account: uuid.UUID, stranger: uuid.UUID
) -> None:
    async with database.session(account) as session:
        session.add(Import(user_id=account, names="mine.zip", status="complete", upload="mine"))
    mine = {"user_id": str(account), "storage_path": "mine"}
    for path in ("theirs", "../mine", "/etc/passwd", "", "mine\x01"):
        problem(await working.visitor.post(SEAM, json=mine | {"storage_path": path}), 404)
    problem(await working.visitor.post(SEAM, json=mine | {"storage_path": "mine\x00"}), 422)
    assert await runs(database, account) == 0
    assert (await working.visitor.post(SEAM, json=mine)).status_code == 202
    assert await runs(database, stranger) == 1


async def test_the_seam_takes_no_other_account(live: Live, database: Database, stranger: uuid.UUID) -> None:
    for other in (str(stranger), "", "nobody"):
        told = problem(await live.visitor.post(SEAM, json={"user_id": other}), 403)
        assert told["title"] == "Foreign account"
    problem(await live.visitor.post(SEAM, json={}), 422)
    problem(await live.visitor.post(SEAM, content=b"{"), 422)
    assert await runs(database, stranger) == 1


async def test_the_seam_asks_for_the_token(guarded: Live, account: uuid.UUID) -> None:
    asked = {"user_id": str(account)}
    for headers in ({}, {"authorization": "Bearer wrong"}):
        problem(await guarded.visitor.post(SEAM, json=asked, headers=headers), 401)
    bearer = {"authorization": f"Bearer {TOKEN}"}
    problem(await guarded.visitor.post(SEAM, json={"user_id": "nobody"}, headers=bearer), 403)


async def test_passes_are_asked_for_ten_times_a_minute(working: Live, account: uuid.UUID) -> None:
    ten = [await working.visitor.post(SEAM, json={"user_id": str(account)}) for _ in range(passes.MOST.amount)]
    assert {response.status_code for response in ten} == {202}
    for address, body in ((SEAM, {"user_id": str(account)}), ("/api/v1/passes", {})):
        response = await working.visitor.post(address, json=body)
        problem(response, 429)
        assert 0 < int(response.headers["retry-after"]) <= 60


@pytest.mark.usefixtures("stranger")
async def test_nothing_of_another_account_is_told(live: Live) -> None:
    assert (await live.visitor.get("/api/v1/facts")).json() == []
    problem(await live.visitor.get("/api/v1/diff"), 404)
    problem(await live.visitor.get("/api/v1/diff?older=1&newer=2"), 404)
    problem(await live.visitor.delete("/api/v1/passes/current"), 404)
    status = (await live.visitor.get("/api/v1/status")).json()
    assert (status["full_pass"], status["facts"], status["unread"]) == (None, 0, 0)
    assert (await live.visitor.get("/api/v1/estimate")).json()["conversations"] == 0
    for address in ("/", "/facts", "/diff", "/progress", "/estimate"):
        assert "painting" not in (await live.visitor.get(address)).text


@pytest.mark.parametrize(
    "address",
    [
        "/api/v1/diff?older=0",
        f"/api/v1/diff?older={2**40}&newer={2**40}",
        "/api/v1/facts?limit=0",
        "/api/v1/facts?after=x",
        f"/api/v1/facts?after={2**70}",
        "/api/v1/facts?category=%00",
    ],
)
async def test_nonsense_is_a_problem(live: Live, address: str) -> None:
    problem(await live.visitor.get(address), 422)


@pytest.mark.parametrize("ceiling", [-1, 10**7, "NaN", "Infinity", "much"])
async def test_a_ceiling_is_a_sum(live: Live, ceiling: object) -> None:
    problem(await live.visitor.post("/api/v1/passes", json={"ceiling_usd": ceiling}), 422)


def test_names_and_counts_of_stages_are_whole_on_a_narrow_terminal() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    with shown.stage_bars(console) as bars:
        bars.add_task("Cutting for search", total=1, told="")
        bars.add_task("Finding facts", completed=1_234, total=2_000, told="findings proved · " * 9)
        with console.capture() as captured:
            console.print(bars.get_renderable())
    assert "Cutting for search " in captured.get()
    assert "1234/2000" in captured.get()


async def runs(database: Database, account: uuid.UUID) -> int:
    async with database.session(account) as session:
        return await session.scalar(select(func.count()).select_from(Run)) or 0

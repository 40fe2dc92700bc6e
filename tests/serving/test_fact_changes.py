"""Facts that are changed over real HTTP."""

from __future__ import annotations

import asyncio
import uuid

import pytest

from soulprint import sections
from soulprint.database import Database
from soulprint.records import VersionKind
from tests import rows
from tests.serving.conftest import Live
from tests.serving.test_rest import problem

pytestmark = pytest.mark.anyio


@pytest.mark.usefixtures("version")
async def test_a_fact_is_told_corrected_pinned_and_taken_back(live: Live) -> None:
    told = await live.visitor.post("/api/v1/facts", json={"statement": "I live in Leeds"})
    assert told.status_code == 201
    first = told.json()
    assert (first["fact"]["statement"], first["version"]) == ("I live in Leeds", 2)
    address = f"/api/v1/facts/{first['fact']['id']}"
    assert (await live.visitor.get(address)).json() == first["fact"]
    assert (await live.visitor.post(f"{address}/pin")).json()["fact"]["status"] == "pinned"
    second = (await live.visitor.post(f"{address}/correct", json={"statement": "I live in Lyon"})).json()
    assert second["fact"]["statement"] == "I live in Lyon"
    assert (await live.visitor.get(address)).json()["status"] == "rejected"
    assert "I live in Lyon" in (await live.visitor.get("/api/v1/profile.md")).text
    back = await live.visitor.post(f"/api/v1/facts/changes/{second['change_id']}/undo")
    assert back.json()["statement"] == "I live in Leeds"
    kinds = [change["kind"] for change in (await live.visitor.get("/api/v1/facts/changes")).json()]
    assert kinds == ["corrected", "pinned", "remembered"]
    assert (await live.visitor.post(f"{address}/reject")).json()["fact"]["status"] == "rejected"


async def test_what_cannot_be_changed_is_a_problem(live: Live) -> None:
    problem(await live.visitor.get("/api/v1/facts/99"), 404)
    problem(await live.visitor.post("/api/v1/facts/99/reject"), 404)
    problem(await live.visitor.post("/api/v1/facts/changes/99/undo"), 404)
    problem(await live.visitor.post("/api/v1/facts", json={"statement": "?!"}), 422)


async def test_changes_at_the_same_time_lose_nothing_of_each_other(
    live: Live, database: Database, account: uuid.UUID
) -> None:
    async with database.session(account) as session:
        await sections.publish(session, account, rows.make_draft(), VersionKind.FULL)
    told = [f"I row at {hour} in the morning" for hour in range(5, 11)]
    answers = await asyncio.gather(
        *(live.visitor.post("/api/v1/facts", json={"statement": statement}) for statement in told)
    )
    assert {answer.status_code for answer in answers} == {201}
    undone = answers[0].json()["change_id"]
    others = [live.visitor.post(f"/api/v1/facts/changes/{undone}/undo")]
    others += [live.visitor.post(f"/api/v1/facts/{answer.json()['fact']['id']}/reject") for answer in answers[1:3]]
    await asyncio.gather(*others)
    async with database.session(account) as session:
        version = await sections.current(session)
    assert version
    held = {line.text for part in version.memory for line in part.lines}
    assert held & set(told) == set(told[3:])

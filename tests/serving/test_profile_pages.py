"""The profile as the person edits it, its versions, and the way back."""

from __future__ import annotations

import uuid

import pytest

from soulprint import sections
from soulprint.database import Database
from soulprint.records import VersionKind
from tests import rows
from tests.serving.conftest import Live
from tests.serving.test_pages import shown

pytestmark = pytest.mark.anyio

PLACE = {"section": "user", "field": "location"}


async def test_a_line_is_edited_and_the_edit_undone(live: Live, version: int) -> None:
    former = (await live.visitor.get("/api/v1/profile")).json()["sections"]["user"]["location"][0]["text"]
    made = await live.visitor.post("/api/v1/profile/lines", json=PLACE | {"former": former, "text": "Lyon <b>"})
    assert (made.status_code, made.json()["version"]) == (200, version + 1)
    assert "Lyon <b>" in (await shown(live, "/profile")).text
    again = await live.visitor.post("/api/v1/profile/lines", json=PLACE | {"former": former, "text": "Leeds"})
    assert (again.status_code, again.json()["title"]) == (409, "Line changed")
    back = await live.visitor.post(f"/api/v1/profile/edits/{made.json()['edit']}/undo")
    assert back.status_code == 200
    assert former in (await live.visitor.get("/api/v1/profile.md")).text


@pytest.mark.usefixtures("version")
@pytest.mark.parametrize("wanted", [{}, {"text": "x" * 501}, {"text": "a\x00"}, {"former": None, "text": None}])
async def test_what_cannot_be_written_is_a_problem(live: Live, wanted: dict[str, str]) -> None:
    assert (await live.visitor.post("/api/v1/profile/lines", json=PLACE | wanted)).status_code == 422


async def test_versions_are_listed_and_used(live: Live, database: Database, account: uuid.UUID, version: int) -> None:
    async with database.session(account) as session:
        for number in range(32):
            await sections.publish(session, account, rows.make_draft(location=f"Place {number}"), VersionKind.FULL)
    page = await shown(live, "/versions")
    assert len([each for each in page.named("li") if (each.get("id") or "").startswith("v")]) == 30
    rest = await shown(live, next(each["href"] or "" for each in page.named("a") if each.get("rel") == "next"))
    assert [each["id"] for each in rest.named("li") if each.get("id")] == ["v3", "v2", "v1"]
    listed = (await live.visitor.get("/api/v1/profile/versions?limit=2")).json()
    assert (listed["current"], [each["number"] for each in listed["versions"]]) == (33, [33, 32])
    used = await live.visitor.post("/api/v1/profile/versions/2/use")
    assert used.json() == {"version": 2, "before": 33}
    assert "Place 0" in (await shown(live, "/profile")).text
    assert (await live.visitor.post("/api/v1/profile/versions/99/use")).status_code == 404
    assert "Version 33" in (await shown(live, "/diff?older=1&newer=33")).text


async def test_without_a_profile_there_are_no_versions(live: Live) -> None:
    assert "There is no profile yet." in (await shown(live, "/versions")).text

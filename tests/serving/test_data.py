"""What is kept of a person: taken along, and erased."""

from __future__ import annotations

import io
import zipfile

import pytest

from tests.serving.conftest import Live
from tests.serving.test_history_pages import Talk
from tests.serving.test_pages import shown

pytestmark = pytest.mark.anyio


async def test_everything_is_downloaded_as_one_file(live: Live, talk: Talk) -> None:
    response = await live.visitor.get("/api/v1/export.zip")
    assert response.headers["content-type"] == "application/zip"
    assert "attachment; filename=" in response.headers["content-disposition"]
    made = zipfile.ZipFile(io.BytesIO(response.content))
    assert str(talk[0].id) in made.read("conversations.jsonl").decode()


@pytest.mark.usefixtures("talk", "version")
async def test_everything_is_erased_when_that_is_meant(live: Live) -> None:
    for word in ("", "yes", "erase it"):
        refused = await live.visitor.post("/api/v1/erase", json={"word": word})
        assert (refused.status_code, "Nothing was erased." in refused.json()["detail"]) == (422, True)
    receipt = (await live.visitor.post("/api/v1/erase", json={"word": " Erase "})).json()
    assert receipt["rows"]["conversations"] == 1
    assert "What your chats know about you" in (await shown(live, "/")).text
    assert receipt["id"] in (await shown(live, f"/erased/{receipt['id']}")).text
    assert [each["id"] for each in (await live.visitor.get("/api/v1/erasures")).json()] == [receipt["id"]]
    assert "1 receipt" in (await shown(live, "/settings")).text


async def test_a_receipt_that_is_none_is_not_shown(live: Live) -> None:
    await shown(live, "/erased/00000000-0000-0000-0000-000000000001", 404)

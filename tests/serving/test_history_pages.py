"""The imported history: listed, searched, read, and forgotten in part."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from soulprint import indexing
from soulprint.database import Database
from soulprint.records import Conversation, Message
from tests import rows
from tests.serving.conftest import HOSTILE, Live
from tests.serving.test_pages import Page, shown

pytestmark = pytest.mark.anyio

Talk = tuple[Conversation, list[Message]]


def listed(page: Page) -> list[str]:
    return [each["data-talk"] or "" for each in page.named("li") if "data-talk" in each]


async def test_without_anything_there_is_a_way_on(live: Live) -> None:
    assert "Nothing is imported yet." in (await shown(live, "/conversations")).text


async def test_the_history_is_listed_page_by_page(live: Live, database: Database, account: uuid.UUID) -> None:
    noon, made = datetime(2024, 5, 12, tzinfo=UTC), []
    async with database.session(account) as session:
        for number in range(130):
            at = None if number % 13 == 0 else noon - timedelta(days=number // 3)
            held, _ = await rows.add_conversation(session, account, [f"About {number}"], title="", started_at=at)
            made.append((at, held.id))
    page = await shown(live, "/conversations")
    assert "About 1" in page.text
    seen, pages = listed(page), 1
    while more := [each["href"] for each in page.named("a") if each.get("rel") == "next"]:
        page = await shown(live, more[0] or "")
        seen, pages = seen + listed(page), pages + 1
    dated = sorted([each for each in made if each[0]], reverse=True)
    undated = sorted([each[1] for each in made if each[0] is None], reverse=True)
    assert seen == [str(each[1]) for each in dated] + [str(each) for each in undated]
    assert pages == 3
    assert [each["id"] for each in (await live.visitor.get("/api/v1/conversations?limit=2")).json()] == seen[:2]


async def test_the_history_is_searched_and_narrowed(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        boat, said = await rows.add_conversation(session, account, ["I row at dawn."], title="A boat <b>")
        old = {"provider": "claude", "started_at": datetime(2021, 1, 2, tzinfo=UTC)}
        other, _ = await rows.add_conversation(session, account, ["My boat leaks."], title="Leaks", **old)  # type: ignore[arg-type]
        await rows.add_fact(session, said, "Rows")
    await indexing.index_all(database, account)
    found = await shown(live, "/conversations?q=BOAT&year=&provider=&only=&after=")
    assert listed(found) == [str(boat.id)]
    assert "My boat leaks." in found.text
    assert f"/conversations/{other.id}?message=" in " ".join(each["href"] or "" for each in found.named("a"))
    assert listed(await shown(live, "/conversations?provider=claude")) == [str(other.id)]
    assert listed(await shown(live, "/conversations?year=2021")) == [str(other.id)]
    assert listed(await shown(live, "/conversations?only=facts")) == [str(boat.id)]
    assert len(listed(await shown(live, "/conversations?only=unread"))) == 2
    assert "No conversation is like that." in (await shown(live, "/conversations?q=submarine")).text
    await shown(live, "/conversations?year=x", 404)


async def test_what_was_learned_stands_beside_a_conversation(
    live: Live, database: Database, account: uuid.UUID, talk: Talk
) -> None:
    held, messages = talk
    async with database.session(account) as session:
        await rows.add_fact(session, messages[2:3], HOSTILE[:100])
    page = await shown(live, f"/conversations/{held.id}")
    assert "<script>alert(1)</script>" in page.text
    assert [each["data-forget"] for each in page.named("button") if "data-forget" in each] == [str(held.id)]
    assert "It has not been read for facts yet." not in page.text


async def test_a_long_conversation_comes_in_parts(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        held, messages = await rows.add_conversation(session, account, [f"Turn {n}." for n in range(500)])
    page = await shown(live, f"/conversations/{held.id}")
    assert "Turn 199." in page.text
    assert "Turn 200." not in page.text
    here = await shown(live, f"/conversations/{held.id}?message={messages[450].id}&span=0-4")
    assert "Turn 450." in here.text
    assert "Turn 200." not in here.text
    assert [tag for tag, _ in here.tags].count("mark") == 1
    rest = (await live.visitor.get(f"/api/v1/conversations/{held.id}?offset=490")).json()
    assert (rest["total"], len(rest["messages"])) == (500, 10)
    await shown(live, f"/conversations/{held.id}?message={2**63}", 404)


async def test_conversations_are_forgotten(live: Live, talk: Talk) -> None:
    held, _ = talk
    gone = await live.visitor.post("/api/v1/conversations/forget", json={"ids": [str(held.id)]})
    assert gone.json() == {"conversations": 1, "facts": 0, "versions": 0, "answers": 0}
    await shown(live, f"/conversations/{held.id}", 404)
    assert (await live.visitor.post("/api/v1/conversations/forget", json={"ids": []})).status_code == 422

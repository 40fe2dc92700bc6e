"""MEMORY, all facts, the timeline and the inbox: what they show, and that they are deaf to hostile text."""

from __future__ import annotations

import uuid
from datetime import date

import pytest

from soulprint import facts, sections
from soulprint.database import Database
from soulprint.records import VersionKind
from soulprint.records.sections import Line, MemoryPart
from tests import rows
from tests.serving.conftest import HOSTILE, Live
from tests.serving.test_pages import shown

pytestmark = pytest.mark.anyio


@pytest.fixture
async def known(database: Database, account: uuid.UUID) -> list[int]:
    """A fact that took the place of another, on which a line of MEMORY rests, and one that is hostile."""
    async with database.session(account) as session:
        _, said = await rows.add_conversation(session, account, ["I moved to Lyon.", HOSTILE], title=HOSTILE[:60])
        new = await rows.add_fact(session, said[:1], "Lives in Lyon", true_from=date(2024, 5, 1))
        old = {"status": "superseded", "superseded_by": new.id, "true_from": date(2021, 2, 3)}
        past = await rows.add_fact(session, said[:1], "Lives in Leeds", **old)
        wild = await rows.add_fact(session, said[1:], HOSTILE[:200], about=HOSTILE[:30], confidence=0.4)
        views = await facts.by_ids(session, [new.id, wild.id])
        lines = [Line(text=view.statement, sources=tuple(view.sources)) for view in views]
        draft = rows.make_draft().model_copy(update={"memory": [MemoryPart(title="Projects", lines=lines)]})
        await sections.publish(session, account, draft, VersionKind.FULL)
    return [new.id, past.id, wild.id]


@pytest.mark.parametrize("address", ["/memory", "/facts", "/facts/timeline", "/review"])
async def test_without_anything_there_is_a_way_on(live: Live, address: str) -> None:
    page = await shown(live, address)
    assert len(page.named("h1")) == 1
    assert [link["href"] for link in page.named("a") if "button" in (link.get("class") or "")]


@pytest.mark.usefixtures("known")
@pytest.mark.parametrize("address", ["/memory", "/facts", "/facts/timeline", "/review", "/facts?q=%3Cscript%3E"])
async def test_hostile_facts_stay_text(live: Live, address: str) -> None:
    page = await shown(live, address)
    assert "<script>alert(1)</script>" in page.text
    assert not [tag for tag, attributes in page.tags if tag == "script" and "src" not in attributes]


async def test_memory_opens_the_fact_of_each_line(live: Live, known: list[int]) -> None:
    page = await shown(live, "/memory")
    assert [found["data-fact"] for found in page.named("div") if "data-fact" in found] == [str(known[0]), str(known[2])]
    assert "That’s wrong" in page.text


@pytest.mark.usefixtures("known")
async def test_facts_are_searched_and_narrowed_in_the_address(live: Live) -> None:
    found = await shown(live, "/facts?q=leeds&category=decisions&since=&until=&conversation=&sure=sure&order=newest")
    assert "1 fact" in found.text
    assert [tag for tag, _ in found.tags].count("mark") == 1
    chosen = {each["value"] for each in found.named("option") if "selected" in each}
    assert chosen == {"decisions", "sure", "newest"}
    assert "No fact is of that kind." in (await shown(live, "/facts?q=nobody+said+this")).text
    await shown(live, "/facts?since=yesterday", 404)


@pytest.mark.usefixtures("known")
async def test_the_timeline_shows_both_sides_of_a_change(live: Live) -> None:
    page = await shown(live, "/facts/timeline")
    told = " ".join(page.text.split())
    assert "Lives in Leeds → Lives in Lyon" in told
    assert told.index("May 2024") < told.index("February 2021")
    until = next(link["href"] or "" for link in page.named("a") if "until=2021" in (link["href"] or ""))
    assert "Lives in Lyon" not in (await shown(live, until)).text


async def test_the_inbox_has_what_is_doubted_and_asks_for_more(live: Live, known: list[int]) -> None:
    page = await shown(live, "/review")
    cards = [each for each in page.named("li") if each.get("class") == "card"]
    assert [each["data-fact"] for each in cards] == [str(known[2]), str(known[0])]
    assert "1 line of your profile rests on it" in page.text
    more = await shown(live, f"/review/more?score={cards[0]['data-score']}&after={known[2]}")
    assert [each["data-fact"] for each in more.named("li") if each.get("class") == "card"] == [str(known[0])]
    await live.visitor.post(f"/api/v1/facts/{known[0]}/confirm")
    await live.visitor.post(f"/api/v1/facts/{known[2]}/reject")
    assert "Nothing waits for your word." in (await shown(live, "/review")).text


async def test_a_fact_that_was_decided_in_another_tab_is_not_decided_again(live: Live, known: list[int]) -> None:
    assert (await live.visitor.post(f"/api/v1/facts/{known[0]}/reject")).status_code == 200
    again = await live.visitor.post(f"/api/v1/facts/{known[0]}/confirm")
    assert (again.status_code, again.json()["title"]) == (409, "Fact decided")

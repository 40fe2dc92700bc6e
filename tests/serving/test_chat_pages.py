"""The pages of a chat: what its messages, its sources and its list show of what is stored."""

from __future__ import annotations

import re
import uuid
from collections.abc import Sequence
from typing import Any

import pytest

from soulprint import chat, sections
from soulprint.chat import answering, store
from soulprint.database import Database
from soulprint.facts import changing
from soulprint.kinds import Role
from soulprint.records import Conversation, FactStatus, Message, VersionKind
from soulprint.records.recalled import Recalled, Turn
from soulprint.serving.web import now, rendering
from soulprint.serving.web.pages import chat as chat_page
from tests import rows
from tests.serving.conftest import HOSTILE, Live
from tests.serving.test_pages import shown

pytestmark = pytest.mark.anyio

Talk = tuple[Conversation, list[Message]]


def passage(talk: Talk) -> Recalled:
    """Both turns of the talk that tell of Lyon."""
    turns = [
        Turn(
            message_id=message.id,
            provider_id="m",
            role=Role(message.role),
            said_at=message.sent_at,
            start=0,
            end=len(message.text),
            text=message.text,
        )
        for message in talk[1][2:]
    ]
    return Recalled(
        kind="passage",
        score=1,
        why="“Lyon”",
        text="…",
        said=tuple(turns),
        conversation_id=talk[0].id,
        title=talk[0].title,
        date=rows.NOON,
    )


async def answered(
    database: Database, account: uuid.UUID, text: str, sources: Sequence[Recalled] = (), **values: Any
) -> tuple[uuid.UUID, int]:
    """A chat with an answer that is whole: its id, and the answer's."""
    async with database.session(account) as session:
        thread = await chat.start(session, account)
        turn = await answering.ask(session, thread.id, "Where do I live?")
        kept = [source.model_dump(mode="json") for source in sources]
        await store.finish(session, turn.answer_id, None, text=text, sources=kept, **values)
    return thread.id, turn.answer_id


async def test_a_citation_leads_to_its_source_and_that_to_every_turn(
    live: Live, database: Database, account: uuid.UUID, talk: Talk
) -> None:
    thread, answer = await answered(database, account, "In Lyon [1], not in Rome [2].", [passage(talk)], version=3)
    page = await shown(live, f"/chat/{thread}")
    [cite] = [link for link in page.named("a") if link.get("class") == "cite"]
    assert cite["href"] == f"#s{answer}-1"
    assert any(tag.get("id") == f"s{answer}-1" for tag in page.named("details"))
    opened = [link["href"] for link in page.named("a") if (link.get("href") or "").startswith("/conversations/")]
    assert [
        f"message={message.id}&span=0-{len(message.text)}" in (address or "")
        for message, address in zip(talk[1][2:], opened, strict=True)
    ] == [True, True]
    assert "Rome [2]" in page.text
    assert "from version 3" in page.text


async def test_a_fact_is_shown_as_it_is_now(live: Live, database: Database, account: uuid.UUID, talk: Talk) -> None:
    async with database.session(account) as session:
        now = await rows.add_fact(session, talk[1][2:3], "lives in Lyon")
        then = await rows.add_fact(
            session, talk[1][2:3], "lives in Leeds", status=FactStatus.SUPERSEDED, superseded_by=now.id
        )
    gone = Recalled(kind="fact", score=1, why="near in meaning", text="lives in Rome", fact_id=then.id + 100)
    told = gone.model_copy(update={"fact_id": then.id, "text": "lives in Leeds"})
    thread, answer = await answered(database, account, "In Leeds [1] or in Rome [2].", [told, gone])
    page = await shown(live, f"/chat/{thread}")
    assert re.search(r"lives in Leeds\s+Superseded\s+→ lives in Lyon", page.text)
    assert re.search(r"lives in Rome\s+It isn’t kept any more\.", page.text)

    why = await shown(live, f"/chat/{thread}/messages/{answer}/why")
    assert "Written without a profile" in why.text
    assert "Why it was found: near in meaning" in why.text
    alone = await shown(live, f"/facts/{now.id}")
    assert {"data-pin", "data-wrong"} <= {name for button in alone.named("button") for name in button}
    await shown(live, f"/facts/{then.id + 100}", 404)


async def test_why_tells_the_version_and_the_share_of_the_history(
    live: Live, database: Database, account: uuid.UUID, talk: Talk
) -> None:
    async with database.session(account) as session:
        number = await sections.publish(session, account, rows.make_draft(), VersionKind.QUICK)
    thread, answer = await answered(database, account, "In Lyon [1].", [passage(talk)], version=number)
    why = await shown(live, f"/chat/{thread}/messages/{answer}/why")
    assert f"Written with version {number} of your profile, which rests on" in why.text


async def test_a_running_answer_is_told_to_be_one(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        thread = await chat.start(session, account)
        turn = await answering.ask(session, thread.id, "Where do I live?")
        await store.keep(session, turn.answer_id, text="**In")
        page = rendering.fragment(
            "chat/_message.html",
            message=(await chat.messages(session, thread.id))[1],
            known=await now.of(session, []),
        )
    assert "data-running" in page
    assert "**In" in page
    assert "data-retry" not in page


async def test_versions_of_a_question_can_be_gone_through(live: Live, database: Database, account: uuid.UUID) -> None:
    thread, _ = await answered(database, account, "In Lyon.")
    async with database.session(account) as session:
        first = (await chat.messages(session, thread))[0].id
        edited = await answering.ask(session, thread, "Where did I live?", first)
        await store.finish(session, edited.answer_id, None, text="In Leeds.")
    page = await shown(live, f"/chat/{thread}")
    ways = {button["data-way"]: button for button in page.named("button") if "data-way" in button}
    assert ways["earlier"]["data-show"] == str(first)
    assert "disabled" in ways["later"]
    assert "2/2" in page.text


async def test_what_an_answer_changed_can_be_undone(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        made = [await changing.remember(session, account, text) for text in ("I keep bees.", "I keep hens.")]
        await changing.undo(session, account, made[1].id)
    thread, _ = await answered(database, account, "Remembered.", changes=[change.id for change in made])
    page = await shown(live, f"/chat/{thread}")
    undoing = [button for button in page.named("button") if "data-undo" in button]
    assert [(button["data-undo"], "disabled" in button) for button in undoing] == [
        (str(made[0].id), False),
        (str(made[1].id), True),
    ]
    assert not [button for button in page.named("button") if "data-retry" in button]


async def test_what_the_person_changed_stands_with_the_facts(
    live: Live, database: Database, account: uuid.UUID, talk: Talk
) -> None:
    async with database.session(account) as session:
        fact = await rows.add_fact(session, talk[1][2:3], "lives in Leeds")
        made = await changing.correct(session, account, fact.id, "lives in Lyon")
    page = await shown(live, "/facts")
    assert [button["data-undo"] for button in page.named("button") if "data-undo" in button] == [str(made.id)]
    assert "Corrected “lives in Lyon”, instead of “lives in Leeds”" in page.text
    assert f"#f{made.fact.id}" in [link.get("href") for link in page.named("a")]
    assert "What you changed lately" not in (await shown(live, "/facts?status=rejected")).text


async def test_the_list_is_searched_and_paged(live: Live, database: Database, account: uuid.UUID) -> None:
    thread, _ = await answered(database, account, f"{HOSTILE} and <b>Lyon</b>")
    for _ in range(chat_page.THREADS):
        await answered(database, account, "Elsewhere.")
    page = await shown(live, f"/chat/list?q=lyon&here={thread}")
    [row] = [item for item in page.named("li") if "data-thread" in item]
    assert row["data-thread"] == str(thread)
    assert [link.get("aria-current") for link in page.named("a")] == ["page"]
    assert page.named("mark")
    assert "holds all of these words" in (await shown(live, "/chat/list?q=nowhere")).text

    page = await shown(live, "/chat/list")
    found = [item["data-thread"] for item in page.named("li")]
    assert (len(found), page.named("ul")[0]["data-more"]) == (chat_page.THREADS, "True")
    rest = await shown(live, f"/chat/list?before={found[-1]}")
    assert [item["data-thread"] for item in rest.named("li")] == [str(thread)]


@pytest.mark.parametrize(
    ("q", "marked"),
    [
        ("lyon", "in <mark>Lyon</mark>, &lt;b&gt;"),
        ("b <", "in Lyon, <mark>&lt;</mark><mark>b</mark>&gt;"),
        (" ", "in Lyon, &lt;b&gt;"),
    ],
)
def test_words_of_a_search_are_marked_and_all_else_is_text(q: str, marked: str) -> None:
    assert rendering.found("in Lyon, <b>", q) == marked

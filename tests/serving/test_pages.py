"""The pages: whole, honest, and deaf to what hostile text asks for."""

from __future__ import annotations

import dataclasses
import re
import uuid
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import chat, sections
from soulprint.chat import answering, store
from soulprint.database import Database
from soulprint.importing import formats
from soulprint.kinds import ClaimKind, Modality, Role
from soulprint.records import Conversation, Import, Message, Run, RunStage, RunTask, VersionKind
from soulprint.records.recalled import Recalled, Turn
from soulprint.serving.web import markdown
from soulprint.settings import Credentials
from tests import rows
from tests.pipeline.passes import add_history
from tests.serving.conftest import HOSTILE, Live

pytestmark = pytest.mark.anyio

Talk = tuple[Conversation, list[Message]]


class Page(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


async def shown(live: Live, address: str, status: int = 200) -> Page:
    """The page at `address`, which must hold nothing that runs but our own scripts."""
    response = await live.visitor.get(address)
    assert response.status_code == status, response.text
    page = Page(response.text)
    for tag, attributes in page.tags:
        assert tag not in {"iframe", "object", "embed", "style", "img", "base"}
        assert not any(name.startswith("on") or name == "style" for name in attributes), (tag, attributes)
        for name in ("href", "src", "action"):
            assert not re.match(r"\s*(javascript|data|https?:|//)", attributes.get(name) or "", re.IGNORECASE)
    assert all((script.get("src") or "").startswith("/static/") for script in page.named("script"))
    return page


def add_stage(
    session: AsyncSession, account: uuid.UUID, run: uuid.UUID, name: str, counts: Any = None, **tasks: int
) -> None:
    """A stage with so many tasks of each status."""
    session.add(RunStage(user_id=account, run_id=run, name=name, counts=counts or {}))
    statuses = [status for status, number in tasks.items() for _ in range(number)]
    session.add_all(
        RunTask(user_id=account, run_id=run, stage=name, number=number, payload={}, status=status)
        for number, status in enumerate(statuses)
    )


@pytest.fixture
async def thread(database: Database, account: uuid.UUID, talk: Talk) -> tuple[uuid.UUID, int]:
    """A hostile chat: its id, and the id of its answer."""
    said = Turn(message_id=talk[1][0].id, provider_id="m0", role=Role.USER, said_at=None, start=0, end=9, text=HOSTILE)
    source = Recalled(
        kind="passage", score=1, why=HOSTILE, text=HOSTILE, said=(said,), conversation_id=talk[0].id, title=HOSTILE
    )
    async with database.session(account) as session:
        thread = await chat.start(session, account)
        await chat.rename(session, account, thread.id, HOSTILE)
        turn = await answering.ask(session, thread.id, HOSTILE)
        await store.finish(
            session, turn.answer_id, "It.", text=f"{HOSTILE} [1] [7]", sources=[source.model_dump(mode="json")]
        )
    return thread.id, turn.answer_id


@pytest.mark.usefixtures("version")
async def test_hostile_text_is_only_text_on_every_page(
    live: Live, talk: Talk, thread: tuple[uuid.UUID, int], database: Database, account: uuid.UUID
) -> None:
    async with database.session(account) as session:
        failed = {
            "failed": {HOSTILE: 1},
            "skipped": {HOSTILE: 1},
            "left_out": {HOSTILE: 1},
            "unknown_content": {HOSTILE: 1},
            "providers": {HOSTILE: 1, "claude": 1},
            "seen": 1,
            "problems": [{"where": HOSTILE, "reason": HOSTILE}],
        }
        await rows.add_claim(session, account, HOSTILE, kind=ClaimKind.PROVIDER_MEMORY)
        session.add(Import(user_id=account, names=HOSTILE, status="failed", error=HOSTILE, report=failed))
    for address in (
        "/",
        "/progress",
        "/profile",
        "/claims",
        f"/chat?ask={HOSTILE[:200]}",
        f"/chat/{thread[0]}",
        f"/chat/{thread[0]}/messages/{thread[1]}",
        f"/conversations/{talk[0].id}?message={talk[1][0].id}&span=0-25",
    ):
        page = await shown(live, address)
        assert "<script>alert(1)</script>" in page.text, address


async def test_the_first_page_says_what_to_do_and_where_text_goes(live: Live) -> None:
    page = await shown(live, "/")
    assert "Export data" in page.text
    assert "Nothing leaves this machine." in page.text
    assert (await shown(live, "/profile")).text.count("There is no profile yet") == 1
    assert "Nothing is imported yet" in (await shown(live, "/chat")).text


async def test_every_way_to_an_export_is_told(live: Live) -> None:
    page = await shown(live, "/")
    for each in formats.FORMATS:
        assert each.TITLE in page.text
    assert "soulprint import ~/.claude/projects" in page.text


@pytest.mark.usefixtures("version", "talk")
async def test_the_profile_shows_each_line_with_its_sources_and_what_is_unknown(live: Live) -> None:
    page = await shown(live, "/profile")
    assert len(page.named("details")) == 5
    assert "Extracted quotes, no language model." in page.text
    assert "3 conversations of 4 read (75%)" in " ".join(page.text.split())
    assert "personality traits" in page.text
    assert any((link.get("href") or "").endswith("#m1") for link in page.named("a"))


async def test_a_model_that_failed_is_said(live: Live, database: Database, account: uuid.UUID) -> None:
    draft = rows.make_draft(note="The model x could not be reached, so the local engine wrote this.")
    async with database.session(account) as session:
        await sections.publish(session, account, draft, VersionKind.QUICK)
    assert "could not be reached" in (await shown(live, "/profile")).text


async def test_a_conversation_shows_the_part_around_the_message(
    live: Live, database: Database, account: uuid.UUID
) -> None:
    async with database.session(account) as session:
        held, messages = await rows.add_conversation(session, account, [f"word {n}" for n in range(500)])
    target = messages[350]
    page = await shown(live, f"/conversations/{held.id}?message={target.id}&span=0-4")
    assert any(section.get("id") == f"m{target.id}" for section in page.named("section"))
    assert len(page.named("mark")) == 1
    assert {"?offset=100", "?offset=500"} & {link.get("href") for link in page.named("a")}
    assert len([section for section in page.named("section") if "turn" in (section.get("class") or "")]) == 200


async def test_a_conversation_says_how_its_messages_came_to_be(
    live: Live, database: Database, account: uuid.UUID
) -> None:
    words = {
        Modality.VOICE: "spoken",
        Modality.ATTACHMENT: "attached",
        Modality.ROLE_PLAY: "in a part that is played",
        Modality.COMMAND: "coding agent",
    }
    for modality, said in words.items():
        async with database.session(account) as session:
            held, _ = await rows.add_conversation(session, account, modality=modality, provider="gemini-of-2031")
            held.is_inferred, held.zone_known = True, False
        text = (await shown(live, f"/conversations/{held.id}")).text
        for told in (said, "cut at a pause", "time zone unknown", "gemini-of-2031"):
            assert told in text
        assert "UTC" not in text


async def test_claims_are_told_by_who_says_them(live: Live, database: Database, account: uuid.UUID) -> None:
    assert "No export said anything about you" in (await shown(live, "/claims")).text
    async with database.session(account) as session:
        await rows.add_claim(session, account, "I bake.", kind=ClaimKind.ABOUT_ME)
        await rows.add_claim(session, account, "She bakes.", kind=ClaimKind.PROVIDER_MEMORY, said_at=None)
    page = await shown(live, "/claims")
    for told in ("I bake.", "what assistants should know about you", "She bakes.", "date unknown", "12 May 2024"):
        assert told in page.text
    assert "Written by ChatGPT’s memory, to be checked" in page.text
    assert (await live.visitor.get("/api/v1/claims")).json()[0]["text"] == "I bake."


@pytest.mark.usefixtures("version")
async def test_claims_are_linked_from_the_profile(live: Live) -> None:
    assert "/claims" in {link.get("href") for link in (await shown(live, "/profile")).named("a")}


async def test_live_stages_are_told_with_counts(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        started = Import(user_id=account, names="big.zip", status="processing", bytes_read=500, bytes_total=1000)
        session.add(started)
        await session.flush()
        number = started.id
    async with database.hold(f"import:{number}"):
        page = await shown(live, "/progress")
    assert "Reading big.zip" in page.text
    assert page.named("progress")[0] == {"max": "1000", "value": "500", "aria-label": "Export"}


async def test_the_full_pass_is_told_stage_by_stage(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await rows.add_conversation(session, account)
        await sections.publish(session, account, rows.make_draft(), VersionKind.QUICK)
        session.add(Run(user_id=account, kind="quick", status="complete", model="local", version=1))
        run = await rows.add_run(session, account, model="openai:gpt-5-mini", ceiling_usd=2, plan={"batch": True})
        add_stage(session, account, run, "chunk", done=1)
        add_stage(session, account, run, "extract", done=2, failed=1, pending=4, counts={"trivial": 3})
    page = await shown(live, "/progress")
    told = " ".join(page.text.split())
    assert "Reading every conversation gpt-5-mini" in told
    assert "Facts, at work 2 of 7 parts of the history read · 1 failed" in told
    assert "3 conversations with nothing to read" in told
    assert "MEMORY, to come Version 2, to come" in told
    assert "$0.00 so far, of $2.00 at the most. The text it needs, secrets masked, goes to OpenAI" in told
    assert "may take a day" in told
    assert page.named("progress") == [{"max": "7", "value": "3", "aria-label": "Facts"}]
    assert "/api/v1/passes/current" in [button.get("data-stop") for button in page.named("button")]
    assert {"/profile", "/chat"} <= {link.get("href") for link in page.named("a")}
    first = await shown(live, "/")
    assert "version 2 follows" in first.text
    assert "hidden" not in next(form for form in first.named("form") if form.get("id") == "upload")


async def test_the_version_that_is_written_is_told_by_its_number(
    live: Live, database: Database, account: uuid.UUID
) -> None:
    async with database.session(account) as session:
        for _ in range(4):
            await sections.publish(session, account, rows.make_draft(), VersionKind.FULL)
        await rows.add_run(session, account)
    assert "Version 5, to come" in " ".join((await shown(live, "/progress")).text.split())
    assert "version 5 follows" in (await shown(live, "/")).text


@pytest.mark.parametrize(
    ("status", "title"),
    [
        ("paused", "Paused at its ceiling"),
        ("failed", "Not every conversation could be read"),
        ("cancelled", "The full reading was stopped"),
    ],
)
async def test_a_full_pass_that_ended_early_says_why_and_goes_on(
    live: Live, database: Database, account: uuid.UUID, status: str, title: str
) -> None:
    why = {"status": status, "error": "Paused. `soulprint pass full` <b>goes on</b>."}
    async with database.session(account) as session:
        await rows.add_conversation(session, account)
        await sections.publish(session, account, rows.make_draft(), VersionKind.QUICK)
        run = await rows.add_run(session, account, **why)
        add_stage(session, account, run, "extract", done=2, failed=1)
    page = await shown(live, "/progress")
    told = " ".join(page.text.split())
    assert title in told
    assert "Paused. soulprint pass full <b>goes on</b>." in told
    assert "Facts, not finished 2 of 3 parts of the history read · 1 failed MEMORY, to come" in told
    assert "Your profile, version 1, is as it was." in told
    assert "Go on" in told
    assert page.named("progress") == []
    assert "not read in full" not in told


async def test_what_is_not_read_is_offered_and_counted_before(
    live: Live, database: Database, account: uuid.UUID
) -> None:
    assert "read in full" not in (await shown(live, "/")).text
    await add_history(database, account)
    assert "5 conversations are not read in full" in (await shown(live, "/")).text
    page = await shown(live, "/estimate")
    told = " ".join(page.text.split())
    assert "to read5" in told
    assert "Free, on this machine. Nothing leaves this machine." in told
    assert page.named("input") == []


async def test_what_costs_is_told_with_its_ceiling(
    live: Live, database: Database, account: uuid.UUID, credentials: Credentials
) -> None:
    door = live.app.state.door
    costly = {"model": "openai:gpt-5-mini", "credentials": credentials, "ceiling": 0.001}
    live.app.state.door = dataclasses.replace(door, started=door.settings.model_copy(update=costly))
    await add_history(database, account)
    page = await shown(live, "/estimate")
    told = " ".join(page.text.split())
    assert re.search(r"\$[\d.]+ to \$[\d.]+ with gpt-5-mini, or .*\$[\d.]+ within a day through its batch API", told)
    assert "Less than it is expected to cost" in page.text
    assert page.named("input")[0]["value"] == "0.001"


async def test_facts_stand_with_their_quotes(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        held, said = await rows.add_conversation(session, account, ["I moved to Lyon.", HOSTILE], title=HOSTILE[:60])
        new = await rows.add_fact(session, said[:1], "Lives in Lyon", true_from=date(2024, 5, 1))
        old = {"status": "superseded", "superseded_by": new.id, "confidence": 0.3}
        await rows.add_fact(session, said[1:], HOSTILE, **old)
        await rows.add_fact(session, said[:1] + said[1:], "I moved to Lyon.", category="dates", confidence=0.5)
    page = await shown(live, "/facts")
    told = " ".join(page.text.split())
    assert "3 facts" in told
    assert "Decisions home sure 80% Lives in Lyon since 1 May 2024 I moved to Lyon.You, 12 May 2024" in told
    link = f"/conversations/{held.id}?message={said[0].id}&span=0-16#m{said[0].id}"
    assert link in [found.get("href") for found in page.named("a")]
    await shown(live, link)
    assert len(page.named("del")) == 1
    assert "Superseded → Lives in Lyon" in told
    assert f"#f{new.id}" in [found.get("href") for found in page.named("a")]
    only = await shown(live, "/facts?category=dates&status=")
    assert [found.get("id") for found in only.named("li") if (found.get("id") or "").startswith("f")] == [
        f"f{new.id + 2}"
    ]
    assert [found["value"] for found in only.named("option") if "selected" in found] == ["dates"]
    assert "→ Lives in Lyon" in " ".join((await shown(live, "/facts?status=superseded")).text.split())
    assert "No fact is of that kind." in (await shown(live, "/facts?category=beliefs")).text
    await shown(live, "/facts?after=x", 404)
    await shown(live, "/facts?category=%00", 404)


async def test_facts_come_fifty_at_a_time(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        _, said = await rows.add_conversation(session, account, [f"I like thing {n}." for n in range(120)])
        for n, message in enumerate(said):
            await rows.add_fact(session, [message], f"Likes thing {n}", category="preferences")
    seen: list[str] = []
    address: str | None = "/facts?category=preferences"
    while address:
        page = await shown(live, address)
        seen += re.findall(r"Likes thing \d+", page.text)
        address = next((link["href"] for link in page.named("a") if link.get("rel") == "next"), None)
    assert seen == [f"Likes thing {n}" for n in range(120)]


async def test_without_facts_or_versions_it_is_said(live: Live, database: Database, account: uuid.UUID) -> None:
    assert "Hand over the export" in (await shown(live, "/facts")).text
    assert "There is no profile yet." in (await shown(live, "/diff")).text
    async with database.session(account) as session:
        await rows.add_conversation(session, account)
        await sections.publish(session, account, rows.make_draft(), VersionKind.QUICK)
    assert "They are found when every conversation is read." in (await shown(live, "/facts")).text
    assert "There is one version of the profile." in (await shown(live, "/diff")).text
    assert "/diff" not in [link.get("href") for link in (await shown(live, "/profile")).named("a")]


async def test_what_a_version_changed_is_marked_word_by_word(
    live: Live, database: Database, account: uuid.UUID
) -> None:
    async with database.session(account) as session:
        for number, place in enumerate(("I live in Leeds with my sister.", "I live in Lyon with my sister.", HOSTILE)):
            draft = rows.make_draft(location=place)
            draft.memory[0].lines.append(rows.make_line(f"{HOSTILE[:40]} {number}"))
            await sections.publish(session, account, draft, VersionKind.FULL)
    page = await shown(live, "/diff?older=1&newer=2")
    told = " ".join(page.text.split())
    assert "What version 2 changed" in told
    assert "user1 line changed Location Changed I live in LeedsLyon with my sister." in told
    assert (len(page.named("ins")), len(page.named("del"))) == (2, 2)
    latest = await shown(live, "/diff")
    assert "<script>alert(1)</script>" in latest.text
    assert [found["value"] for found in latest.named("option") if "selected" in found] == ["2", "3"]
    assert "/diff?newer=3" in [link.get("href") for link in (await shown(live, "/profile")).named("a")]
    await shown(live, "/diff?older=1&newer=9", 404)
    same = await shown(live, "/diff?older=2&newer=2")
    assert "word for word" in same.text


async def test_a_pass_that_failed_says_what_is_kept(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        session.add(Import(user_id=account, names="a.zip", status="complete", report={"seen": 3, "imported": 3}))
        session.add(Run(user_id=account, kind="quick", status="failed", model="x:y", error="The disk is full."))
    text = (await shown(live, "/progress")).text
    assert "The disk is full." in text
    assert "The imported history is kept" in text


@pytest.mark.parametrize("address", ["/nothing", f"/chat/{uuid.UUID(int=1)}", "/chat/nonsense", "/conversations/7"])
async def test_what_is_not_there_says_so_and_leads_back(live: Live, address: str) -> None:
    page = await shown(live, address, 404)
    assert "Nothing here" in page.text
    assert any(link.get("href") == "/" for link in page.named("a"))


async def test_a_nonsense_span_or_message_shows_the_conversation(live: Live, talk: Talk) -> None:
    for query in ("message=99999999", f"message={talk[1][0].id}&span=5-900000000", "offset=77"):
        await shown(live, f"/conversations/{talk[0].id}?{query}")
    await shown(live, f"/conversations/{talk[0].id}?span=x", 404)


async def test_settings_show_what_works_and_no_password(live: Live) -> None:
    page = await shown(live, "/settings")
    assert "Local engine" in page.text
    password = live.app.state.door.database.url.password
    assert password
    assert password not in page.text


def test_markdown_is_rendered_and_held_in() -> None:
    assert (
        markdown.render("**bold** and `code [1]`", "s1", 1)
        == "<p><strong>bold</strong> and <code>code [1]</code></p>\n"
    )
    assert 'href="#s1-1"' in markdown.render("As you said [1].", "s1", 1)
    assert "<a" not in markdown.render("No such source [2].", "s1", 1)
    assert Page(markdown.render("[x](javascript:alert(1))")).named("a") == []
    assert Page(markdown.render("![x](https://elsewhere.example/leak.png)")).named("img") == []
    assert Page(markdown.render("<img src=x onerror=y>")).tags[0][0] == "p"


def test_very_long_markdown_stays_text() -> None:
    assert markdown.render("[" * 60_000).startswith('<p class="verbatim">')

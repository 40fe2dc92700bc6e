"""The pages: whole, honest, and deaf to what hostile text asks for."""

from __future__ import annotations

import re
import uuid
from html.parser import HTMLParser

import pytest

from soulprint import sections
from soulprint.database import Database
from soulprint.records import Conversation, Import, Message, Run, Thread, ThreadMessage, VersionKind
from soulprint.serving.web import markdown
from tests import rows
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


@pytest.fixture
async def thread(database: Database, account: uuid.UUID, talk: Talk) -> tuple[uuid.UUID, int]:
    """A hostile chat: its id, and the id of its answer."""
    quote = rows.make_quote(HOSTILE, message_id=talk[1][0].id, title=HOSTILE).model_dump(mode="json")
    async with database.session(account) as session:
        thread = Thread(id=uuid.uuid4(), user_id=account, title=HOSTILE)
        session.add(thread)
        await session.flush()
        asked = ThreadMessage(user_id=account, thread_id=thread.id, role="user", text=HOSTILE, sources=[])
        answer = ThreadMessage(
            user_id=account,
            thread_id=thread.id,
            role="assistant",
            text=f"{HOSTILE} [1] [7]",
            sources=[quote],
            error="It.",
        )
        session.add(asked)
        await session.flush()
        session.add(answer)
        await session.flush()
        return thread.id, answer.id


@pytest.mark.usefixtures("version")
async def test_hostile_text_is_only_text_on_every_page(
    live: Live, talk: Talk, thread: tuple[uuid.UUID, int], database: Database, account: uuid.UUID
) -> None:
    async with database.session(account) as session:
        failed = {"failed": {HOSTILE: 1}, "seen": 1, "problems": [{"where": HOSTILE, "reason": HOSTILE}]}
        session.add(Import(user_id=account, names=HOSTILE, status="failed", error=HOSTILE, report=failed))
    for address in (
        "/",
        "/progress",
        "/profile",
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


async def test_live_stages_are_told_with_counts(live: Live, database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        started = Import(user_id=account, names="big.zip", status="processing", bytes_read=500, bytes_total=1000)
        session.add(started)
        await session.flush()
        number = started.id
    async with database.hold(f"import:{number}"):
        page = await shown(live, "/progress")
    assert "Reading big.zip" in page.text
    assert page.named("progress")[0] == {"max": "1000", "value": "500", "aria-label": "Reading the export"}


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

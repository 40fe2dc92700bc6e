"""What a person does in the browser, in a real one: hand over an export, read the profile, ask about it."""

from __future__ import annotations

import dataclasses
import shutil
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect

from soulprint import pipeline
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.serving.app import application
from soulprint.settings import Credentials, Settings
from tests.model_server import Fault, ModelServer, reader
from tests.model_server.fixtures import changed, credentials, model_server
from tests.serving.conftest import Live, served, until

__all__ = ["credentials", "model_server"]

pytestmark = pytest.mark.anyio

EXAMPLE = Path(__file__).parents[2] / "examples" / "ines-chatgpt-export.zip"
DESK: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 360, "height": 740}
SLOWLY = {"model_extract": "openai:gpt-5-mini", "full_pass_threshold": 1_000, "concurrency": 1, "extract_tokens": 1_000}
PATIENCE = 20_000
"""Milliseconds until a page has to show what is expected of it: machines that test are busy."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, else the one that Playwright has installed."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        program = installed(playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


def installed(playwrights: str) -> str:
    program = shutil.which("chromium") or playwrights
    if not Path(program).exists():
        pytest.skip("no Chromium: install the package chromium, or run `playwright install chromium`")
    return program


@pytest.fixture
async def live(
    request: pytest.FixtureRequest,
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    credentials: Credentials,
) -> AsyncIterator[Live]:
    """Served by a process that works on passes, as `soulprint up` does; its parameter are other settings."""
    settings = changed(settings, credentials=credentials, **getattr(request, "param", {}))
    async with pipeline.working(database, settings):
        background = Background(database, settings)
        async with served(application(database, account, settings, background=background)) as live:
            yield live
        await background.close()


@pytest.fixture
async def modelled(live: Live) -> None:
    """A model for chat."""
    door = live.app.state.door
    settings = changed(door.settings, model_chat="openai:gpt-5-mini")
    live.app.state.door = dataclasses.replace(door, started=settings)


@pytest.fixture
async def context(browser: Browser, live: Live) -> AsyncIterator[BrowserContext]:
    """A window that fails the test on any console error, any script error, and any request to another host."""
    context = await browser.new_context(viewport=DESK, base_url=live.address)
    wrong: list[str] = []
    context.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on(
        "request",
        lambda request: None if request.url.startswith(live.address) else wrong.append(f"asked for {request.url}"),
    )
    yield context
    await context.close()
    assert wrong == []


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    return await context.new_page()


async def hand_over(page: Page) -> None:
    """Import the example through the first page and wait for the profile."""
    await page.goto("/")
    await page.set_input_files("#file", EXAMPLE)
    await expect(page.locator("#progress")).to_contain_text("is imported", timeout=60_000)
    await expect(page.locator("#upload")).to_be_visible()


async def test_from_an_export_to_an_answer(page: Page) -> None:
    await page.goto("/")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("What your chats know about you")
    await expect(page.locator(".privacy")).to_contain_text("Nothing leaves this machine.")
    await hand_over(page)
    await expect(page.locator(".sum")).to_contain_text("seen")
    await page.get_by_role("link", name="Read the profile").click()

    await expect(page.get_by_role("heading", level=1)).to_contain_text("Ines")
    await expect(page.locator(".colophon")).to_contain_text("no language model")
    line = page.locator("details.line:has(a)").first
    await line.locator("summary").click()
    source = line.locator(".sources a").first
    await expect(source).to_be_visible()
    title = await source.inner_text()
    await source.click()

    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(page.locator(".turn.target mark")).to_be_in_viewport()

    await page.get_by_role("link", name="Chat", exact=True).click()
    await page.wait_for_load_state()
    await page.locator("#question").fill("Where does Théo work?")
    await page.keyboard.press("Enter")
    answer = page.locator(".turn.assistant .prose")
    await expect(answer).to_contain_text("Théo")
    await answer.locator("a.cite").first.click()
    await expect(
        page.locator(".passages details[open] blockquote, .passages details[open] .fact").first
    ).to_be_visible()
    await expect(page.locator(".threads")).to_contain_text("Where does Théo work?")

    await page.reload()
    await expect(page.locator(".turn.user")).to_have_text("Where does Théo work?")
    await expect(answer).to_contain_text("Théo")

    await page.locator(".threads li").hover()
    await page.locator("[data-forget]").click()
    await expect(page.get_by_role("dialog")).to_contain_text("goes with all its messages")
    await page.get_by_role("button", name="Delete", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ask about your history")
    await expect(page.locator("[data-forget]")).to_have_count(0)


async def test_every_conversation_is_read_and_the_page_tells_of_it(page: Page) -> None:
    await hand_over(page)
    progress, announced = page.locator("#progress"), page.locator("#announce")
    await expect(progress).to_contain_text("Version 2 is in place", timeout=60_000)
    await expect(announced).to_have_text("Version 2 is in place: every conversation is read.")
    await expect(progress).to_contain_text("Every conversation is read:")
    await expect(progress).to_contain_text("lines added")

    await page.get_by_role("link", name="All facts").click()
    await page.get_by_label("Category").select_option("Decisions")
    await page.get_by_role("button", name="Show").click()
    fact = page.locator(".entry", has_text="Théo").first
    await expect(fact.locator(".aside")).to_contain_text("Decisions")
    source = fact.locator(".where a").first
    title = await source.inner_text()
    await source.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(page.locator(".turn.target mark")).to_be_in_viewport()

    await page.goto("/facts?status=superseded")
    await expect(page.locator(".entry del").first).to_be_visible()
    await expect(page.locator(".instead").first).to_contain_text("→")

    await page.goto("/profile")
    await page.get_by_role("link", name="What it changed").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("What version 2 changed")
    added = page.locator(".changes .added").first
    await expect(added.locator("ins")).to_be_visible()
    await expect(added.locator(".kind")).to_have_text("Added")
    await expect(added.locator(".why")).to_contain_text("fact")

    await page.goto("/")
    await expect(page.locator(".news")).to_contain_text("Version 2:")


@pytest.mark.parametrize("live", [{"full_pass_threshold": 1_000}], indirect=True)
async def test_what_is_not_read_is_read_when_the_person_says_so(page: Page) -> None:
    await hand_over(page)
    await page.get_by_role("button", name="Read all of them").click()
    await expect(page.locator("#begin")).to_contain_text("Free, on this machine.")
    await page.get_by_role("button", name="Not now").click()
    await expect(page.get_by_role("button", name="Read all of them")).to_be_enabled()
    await page.get_by_role("button", name="Read all of them").click()
    await expect(page.get_by_role("button", name="Begin")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#progress")).to_contain_text("Version 2 is in place", timeout=60_000)
    await expect(page.locator("#begin")).to_have_count(0)


@pytest.mark.parametrize("live", [SLOWLY], indirect=True)
async def test_a_pass_is_watched_paused_and_stopped(page: Page, live: Live, model_server: ModelServer) -> None:
    model_server.script, model_server.latency = reader.plausible, 0.5
    await hand_over(page)
    progress = page.locator("#progress")
    await page.get_by_role("button", name="Read all of them").click()
    await page.get_by_label("It may cost").fill("0.002")
    await page.get_by_role("button", name="Begin").click()
    await expect(progress).to_contain_text("Paused at its ceiling", timeout=30_000)
    await expect(progress).to_contain_text("Everything is kept.")

    await page.get_by_role("button", name="Go on").click()
    await page.get_by_label("It may cost").fill("1")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator(".steps .now")).to_contain_text("parts of the history read", timeout=30_000)
    await expect(page.locator("#upload")).to_be_visible()
    await expect(page.locator("#announce")).to_have_text("At work: Facts.")
    await page.get_by_role("button", name="Stop reading").click()
    await expect(progress).to_contain_text("The full reading was stopped")
    await expect(progress).to_contain_text("version 1, is as it was")


async def test_the_keyboard_alone_is_enough(page: Page) -> None:
    await hand_over(page)
    await page.goto("/profile")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.locator("details.line summary").first.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("details.line").first).to_have_attribute("open", "")
    await page.goto("/chat?ask=bridges")
    await expect(page.locator("#question")).to_be_focused()
    await page.keyboard.press("Shift+Enter")
    await expect(page.locator("#question")).to_have_value("bridges\n")
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn.assistant .prose")).to_contain_text("bridge")


async def test_every_page_fits_a_phone(page: Page) -> None:
    await hand_over(page)
    await expect(page.locator("#progress")).to_contain_text("Version 2 is in place", timeout=60_000)
    await page.set_viewport_size(PHONE)
    addresses = ("/", "/profile", "/profile/measured", "/versions", "/diff", "/claims", "/memory", "/facts", "/review")
    for address in (
        *addresses,
        "/facts/timeline",
        "/conversations",
        "/conversations?q=bridge",
        "/chat",
        "/settings",
        "/admin",
        "/admin/runs",
    ):
        await page.goto(address)
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address
    await page.goto("/profile")
    await page.evaluate("document.querySelectorAll('details').forEach((part) => part.open = true)")
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    await page.goto("/chat")
    await page.locator("[data-ask]").first.click()
    await expect(page.locator(".turn.assistant .prose")).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_dark_follows_the_system_and_the_choice_is_kept(page: Page) -> None:
    ground = "getComputedStyle(document.body).backgroundColor"
    await page.goto("/settings")
    light = await page.evaluate(ground)
    await page.emulate_media(color_scheme="dark")
    dark = await page.evaluate(ground)
    assert dark != light
    await page.locator("[data-theme-toggle]").click()
    assert await page.evaluate(ground) == light
    await page.reload()
    assert await page.evaluate(ground) == light


async def test_what_is_no_export_is_said_on_the_page(page: Page, tmp_path: Path) -> None:
    photo, empty = tmp_path / "photo.jpg", tmp_path / "empty.zip"
    photo.write_bytes(b"\xff\xd8 no export")
    empty.touch()
    await page.goto("/")
    await page.set_input_files("#file", empty)
    await expect(page.get_by_role("alert")).to_contain_text("empty")
    await page.set_input_files("#file", photo)
    await expect(page.locator("#progress")).to_contain_text("was not imported to its end")
    await expect(page.locator("#upload")).to_be_visible()


@pytest.mark.usefixtures("modelled")
async def test_an_answer_is_stopped_and_asked_for_again(page: Page, model_server: ModelServer) -> None:
    model_server.fail(Fault.SLOW)
    await hand_over(page)
    await page.goto("/chat")
    await page.locator("#question").fill("Which model are you?")
    await page.keyboard.press("Enter")
    await until(lambda: model_server.requests)
    await page.get_by_role("button", name="Stop the answer").click()
    await expect(page.locator(".turn.assistant .trouble")).to_contain_text("It was stopped.")
    await page.get_by_role("button", name="Ask again").click()
    await expect(page.locator(".turn.assistant .prose")).to_contain_text("This is what the test model answers")

"""What a person does with what is known of them: checks it, corrects it, goes back, forgets, and erases it all."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.journeys.filled import account, database, settings
from tests.journeys.test_browser import browser, context, live, page
from tests.journeys.test_upload import shaky
from tests.model_server.fixtures import credentials, model_server

__all__ = ["account", "browser", "context", "credentials", "database", "live", "model_server", "page"]
__all__ += ["settings", "shaky"]

pytestmark = pytest.mark.anyio


@pytest.fixture
async def other(context: BrowserContext) -> AsyncIterator[Page]:
    """Another tab of the same browser."""
    tab = await context.new_page()
    yield tab
    await tab.close()


async def test_a_line_is_rewritten_compared_and_rolled_back(page: Page) -> None:
    await page.goto("/profile")
    own = page.locator(".own").first
    before = await own.get_attribute("data-text") or ""
    await own.hover()
    await own.get_by_role("button", name="Edit").click()
    await expect(page.get_by_label("In your words")).to_be_focused()
    await page.get_by_label("In your words").fill("I write as I talk, in short bursts.")
    await page.keyboard.press("Enter")
    await expect(page.locator("#toast")).to_contain_text("Changed.")
    await expect(page.locator(".own").first).to_contain_text("I write as I talk, in short bursts.")
    await expect(page.locator(".own").first.locator("summary")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".own").first.locator(".sources")).to_contain_text("What you told SoulPrint")

    await page.get_by_role("link", name="What it changed").click()
    await page.wait_for_load_state()
    await expect(page.get_by_role("heading", level=1)).to_have_text("What version 3 changed")
    await expect(page.locator(".changes .changed")).to_have_count(1)
    await page.keyboard.press("j")
    await expect(page.locator(".changes .changed")).to_be_focused()
    await page.get_by_role("button", name="Changed 1").click()
    await expect(page.locator(".changes .changed")).to_be_hidden()

    await page.get_by_role("link", name="Versions").click()
    await page.locator("#v2").get_by_role("button", name="Go back to this one").click()
    await expect(page.get_by_role("dialog")).to_contain_text("Nothing is deleted.")
    await page.get_by_role("button", name="Use it").click()
    await expect(page.locator(".own").first).to_have_attribute("data-text", before)
    await page.goto("/versions")
    await expect(page.locator("#v2")).to_contain_text("In use")


async def test_a_line_changed_in_another_tab_is_not_overwritten(shaky: Page, other: Page) -> None:
    page = shaky
    await page.goto("/profile")
    await other.goto("/profile")
    own = other.locator(".own").first
    await own.hover()
    await own.get_by_role("button", name="Take out").click()
    await expect(other.locator("#toast")).to_contain_text("Taken out")
    await page.locator(".own").first.hover()
    await page.locator(".own").first.get_by_role("button", name="Edit").click()
    await page.get_by_label("In your words").fill("Something else")
    async with page.expect_response("**/profile/lines") as response:
        await page.keyboard.press("Enter")
    assert (await response.value).status == 409
    await expect(page.get_by_role("alert")).to_contain_text("changed in another tab")


async def test_the_inbox_is_worked_through_by_keys_alone(page: Page) -> None:
    await page.goto("/review")
    card = page.locator(".card:not([hidden])")
    first = await card.get_attribute("data-statement") or ""
    await page.keyboard.press("k")
    await expect(card).not_to_have_attribute("data-statement", first)
    await page.keyboard.press("f")
    await expect(page.get_by_label("What is right?")).to_be_focused()
    await page.keyboard.press("Control+a")
    await page.keyboard.type("I row on the lake at dawn")
    await page.keyboard.press("Enter")
    for key in "xpj":
        await page.keyboard.press(key)
    await expect(page.locator("#count")).to_contain_text("4 of")
    await page.keyboard.press("u")
    async with page.expect_response("**/undo"):
        await page.keyboard.press("u")
    await expect(page.locator("#count")).to_contain_text("3 of")
    await expect(card.locator("h2")).to_be_focused()

    await page.goto("/facts?q=lake&status=pinned")
    await expect(page.locator(".entry mark")).to_have_text("lake")
    await page.goto("/memory")
    await expect(page.locator(".line .text", has_text="I row on the lake at dawn").first).to_be_visible()
    await page.goto("/facts")
    await page.get_by_text("What you changed lately").click()
    await expect(page.locator(".made li")).to_have_count(3)


async def test_a_conversation_is_found_and_forgotten_with_what_came_from_it(page: Page) -> None:
    await page.goto("/conversations")
    await page.get_by_label("Words in titles and messages").fill("feijoada")
    await page.keyboard.press("Enter")
    await page.locator(".talk a").first.click()
    title = await page.get_by_role("heading", level=1).inner_text()
    learned = page.locator(".learned .statement").first
    statement = await learned.inner_text()
    await page.get_by_role("button", name="Forget this conversation").click()
    await expect(page.get_by_role("dialog")).to_contain_text("It can’t be undone.")
    await page.get_by_role("button", name="Forget", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("History")
    await page.goto("/conversations?q=feijoada")
    await expect(page.get_by_role("main")).not_to_contain_text(title)
    await page.goto("/facts?q=tractor")
    await expect(page.get_by_role("main")).not_to_contain_text(statement)
    await page.goto("/conversations")
    await page.locator(".talk input").nth(0).check()
    await page.locator(".talk input").nth(1).check()
    await expect(page.locator(".chosen")).to_contain_text("2 chosen")


async def test_everything_is_taken_along_and_erased(page: Page) -> None:
    await page.goto("/settings")
    async with page.expect_download() as download:
        await page.get_by_role("link", name="Download everything").first.click()
    assert (await download.value).suggested_filename.endswith(".zip")
    await page.get_by_role("button", name="Erase everything").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Type erase").fill("erase")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Everything is erased", timeout=60_000)
    await page.get_by_role("link", name="Begin anew").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("What your chats know about you")
    for address in (
        "/profile",
        "/memory",
        "/facts",
        "/facts/timeline",
        "/review",
        "/conversations",
        "/versions",
        "/chat",
    ):
        await page.goto(address)
        await expect(page.get_by_role("main")).not_to_contain_text("Théo")

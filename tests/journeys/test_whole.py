"""The whole way in one browser: from an export to a profile, through all that can be done with it, to nothing."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.journeys.test_browser import SLOWLY, browser, context, hand_over, live, page
from tests.journeys.test_chat_browser import ask, ended
from tests.model_server import Fault, ModelServer, reader
from tests.model_server.fixtures import credentials, model_server

__all__ = ["browser", "context", "credentials", "live", "model_server", "page"]

pytestmark = pytest.mark.anyio


async def test_from_an_export_to_a_profile_that_is_corrected_compared_rolled_back_and_erased(page: Page) -> None:
    await hand_over(page)
    await expect(page.locator("#progress")).to_contain_text("Version 2 is in place", timeout=60_000)
    await page.get_by_role("link", name="Profile", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ines")

    await page.get_by_role("link", name="Chat", exact=True).click()
    await ended(await ask(page, "Where does Théo work?"))

    await page.goto("/review")
    statement = await page.locator(".card:not([hidden])").get_attribute("data-statement") or ""
    async with page.expect_response("**/reject"):
        await page.keyboard.press("x")
    await page.get_by_role("link", name="MEMORY", exact=True).click()
    await expect(page.locator(".line .text").get_by_text(statement, exact=True)).to_have_count(0)

    await page.goto("/diff")
    await expect(page.get_by_role("heading", level=1)).to_have_text("What version 3 changed")
    await page.goto("/versions")
    await page.locator("#v1").get_by_role("button", name="Go back to this one").click()
    await page.get_by_role("button", name="Use it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ines")
    await page.goto("/versions")
    await expect(page.locator("#v1")).to_contain_text("In use")

    await page.goto("/settings")
    await page.get_by_role("button", name="Erase everything").click()
    await page.get_by_role("dialog").get_by_label("Type erase").fill("erase")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Everything is erased", timeout=60_000)
    await page.get_by_role("link", name="Begin anew").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("What your chats know about you")


@pytest.mark.parametrize("live", [SLOWLY], indirect=True)
async def test_a_pass_that_fails_is_explained_and_gone_on_with(page: Page, model_server: ModelServer) -> None:
    model_server.script, model_server.latency = reader.plausible, 0.3
    await hand_over(page)
    progress = page.locator("#progress")
    await page.get_by_role("button", name="Read all of them").click()
    await page.get_by_label("It may cost").fill("1")
    model_server.fail(Fault.UNAUTHORIZED, 200)
    await page.get_by_role("button", name="Begin").click()
    await expect(progress).to_contain_text("Not every conversation could be read", timeout=60_000)
    await expect(progress).to_contain_text("its key is not accepted (401)")
    await expect(progress).to_contain_text("version 1, is as it was")
    await page.goto("/admin/runs?status=failed")
    await expect(page.get_by_role("main")).to_contain_text("ModelRefused")

    model_server.mend()
    await page.goto("/")
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_label("It may cost").fill("1")
    await page.get_by_role("button", name="Begin").click()
    await expect(page.locator(".steps .now")).to_contain_text("parts of the history read", timeout=30_000)
    await page.reload()
    await expect(page.locator(".steps .now")).to_contain_text("parts of the history read")
    await expect(progress).to_contain_text("You can close this page")
    await expect(progress).to_contain_text("Version 2 is in place", timeout=60_000)

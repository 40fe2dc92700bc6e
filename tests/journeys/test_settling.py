"""What a person sets, what operators see, and what chat shows beside an answer's words, in a real browser."""

from __future__ import annotations

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.journeys.filled import account, database, settings
from tests.journeys.test_browser import browser, context, live, modelled, page
from tests.journeys.test_chat_browser import ask, ended
from tests.journeys.test_upload import shaky
from tests.model_server import Answer, Fault, ModelServer, Request
from tests.model_server.fixtures import credentials, model_server

__all__ = ["account", "browser", "context", "credentials", "database", "live", "model_server", "modelled", "page"]
__all__ += ["settings", "shaky"]

pytestmark = pytest.mark.anyio

CODE = "Row like **this**:\n\n```python\nfor stroke in range(20):\n    pull(stroke)\n```\n\n"
REST = "And then you rest. " * 40


def said(place: str) -> str:
    return f"[data-setting='{place}'] .saved"


async def test_each_change_of_a_setting_is_kept_at_once_or_explained(shaky: Page) -> None:
    page = shaky
    await page.goto("/settings")
    await page.get_by_label("Most that one full pass may cost").fill("7.5")
    await page.keyboard.press("Tab")
    await expect(page.locator(said("ceiling"))).to_have_text("Saved.")
    await page.get_by_label("Mask them").check()
    await page.get_by_label("Names and words").fill("Théo\nLuna")
    await page.get_by_label("Time zone").fill("Mars/Olympus")
    await page.keyboard.press("Tab")
    await expect(page.locator("#wrong-zone")).to_contain_text("there is no time zone 'Mars/Olympus'")
    await expect(page.get_by_label("Time zone")).to_have_attribute("aria-invalid", "true")
    await page.get_by_text("Try it on a text").click()
    await page.get_by_label("A text").fill("Ask théo at t@example.org, the password is hunter2!")
    await page.get_by_role("button", name="Show what a model would read").click()
    await expect(page.locator("#try-masking output")).to_have_text(
        "Ask [secret: private] at [secret: contact], the password is [secret: password]"
    )
    await page.reload()
    await expect(page.get_by_label("Most that one full pass may cost")).to_have_value("7.50")
    await expect(page.get_by_label("Names and words")).to_have_value("Luna\nThéo")
    await expect(page.get_by_label("Time zone")).to_have_value("")


async def test_a_model_is_chosen_tried_and_agreed_to(shaky: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page = shaky
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-planted")
    await page.goto("/settings")
    model = page.get_by_label("Model for everything")
    await page.get_by_role("button", name="Test", exact=True).click()
    await expect(page.locator(said("model"))).to_have_text("Works on this machine; nothing was sent.")
    await model.fill("openai:gpt-5-mini")
    await page.keyboard.press("Tab")
    await expect(page.locator(said("model"))).to_have_text("Saved.")
    await expect(page.locator("[data-setting=model] .goes")).to_contain_text("nothing leaves this machine")
    await page.get_by_role("button", name="Test", exact=True).click()
    await expect(page.locator(said("model"))).to_contain_text("openai:gpt-5-mini answered in")

    await model.fill("openrouter:some/model")
    await page.keyboard.press("Tab")
    dialog = page.get_by_role("dialog")
    await expect(dialog).to_contain_text("text of yours goes to openrouter")
    await expect(dialog.get_by_role("button", name="Leave it as it was")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(model).to_have_value("openai:gpt-5-mini")
    await model.fill("nowhere:x")
    await page.keyboard.press("Tab")
    await expect(page.locator("#wrong-model")).to_contain_text("there is no provider 'nowhere'")


async def test_a_key_is_kept_and_removed_and_never_shown(page: Page) -> None:
    await page.goto("/settings")
    row = page.locator("[data-key=voyage_api_key]")
    await row.get_by_role("button", name="Set").click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_label("Only until SoulPrint is stopped")).to_be_checked()
    await dialog.get_by_label("Key").fill("pa-planted-key")
    await page.keyboard.press("Enter")
    await expect(row).to_contain_text("Until SoulPrint is stopped")
    await page.reload()
    await expect(row).to_contain_text("Until SoulPrint is stopped")
    assert "pa-planted-key" not in await page.content()
    await row.get_by_role("button", name="Remove").click()
    await expect(row).to_contain_text("Not set")


@pytest.mark.usefixtures("modelled")
async def test_an_answer_is_formatted_while_it_comes(page: Page, model_server: ModelServer) -> None:
    model_server.script = lambda request: Answer(text=CODE + REST, fault=Fault.PAUSED)
    await page.goto("/chat")
    answer = await ask(page, "How do I row?")
    await expect(answer.locator(".streaming strong")).to_have_text("this", timeout=30_000)
    await expect(answer.locator(".streaming .code span")).to_have_text("python")
    await expect(answer.locator(".streaming > p").last).to_contain_text("And then you rest.")
    await answer.locator(".streaming pre").evaluate("pre => { pre.kept = true; }")
    model_server.going_on.set()
    await ended(answer)
    await expect(answer.locator(".prose > p").last).to_contain_text("And then you rest.")
    assert await answer.locator("pre").evaluate("pre => pre.kept === true")


@pytest.mark.usefixtures("modelled")
async def test_code_and_answers_are_copied(page: Page, context: BrowserContext, model_server: ModelServer) -> None:
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    model_server.script = coding
    await page.goto("/chat")
    answer = await ask(page, "How do I row?")
    await ended(answer)
    await answer.locator(".code button").press("Enter")
    await expect(answer.locator(".code button")).to_have_text("Copied")
    read = "() => navigator.clipboard.readText()"
    assert await page.evaluate(read) == "for stroke in range(20):\n    pull(stroke)\n"
    await answer.get_by_role("button", name="Copy the answer").click()
    await expect(answer.locator("[data-take]")).to_have_accessible_name("Copied")
    whole = await page.evaluate(read)
    assert whole.startswith("Row like this:")
    assert "pull(stroke)" in whole
    assert "Copy" not in whole


async def test_a_citation_says_what_it_stands_for_and_keys_are_listed(page: Page) -> None:
    await page.goto("/chat")
    answer = await ask(page, "Where does Théo work?")
    await ended(answer)
    cite = answer.locator("a.cite").first
    await cite.focus()
    bubble = page.locator("#cited")
    await expect(bubble).to_be_visible()
    await expect(bubble.locator("b")).not_to_be_empty()
    await expect(cite).to_have_attribute("aria-describedby", "cited")
    await page.keyboard.press("Escape")
    await expect(bubble).to_be_hidden()

    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_contain_text("Stop the answer")
    await page.keyboard.press("Escape")
    await page.locator("main").focus()
    await page.keyboard.press("/")
    await expect(page.locator("#question")).to_be_focused()


async def test_operators_follow_a_pass_to_its_stages(page: Page) -> None:
    await page.goto("/settings")
    await page.get_by_role("link", name="What operators see").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Operators")
    await expect(page.locator("#plot-days svg")).to_be_visible()
    await page.get_by_role("link", name="Passes", exact=True).click()
    await page.get_by_label("Kind").select_option("full")
    await page.get_by_role("button", name="Show").click()
    await page.locator("tbody a").first.click()
    await expect(page.get_by_role("region", name="How far each stage is")).to_contain_text("MEMORY")
    await expect(page.get_by_role("main")).not_to_contain_text("Théo")


def coding(request: Request) -> Answer:
    return Answer(text=CODE + REST)

"""A chat in a real browser: asked while the history is read, quoted, stopped, branched, taken up again and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import BrowserContext, Locator, Page, Route, ViewportSize, expect

from tests.journeys.test_browser import browser, context, hand_over, live, modelled, page
from tests.journeys.test_upload import shaky
from tests.model_server import Answer, Fault, ModelServer, Request
from tests.model_server.fixtures import credentials, model_server
from tests.serving.conftest import Live

__all__ = ["browser", "context", "credentials", "live", "model_server", "modelled", "page", "shaky"]

pytestmark = pytest.mark.anyio

PHONE: ViewportSize = {"width": 390, "height": 844}
WHEN_ASKED = {"full_pass_threshold": 1_000}
ANSWER = "This is what the test model answers, and it says so in several words."


@pytest.fixture
async def other(context: BrowserContext) -> AsyncIterator[Page]:
    """Another tab of the same browser."""
    tab = await context.new_page()
    yield tab
    await tab.close()


async def ask(page: Page, text: str) -> Locator:
    """Ask, and wait until the question is on the page; gives its answer."""
    await expect(page.locator("#composer .send")).to_be_enabled()
    questions = await page.locator(".turn.user").count()
    await page.locator("#question").fill(text)
    await page.keyboard.press("Enter")
    await expect(page.locator(".turn.user")).to_have_count(questions + 1)
    return page.locator(".turn.assistant").nth(questions)


async def ended(answer: Locator) -> None:
    await expect(answer).not_to_have_attribute("data-running", "", timeout=30_000)
    await expect(answer.locator(".tools")).to_be_visible()


async def begun(answer: Locator) -> None:
    """Wait for an answer that stands still in its midst."""
    await expect(answer.locator(".streaming")).to_contain_text("This is what", timeout=30_000)


@pytest.mark.parametrize("live", [WHEN_ASKED], indirect=True)
async def test_a_later_answer_uses_what_the_full_reading_found(page: Page, other: Page) -> None:
    await hand_over(page)
    await other.goto("/chat")
    first = await ask(other, "Where does Théo work?")
    await expect(first.locator(".made")).to_have_text("from version 1")

    await page.get_by_role("button", name="Read all of them").click()
    await page.get_by_role("button", name="Begin").click()
    await ended(await ask(other, "And what did I say about trains?"))
    await expect(page.locator("#progress")).to_contain_text("Version 2 is in place", timeout=60_000)
    later = await ask(other, "Where do I live now?")
    await expect(later.locator(".made")).to_have_text("from version 2")
    await expect(first.locator(".made")).to_have_text("from version 1")

    await later.get_by_role("button", name="Why do you think that?").click()
    why = later.locator(".why")
    await expect(why).to_be_focused()
    await expect(why).to_contain_text(
        "Written with version 2 of your profile, which rests on 181 of 181 conversations."
    )
    await expect(why.locator(".fact .proof").first).to_contain_text("You, ")
    await later.get_by_role("button", name="Why do you think that?").press("Enter")
    await expect(why).to_have_count(0)


async def test_a_citation_leads_to_the_message_it_quotes(page: Page) -> None:
    await hand_over(page)
    await page.goto("/chat")
    answer = await ask(page, "Where does Théo work?")
    await ended(answer)
    cite = answer.locator("blockquote").first.locator("xpath=preceding::a[contains(@class, 'cite')][1]")
    number = await cite.inner_text()
    await cite.focus()
    await page.keyboard.press("Enter")
    source = answer.locator(f".passages > li[value='{number}']")
    quote = source.locator("blockquote").first
    await expect(quote).to_be_in_viewport()
    said, title = await quote.inner_text(), await source.locator(".title").inner_text()
    await source.get_by_role("link", name="Open the conversation").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(title)
    await expect(page.locator(".turn.target mark")).to_be_in_viewport()
    await expect(page.locator(".turn.target mark")).to_contain_text(said)


async def test_a_fact_is_corrected_and_the_next_answer_and_the_facts_follow(page: Page) -> None:
    await hand_over(page)
    await expect(page.locator("#progress")).to_contain_text("Version 2 is in place", timeout=60_000)
    await page.goto("/chat")
    answer = await ask(page, "Who do I cook for when nervous?")
    await ended(answer)
    await answer.get_by_role("button", name="Why do you think that?").click()
    fact = answer.locator(".why .fact", has_text="I cook for people").first
    before = await fact.locator(".statement").inner_text()
    await fact.get_by_role("button", name="That’s wrong").click()
    await expect(fact.get_by_label("What is right?")).to_be_focused()
    await page.keyboard.type("I cook for the choir when I am nervous")
    await page.keyboard.press("Enter")
    corrected = answer.locator(".why .fact", has_text="I cook for the choir").first
    await expect(corrected.locator(".statement")).to_contain_text("I cook for the choir when I am nervous")
    await expect(corrected.locator(".change")).to_contain_text("Corrected. It said:")
    await expect(page.locator("#announce")).to_contain_text("Corrected.")
    await expect(page.get_by_role("button", name="Undo")).to_be_focused()

    later = await ask(page, "Who do I cook for when nervous?")
    await expect(later.locator(".prose")).to_contain_text("I cook for the choir when I am nervous")
    await page.goto("/facts?status=pinned")
    await expect(page.locator(".entry .statement")).to_contain_text("I cook for the choir when I am nervous")
    await page.goto("/facts?status=rejected")
    await expect(page.locator(".entry .instead")).to_contain_text("I cook for the choir when I am nervous")

    await page.goto("/facts")
    await page.get_by_text("What you changed lately").click()
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_text("What you changed lately")).to_have_count(0)
    await page.goto("/facts?status=rejected")
    await expect(page.get_by_text("No fact is of that kind.")).to_be_visible()
    await page.goto("/chat")
    restored = await ask(page, "Who do I cook for when nervous?")
    await ended(restored)
    await expect(restored.locator(".prose")).to_contain_text(before.strip("“”"))
    await expect(restored.locator(".prose")).not_to_contain_text("choir")


async def test_facts_are_pinned_rejected_and_taken_back_where_they_stand(page: Page) -> None:
    await hand_over(page)
    await expect(page.locator("#progress")).to_contain_text("Version 2 is in place", timeout=60_000)
    await page.goto("/facts")
    first = page.locator(".entry").first
    await first.get_by_role("button", name="Pin").press("Enter")
    await expect(first.locator(".state")).to_have_text("Pinned")
    await page.keyboard.press("Enter")
    await expect(first.locator(".state")).to_have_count(0)
    await expect(page.locator("#announce")).to_have_text("Undone.")

    await first.get_by_role("button", name="That’s wrong").click()
    await page.keyboard.press("Escape")
    await expect(first.get_by_role("button", name="That’s wrong")).to_be_focused()
    await page.keyboard.press("Enter")
    await first.get_by_role("button", name="It’s just wrong").click()
    await expect(first.locator(".state")).to_have_text("Rejected")
    await expect(first.locator("del")).to_be_visible()
    await first.get_by_role("button", name="Undo").click()
    await expect(first.locator("del")).to_have_count(0)


async def test_an_order_in_the_chat_is_carried_out_and_undone(page: Page) -> None:
    await hand_over(page)
    await page.goto("/chat")
    answer = await ask(page, "Remember that I keep bees on the roof")
    await ended(answer)
    await expect(answer.locator(".prose")).to_contain_text("I keep bees on the roof")
    await answer.get_by_role("button", name="Undo").click()
    await expect(answer.get_by_role("button", name="Undone")).to_be_disabled()
    await page.goto("/facts?status=pinned")
    await expect(page.get_by_text("No fact is of that kind.")).to_be_visible()


@pytest.mark.usefixtures("modelled")
async def test_an_answer_goes_on_in_a_page_that_is_loaded_again_and_in_another_tab(
    page: Page, other: Page, model_server: ModelServer
) -> None:
    await hand_over(page)
    await page.goto("/chat")
    await ended(await ask(page, "Hello?"))
    await other.goto(page.url)
    model_server.fail(Fault.PAUSED)
    answer = await ask(page, "Which model are you?")
    await begun(answer)
    await begun(other.locator(".turn.assistant").nth(1))
    await expect(other.get_by_role("button", name="Stop the answer")).to_be_visible()

    await page.reload()
    await begun(answer)
    await expect(page.get_by_role("button", name="Stop the answer")).to_be_visible()
    model_server.going_on.set()
    for tab in (page, other):
        await expect(tab.locator(".turn.assistant .prose").nth(1)).to_have_text(ANSWER)
        await expect(tab.get_by_role("button", name="Send")).to_be_visible()
    await expect(page.locator("#announce")).to_have_text("The answer is there.")


@pytest.mark.usefixtures("modelled")
async def test_an_answer_is_stopped_by_a_key_and_asked_for_again(page: Page, model_server: ModelServer) -> None:
    await hand_over(page)
    await page.goto("/chat")
    model_server.fail(Fault.PAUSED)
    answer = await ask(page, "Which model are you?")
    await begun(answer)
    top = "part => part.getBoundingClientRect().top"
    while_written = await answer.evaluate(top)
    await page.keyboard.press("Escape")
    await expect(answer.locator(".trouble")).to_contain_text("It was stopped.")
    assert await answer.evaluate(top) == while_written
    await expect(answer.locator(".prose")).to_contain_text("This is what")

    await answer.get_by_role("button", name="Ask again").click()
    await expect(answer.locator(".prose")).to_have_text(ANSWER)
    await expect(answer.locator(".versions")).to_have_text("2/2")
    await expect(answer.get_by_role("button", name="Another answer")).to_be_focused()
    await answer.get_by_role("button", name="Earlier version").press("Enter")
    await expect(answer.locator(".trouble")).to_contain_text("It was stopped.")
    await expect(page.locator("#announce")).to_have_text("Version 1 of 2.")
    await expect(answer.get_by_role("button", name="Later version")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(answer.locator(".prose")).to_have_text(ANSWER)


@pytest.mark.usefixtures("modelled")
async def test_a_question_is_edited_and_its_versions_are_switched(page: Page, model_server: ModelServer) -> None:
    model_server.script = echo
    await hand_over(page)
    await page.goto("/chat")
    await ended(await ask(page, "First question"))
    await ended(await ask(page, "Second question"))
    questions, answers = page.locator(".turn.user"), page.locator(".turn.assistant")

    await questions.first.get_by_role("button", name="Edit the question").click()
    editor = questions.first.get_by_role("textbox")
    await expect(editor).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(questions.first.get_by_role("button", name="Edit the question")).to_be_focused()
    await page.keyboard.press("Enter")
    await editor.fill("Third question")
    await page.get_by_role("button", name="Ask this instead").click()
    await expect(answers.first.locator(".prose")).to_have_text("Asked: Third question")
    await expect(questions).to_have_count(1)
    await expect(questions.first.locator(".versions")).to_have_text("2/2")

    await questions.first.get_by_role("button", name="Earlier version").click()
    await expect(questions).to_have_count(2)
    await expect(answers.nth(1).locator(".prose")).to_have_text("Asked: Second question")
    await page.reload()
    await expect(questions.first.locator(".versions")).to_have_text("1/2")


@pytest.mark.usefixtures("modelled")
async def test_what_was_not_taken_is_typed_still(shaky: Page, live: Live) -> None:
    await hand_over(shaky)
    await shaky.goto("/chat")
    await ended(await ask(shaky, "Hello?"))
    await live.visitor.delete(f"/api/v1/threads/{shaky.url.rpartition('/')[2]}")
    await shaky.locator("#question").fill("Are you there?")
    await shaky.keyboard.press("Enter")
    await expect(shaky.get_by_role("alert")).to_contain_text("chat")
    await expect(shaky.locator("#question")).to_have_value("Are you there?")


async def test_what_is_typed_before_the_page_is_ready_is_asked_and_not_lost(page: Page) -> None:
    ready = asyncio.Event()

    async def late(route: Route) -> None:
        await ready.wait()
        await route.continue_()

    await hand_over(page)
    await page.route("**/chat.js", late)
    await page.goto("/chat", wait_until="commit")
    await page.locator("#question").fill("Where does Théo work?")
    await page.get_by_role("button", name="Send").click(force=True)
    await expect(page.locator("#question")).to_have_value("Where does Théo work?")
    ready.set()
    await page.get_by_role("button", name="Send").click()
    await ended(page.locator(".turn.assistant"))
    await expect(page.locator(".turn.user")).to_contain_text("Where does Théo work?")


async def test_chats_are_searched_renamed_and_deleted(page: Page) -> None:
    await hand_over(page)
    await page.goto("/chat")
    await expect(page.locator(".threads")).to_contain_text("Your chats will be kept here.")
    await ended(await ask(page, "Where does Théo work?"))
    await page.get_by_role("link", name="New chat").click()
    await page.wait_for_load_state()
    await ended(await ask(page, "What did I say about the marathon?"))
    rows = page.locator(".threads li")
    await expect(rows).to_have_count(2)

    await page.get_by_label("Search your chats").fill("where does théo")
    await expect(rows).to_have_count(1)
    await expect(rows.locator("mark").first).to_be_visible()
    await expect(page.locator("#announce")).to_have_text("1 found.")
    await page.get_by_label("Search your chats").fill("zeppelin")
    await expect(rows).to_have_text("No chat holds all of these words.")
    await page.get_by_label("Search your chats").fill("")
    await expect(rows).to_have_count(2)

    await rows.first.hover()
    await rows.first.get_by_role("button", name="Rename").click()
    await page.get_by_label("Title").fill("Running")
    await page.keyboard.press("Enter")
    await expect(rows.first.locator("a")).to_have_text("Running")
    await expect(rows.first.get_by_role("button", name="Rename")).to_be_focused()

    await page.set_viewport_size(PHONE)
    await page.get_by_role("button", name="Chats", exact=True).click()
    await rows.first.hover()
    await rows.first.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog", name="Delete this chat?")
    await expect(dialog).to_contain_text("“Running” goes with all its messages")
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await page.get_by_role("button", name="Chats", exact=True).click()
    await rows.first.hover()
    await rows.first.get_by_role("button", name="Delete").click()
    await dialog.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ask about your history")
    await page.get_by_role("button", name="Chats", exact=True).click()
    await expect(rows).to_have_count(1)


def echo(request: Request) -> Answer:
    """The question that stands last in the request."""
    found = max(("First", "Second", "Third"), key=lambda word: request.asked.text.rfind(f"{word} question"))
    return Answer(text=f"Asked: {found} question")

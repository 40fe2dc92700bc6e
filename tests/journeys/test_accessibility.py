"""Every page as those read it who don't see it well or use no pointer, by the rules of axe-core."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe  # type: ignore[import-untyped]
from playwright.async_api import Page, ViewportSize

from tests.journeys.filled import account, database, settings
from tests.journeys.test_browser import browser, context, live, page
from tests.model_server.fixtures import credentials, model_server

__all__ = ["account", "browser", "context", "credentials", "database", "live", "model_server", "page"]
__all__ += ["settings"]

pytestmark = pytest.mark.anyio

PAGES = (
    *("/", "/profile", "/profile/measured", "/versions", "/diff", "/claims", "/memory", "/facts", "/facts?q=lyon"),
    *("/facts/timeline", "/review", "/conversations", "/conversations?q=bridge", "/chat", "/settings"),
    *("/admin", "/admin/runs", "/admin/accounts"),
)
WIDTHS: tuple[ViewportSize, ...] = ({"width": 360, "height": 740}, {"width": 1280, "height": 860})
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}


@pytest.mark.parametrize("theme", ["light", "dark"])
async def test_no_page_breaks_a_rule(page: Page, theme: Any) -> None:
    await page.emulate_media(color_scheme=theme, reduced_motion="reduce")
    wrong: list[str] = []
    for address in PAGES:
        for size in WIDTHS:
            await page.set_viewport_size(size)
            await page.goto(address)
            wrong += [f"{address} at {size['width']}: {each}" for each in await violations(page)]
    assert not wrong, "\n".join(wrong)


async def violations(page: Page) -> list[str]:
    """Rule and element of each violation on the page as it stands."""
    found = await Axe().run(page, options=RULES)
    return [
        f"{rule['id']}: {node['html'][:120]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]

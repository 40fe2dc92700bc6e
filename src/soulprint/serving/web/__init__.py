"""The pages. In: a request. Out: HTML made on the server; scripts only where a page is live."""

from __future__ import annotations

from fastapi.staticfiles import StaticFiles

from soulprint.serving.web.pages import router
from soulprint.serving.web.rendering import error_page

__all__ = ["error_page", "router", "static"]

static = StaticFiles(packages=[("soulprint.serving.web", "static")])

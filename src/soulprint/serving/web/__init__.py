"""The pages. In: a request. Out: HTML made on the server; scripts only where a page is live."""

from __future__ import annotations

from soulprint.serving.web.pages import router, static
from soulprint.serving.web.rendering import error_page

__all__ = ["error_page", "router", "static"]

"""The versions of a profile. In: a draft from a pass. Out: a new version, swapped in whole, and its markdown."""

from __future__ import annotations

from soulprint.sections.markdown import flat, markdown, memory_markdown, shown, title
from soulprint.sections.store import Version, current, current_number, publish

__all__ = ["Version", "current", "current_number", "flat", "markdown", "memory_markdown", "publish", "shown", "title"]

"""What bears on a question. In: a question. Out: the messages of the imported history that fit best, as quotes."""

from __future__ import annotations

from soulprint.recall.store import Passage, search

__all__ = ["Passage", "search"]

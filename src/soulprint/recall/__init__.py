"""What bears on a question. In: a question. Out: passages, facts and lines of the profile, best first."""

from __future__ import annotations

from soulprint.recall.finding import Found, recall
from soulprint.recall.grouping import BESIDE

__all__ = ["BESIDE", "Found", "recall"]

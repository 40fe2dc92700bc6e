"""What is known of a person. In: dialogues. Out: facts, each proved by the person's own words.

What finds facts and compares them loads when it is first used: its patterns take a second to compile, and to list facts
needs none of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from soulprint.facts.reviewing import inbox, waiting
from soulprint.facts.shapes import (
    Consolidation,
    Decided,
    Doubted,
    FactView,
    Finding,
    Moment,
    Plan,
    Span,
    Wanted,
    Window,
    Yield,
)
from soulprint.facts.store import Score, by_ids, count, years
from soulprint.facts.timeline import moments
from soulprint.facts.views import active, listed

if TYPE_CHECKING:
    from soulprint.facts.finding.engines import engine
    from soulprint.facts.finding.extracting import extract, pass_over, warm
    from soulprint.facts.finding.planning import plan
    from soulprint.facts.merging.consolidating import consolidate
    from soulprint.facts.merging.deciding import decide
    from soulprint.facts.merging.settling import settle

__all__ = [
    "Consolidation",
    "Decided",
    "Doubted",
    "FactView",
    "Finding",
    "Moment",
    "Plan",
    "Score",
    "Span",
    "Wanted",
    "Window",
    "Yield",
    "active",
    "by_ids",
    "consolidate",
    "count",
    "decide",
    "engine",
    "extract",
    "inbox",
    "listed",
    "moments",
    "pass_over",
    "plan",
    "settle",
    "waiting",
    "warm",
    "years",
]

_HOMES = {
    "consolidate": "merging.consolidating",
    "decide": "merging.deciding",
    "engine": "finding.engines",
    "extract": "finding.extracting",
    "pass_over": "finding.extracting",
    "plan": "finding.planning",
    "settle": "merging.settling",
    "warm": "finding.extracting",
}
"""No room here may have the name of a function: once loaded, it would stand in the function's place."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

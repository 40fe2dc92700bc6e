"""What is known of a person. In: dialogues. Out: facts, each proved by the person's own words.

What finds facts and compares them loads when it is first used: its patterns take a second to compile, and to list facts
needs none of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from soulprint.facts.shapes import Consolidation, Decided, FactView, Finding, Plan, Span, Window, Yield
from soulprint.facts.views import active, listed

if TYPE_CHECKING:
    from soulprint.facts.consolidating import consolidate
    from soulprint.facts.deciding import decide
    from soulprint.facts.engines import engine
    from soulprint.facts.extracting import extract, pass_over, warm
    from soulprint.facts.planning import plan
    from soulprint.facts.settling import settle

__all__ = [
    "Consolidation",
    "Decided",
    "FactView",
    "Finding",
    "Plan",
    "Span",
    "Window",
    "Yield",
    "active",
    "consolidate",
    "decide",
    "engine",
    "extract",
    "listed",
    "pass_over",
    "plan",
    "settle",
    "warm",
]

_HOMES = {
    "consolidate": "consolidating",
    "decide": "deciding",
    "engine": "engines",
    "extract": "extracting",
    "pass_over": "extracting",
    "plan": "planning",
    "settle": "settling",
    "warm": "extracting",
}
"""No file may have the name of a function: once loaded, it would stand in the function's place."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)

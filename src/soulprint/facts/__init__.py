"""What is known of a person. In: dialogues. Out: facts, each proved by the person's own words."""

from soulprint.facts.consolidate import consolidate
from soulprint.facts.deciding import decide
from soulprint.facts.engine import engine
from soulprint.facts.extract import extract, pass_over
from soulprint.facts.plan import plan
from soulprint.facts.settling import settle
from soulprint.facts.shapes import Consolidation, Decided, FactView, Finding, Plan, Span, Window, Yield
from soulprint.facts.views import active, listed

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
]

"""What is known of a person. In: dialogues. Out: facts, each proved by the person's own words."""

from soulprint.facts.engine import engine
from soulprint.facts.extract import extract, pass_over
from soulprint.facts.plan import plan
from soulprint.facts.shapes import Consolidation, Decided, FactView, Finding, Plan, Span, Window, Yield

__all__ = [
    "Consolidation",
    "Decided",
    "FactView",
    "Finding",
    "Plan",
    "Span",
    "Window",
    "Yield",
    "engine",
    "extract",
    "pass_over",
    "plan",
]

"""The five sections without a language model: what the first profile quotes and counts, over facts."""

from __future__ import annotations

from collections.abc import Sequence

from soulprint.facts import pieces
from soulprint.facts.shapes import FactView
from soulprint.quick_pass import local
from soulprint.quick_pass.evidence import Evidence
from soulprint.records.sections import Draft, MemoryPart


def draft(evidence: Evidence, facts: Sequence[FactView], memory: list[MemoryPart]) -> Draft:
    """The sections from what was measured and from the facts, those of every status that are to be read; MEMORY as it
    was written. Facts that were superseded stand only where the field asks for what was before."""
    return local.draft(evidence, pieces.of_facts(facts, evidence.claims), memory)

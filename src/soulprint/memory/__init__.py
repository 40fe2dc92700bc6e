"""MEMORY. In: facts. Out: its five parts and those of custom categories, every bullet resting on facts."""

from __future__ import annotations

from soulprint.memory.writing import Written, write

__all__ = ["Written", "write"]

"""The first profile. In: what was measured and said, by the numbers. Out: a draft of the five sections and MEMORY."""

from __future__ import annotations

from soulprint.quick_pass.evidence import Evidence, gather

__all__ = ["Evidence", "gather"]

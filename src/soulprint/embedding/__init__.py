"""What passages mean. In: passages without a vector. Out: vectors, made in the background, and the nearest to one."""

from __future__ import annotations

from soulprint.embedding.draining import Drained, drain, obstacle, progress
from soulprint.embedding.store import Near, Spread, cosines, is_possible, nearest, spread

__all__ = ["Drained", "Near", "Spread", "cosines", "drain", "is_possible", "nearest", "obstacle", "progress", "spread"]

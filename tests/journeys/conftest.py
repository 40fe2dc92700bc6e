"""What journeys share: a history that is read to its end, made once."""

from __future__ import annotations

from tests.journeys.filled import example

__all__ = ["example"]

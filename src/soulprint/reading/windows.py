"""Which part of a long conversation is shown at once."""

from __future__ import annotations

SIZE = 200
BEFORE = 20
"""Messages shown above the one that was asked for, when the conversation doesn't fit whole."""


def around(total: int, at: int | None = None, offset: int | None = None) -> range:
    """The positions to show of `total` messages: from `offset` on, else those around the position `at`, else the
    first."""
    if offset is None:
        offset = 0 if at is None or at < SIZE else max(0, min(at - BEFORE, total - SIZE))
    return range(min(offset, total), min(offset + SIZE, total))

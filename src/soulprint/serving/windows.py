"""Which part of a long conversation is shown at once."""

from __future__ import annotations

from collections.abc import Sequence

SIZE = 200
BEFORE = 20
"""Messages shown above the one that was asked for, when the conversation doesn't fit whole."""


def around(ids: Sequence[int], message: int | None = None, offset: int | None = None) -> range:
    """The positions to show of the messages `ids`: those around `message`, else from `offset` on, else the first."""
    if offset is None:
        at = ids.index(message) if message in ids else 0
        offset = 0 if at < SIZE else max(0, min(at - BEFORE, len(ids) - SIZE))
    return range(min(offset, len(ids)), min(offset + SIZE, len(ids)))

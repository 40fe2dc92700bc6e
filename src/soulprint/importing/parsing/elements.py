"""Reads a document element by element with one function, so that whatever one element is costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import decoding, documents

ELEMENTS = 2_000_000
"""The most elements that are read of one file. A heavy user has some thousand conversations."""
LARGEST = 128 * 1024 * 1024
"""Bytes of one element. It is held in memory as a whole; the longest conversations take a hundredth of this."""


def each(
    document: documents.Document, read: Callable[[msgspec.Raw | memoryview], shapes.Outcome]
) -> Iterator[shapes.Outcome]:
    """What `read` makes of every element, and `Failed` for those that it can't read."""
    for number, element in enumerate(document.elements()):
        where = f"{document.where}#{number}"
        if number >= ELEMENTS:
            yield shapes.Failed("too_many_elements", where)
            return
        if isinstance(element, documents.CutOff):
            yield shapes.Failed("cut_off", where)
            continue
        outcome = _outcome(element, read)
        if isinstance(outcome, shapes.Failed | shapes.Skipped) and outcome.where is None:
            outcome.where = where
        yield outcome


def _outcome(
    element: msgspec.Raw | memoryview, read: Callable[[msgspec.Raw | memoryview], shapes.Outcome]
) -> shapes.Outcome:
    if memoryview(element).nbytes > LARGEST:
        return shapes.Failed("too_large")
    try:
        return read(element)
    except decoding.Unusable as unusable:
        return shapes.Failed(str(unusable))

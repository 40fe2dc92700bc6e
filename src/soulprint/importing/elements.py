"""Reads a document element by element with one function, so that whatever one element is costs no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from soulprint.importing import decoding, documents, shapes

ELEMENTS = 2_000_000
"""The most elements that are read of one file. A heavy user has some thousand conversations."""


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
        try:
            outcome = read(element)
        except decoding.Unusable as unusable:
            outcome = shapes.Failed(str(unusable))
        if isinstance(outcome, shapes.Failed | shapes.Skipped) and outcome.where is None:
            outcome.where = where
        yield outcome

"""The formats of chat exports. In: a document divided into elements. Out: what each element holds.

To add a format: one file here, and one line in `FORMATS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from soulprint.importing import documents, shapes
from soulprint.importing.formats import chatgpt, claude


class Format(Protocol):
    """One provider's export. A module with these names is one."""

    NAME: str
    """The provider, as rows name it."""
    MEMBERS: re.Pattern[str]
    """Names, in lower case and without folders, of the members of its archives that hold something to import."""

    def recognises(self, document: documents.Document) -> str | None:
        """Why the document is of this format, in words; None where it isn't. By content, never by name."""

    def read(self, document: documents.Document) -> Iterator[shapes.Outcome]:
        """What each element of a recognised document holds. Never raises for what an element is."""


FORMATS: list[Format] = [chatgpt, claude]


def known(name: str) -> bool:
    """Whether a member of this name may be one of a known format."""
    last = name.lower().rpartition("/")[2]
    return any(each.MEMBERS.fullmatch(last) for each in FORMATS)


def recognised(document: documents.Document) -> Format | None:
    """The format that the document is of."""
    return next((each for each in FORMATS if each.recognises(document)), None)

"""The formats of chat exports. In: a document divided into elements. Out: what each element holds.

To add a format: one file here, and one line in `FORMATS`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from soulprint.importing import shapes
from soulprint.importing.formats import (
    aistudio,
    characterai,
    chatgpt,
    claude,
    claude_code,
    codex,
    copilot,
    deepseek,
    gemini,
    grok,
    lechat,
    librechat,
    metaai,
    openwebui,
    perplexity,
)
from soulprint.importing.parsing import documents


class Format(Protocol):
    """One provider's export. A module with these names is one."""

    NAME: str
    """The provider, as rows name it."""
    TITLE: str
    """The provider, as people name it."""
    MEMBERS: re.Pattern[str]
    """Searched in the path of a file, in lower case with forward slashes: the files of its exports that hold something
    to import. In the part of the syntax that JavaScript shares, as the browser chooses by it too."""

    def recognises(self, document: documents.Document) -> str | None:
        """Why the document is of this format, in words; None where it isn't. By content, never by name."""

    def read(self, document: documents.Document) -> Iterator[shapes.Outcome]:
        """What each element of a recognised document holds. Never raises for what an element is."""


FORMATS: list[Format] = [
    chatgpt,
    claude,
    claude_code,
    codex,
    gemini,
    aistudio,
    metaai,
    copilot,
    librechat,
    openwebui,
    perplexity,
    grok,
    characterai,
    deepseek,
    lechat,
]


def known(name: str) -> bool:
    """Whether a file of this name, with the folders it lies in, may be one of a known format."""
    path = name.lower().replace("\\", "/")
    return any(each.MEMBERS.search(path) for each in FORMATS)


def recognised(document: documents.Document) -> tuple[Format, str] | None:
    """The format that the document is of, and why."""
    return next(((each, reason) for each in FORMATS if (reason := each.recognises(document))), None)


OURSELVES = {"soulprint": "SoulPrint"}
"""The provider of chats that were held here."""


def title(name: str) -> str:
    """What people call the provider that rows name so."""
    return next((each.TITLE for each in FORMATS if name == each.NAME), OURSELVES.get(name, name))

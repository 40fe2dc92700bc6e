"""What of a text Postgres can hold."""

from __future__ import annotations

import re

_SURROGATE = re.compile("[\ud800-\udfff]")


def whole(text: str) -> str:
    """`text` with the halves of surrogate pairs joined, and each that has no partner as one U+FFFD."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def held(text: str) -> str:
    """`text` as Postgres can hold it: lone surrogates and U+0000 are U+FFFD."""
    return whole(text).replace("\0", "\ufffd")

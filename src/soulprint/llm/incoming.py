"""What comes back from a model, as the database can hold it: without U+0000, which no text there may have, and without
halves of surrogate pairs."""

from __future__ import annotations

import re

from pydantic_ai.messages import ModelResponse

from soulprint import characters
from soulprint.llm import outgoing

_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")
"""As it stands in the JSON of an answer that is data."""


def held(response: ModelResponse) -> ModelResponse:
    """The answer with a U+FFFD in the place of each sign that Postgres can't hold; itself where there is none. An
    answer that couldn't be written down would be paid for again and again."""
    return outgoing.mapped(response, _held)  # type: ignore[no-any-return]


def _held(text: str) -> str:
    if "\\u0000" in text:
        text = _ESCAPED_NUL.sub(r"\1\\ufffd", text)
    return characters.held(text)

"""What an address may hold, as pages and the REST interface take it."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field, StringConstraints

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""What can be compared with what is stored: the database takes no NUL."""

Id = Annotated[int, Field(ge=1, lt=2**63)]
Number = Annotated[int, Field(ge=1, lt=2**31)]
Year = Annotated[int, Field(ge=1, le=9998)]

T = TypeVar("T")
Given = Annotated[T | None, BeforeValidator(lambda value: value or None)]
"""A field of a form, which is sent empty where nothing is given."""

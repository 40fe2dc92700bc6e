"""What a model answers for a window: its shape, what the schema allows, and what of an answer can be used."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field, ValidationError

from soulprint.facts.shapes import folded

LONGEST_ABOUT = 3
"""Words."""

FURTHEST = timedelta(days=366 * 100)
"""How long before it was said something can have begun; what is further ahead than `AHEAD` is no date either."""

AHEAD = timedelta(days=366 * 30)

_NUMBER = re.compile(r"\s*\[?\s*m?(\d{1,6})\b", re.IGNORECASE)
_DATE = re.compile(r"\s*(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?(?:T.*)?\s*", re.DOTALL)


def _numbered(value: object) -> object:
    """`12` of `m12`, `[m12` or `12`."""
    found = _NUMBER.match(value) if isinstance(value, str) else None
    return int(found[1]) if found else value


class DraftFact(BaseModel):
    """One fact as the model gives it."""

    category: str
    about: str = Field(default="", description="What it is of, 1-3 English words: home, job, sister, diet.")
    statement: str = Field(
        description="In USER's language, no subject, self-contained, names and numbers as said: Lives in Lyon."
    )
    quote: str = Field(description="Verbatim from that turn, as short as proves it.")
    message: Annotated[int, BeforeValidator(_numbered)] = Field(description="12 for [m12].")
    since: str | None = Field(
        default=None, description="YYYY[-MM[-DD]] if told; 'yesterday' is the day before the turn's date."
    )
    until: str | None = Field(default=None, description="Likewise, if it is over.")


def _opened(value: object) -> object:
    """A list that came as the JSON of one."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


class DraftFacts(BaseModel):
    """The whole answer. Its facts are looked at one by one, so that an odd one costs none of the others."""

    facts: Annotated[list[Any], BeforeValidator(_opened)]


def schema(categories: Iterable[str], turns: int) -> dict[str, Any]:
    """The JSON schema of an answer for a window of which the turns 1 to `turns` can be cited, and no others."""
    fields = {
        name: {key: value for key, value in field.items() if key in ("type", "description")}
        for name, field in _properties().items()
    }
    fields["category"] = {"type": "string", "enum": [*categories]}
    fields["message"] |= {"type": "integer", "minimum": 1, "maximum": turns}
    fields["since"]["type"] = fields["until"]["type"] = "string"
    required = ["category", "about", "statement", "quote", "message"]
    item = {"type": "object", "properties": fields, "required": required}
    return {"type": "object", "properties": {"facts": {"type": "array", "items": item}}, "required": ["facts"]}


@functools.cache
def _properties() -> dict[str, dict[str, Any]]:
    properties: dict[str, dict[str, Any]] = DraftFact.model_json_schema()["properties"]
    return properties


def read(item: object) -> DraftFact | None:
    """One fact of an answer, or None where it is none."""
    try:
        return DraftFact.model_validate(item)
    except ValidationError:
        return None


def about(draft: DraftFact) -> str:
    """What the fact is of, in at most three folded words; its category where nothing is said."""
    return " ".join(folded(draft.about).split()[:LONGEST_ABOUT]) or draft.category


def period(draft: DraftFact, said_at: datetime | None) -> tuple[date | None, date | None]:
    """Since when and until when it holds, where the model says so and it makes sense."""
    since, until = day(draft.since, said_at), day(draft.until, said_at, last=True)
    return (since, None) if since and until and until < since else (since, until)


def day(said: str | None, said_at: datetime | None, *, last: bool = False) -> date | None:
    """The date that `YYYY`, `YYYY-MM` or `YYYY-MM-DD` begins with, or ends with where `last` is asked for.

    None where it is no date, or none that a person could mean at the time it was said."""
    found = _DATE.fullmatch(said or "")
    if found is None:
        return None
    year, month, of_month = (int(part) if part else None for part in found.groups())
    try:
        parsed = _last(year, month, of_month) if last else date(year or 0, month or 1, of_month or 1)
    except ValueError:
        return None
    return parsed if _plausible(parsed, said_at) else None


def _last(year: int | None, month: int | None, of_month: int | None) -> date:
    if of_month:
        return date(year or 0, month or 0, of_month)
    beyond = date((year or 0) + 1, 1, 1) if month in (None, 12) else date(year or 0, (month or 0) + 1, 1)
    return beyond - timedelta(days=1)


def _plausible(parsed: date, said_at: datetime | None) -> bool:
    if said_at is None:
        return 1900 <= parsed.year <= 2100
    return said_at.date() - FURTHEST <= parsed <= said_at.date() + AHEAD

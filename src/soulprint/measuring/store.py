"""All SQL of the room: what was measured last."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.measuring.style import Style
from soulprint.measuring.topics import Topic
from soulprint.records import MeasuredStyle


@dataclass(frozen=True, slots=True)
class Portrait:
    """How a person writes, and what about."""

    style: Style
    topics: tuple[Topic, ...]
    """The largest first."""


_adapter = TypeAdapter(Portrait)


async def keep(session: AsyncSession, account: uuid.UUID, portrait: Portrait) -> None:
    """Put what was measured now in the place of what was before."""
    values = {"portrait": _adapter.dump_python(portrait, mode="json"), "measured_at": func.now()}
    kept = insert(MeasuredStyle).values(user_id=account, **values)
    await session.execute(kept.on_conflict_do_update(index_elements=["user_id"], set_=values))


async def portrait(session: AsyncSession) -> Portrait | None:
    """What was measured last; None where nothing was, or an older program did it that counted other things."""
    held = await session.scalar(select(MeasuredStyle.portrait))
    try:
        return _adapter.validate_python(held) if held else None
    except ValidationError:
        return None

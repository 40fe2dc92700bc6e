"""All SQL of the room: what only its doors ask for."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors
from soulprint.records import Conversation, Fact, Import


async def imported(session: AsyncSession, import_id: uuid.UUID) -> Import:
    """One import, old or running. Raises `errors.NotFound`."""
    found = await session.get(Import, import_id)
    if found is None:
        raise errors.NotFound(what="import")
    return found


async def uploaded(session: AsyncSession, name: str) -> uuid.UUID:
    """The account's import that came by the upload of this server-made name. Raises `errors.NotFound`."""
    found = await session.scalar(select(Import.id).where(Import.upload == name).limit(1))
    if found is None:
        raise errors.NotFound(what="upload of this name")
    return found


async def statements(session: AsyncSession, facts: Collection[int]) -> dict[int, str]:
    """What facts say, by their ids."""
    found = await session.execute(select(Fact.id, Fact.statement).where(Fact.id.in_(facts)))
    return {id: statement for id, statement in found.all()}  # noqa: A001, C416


async def title(session: AsyncSession, conversation: uuid.UUID) -> str | None:
    """The title of a conversation; None where it has none, or there is no such conversation."""
    return await session.scalar(select(Conversation.title).where(Conversation.id == conversation))

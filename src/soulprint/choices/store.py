"""All SQL of the room: what an account has chosen."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.records import Choice


async def chosen(session: AsyncSession, *, for_update: bool = False) -> tuple[dict[str, Any], frozenset[str]]:
    """The values that the account chose, and the names of its keys in the keyring. `for_update`: nobody else changes
    them within this transaction."""
    found = select(Choice.values, Choice.keys)
    row = (await session.execute(found.with_for_update() if for_update else found)).one_or_none()
    return (dict(row[0]), frozenset(row[1])) if row else ({}, frozenset())


async def keep(session: AsyncSession, account: uuid.UUID, values: Mapping[str, Any], keys: Collection[str]) -> None:
    kept = {"values": dict(values), "keys": sorted(keys), "updated_at": func.now()}
    row = insert(Choice).values(user_id=account, **kept)
    await session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=kept))

"""What is near to a question in meaning, where an embedding model is at work."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.database import Database
from soulprint.recall.ranking import Near
from soulprint.settings import Settings


async def nearest(
    db: Database, account: uuid.UUID, settings: Settings, text: str, since: datetime | None, until: datetime | None
) -> None:
    return None


async def compared(session: AsyncSession, found: None, ids: Sequence[int]) -> Near:
    return Near()

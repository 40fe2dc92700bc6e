"""What imports have stored, for tests."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select

from soulprint.database import Database
from soulprint.records import Conversation, Message


async def rows(database: Database, account: uuid.UUID, *, ids: bool = False) -> list[tuple[Any, ...]]:
    """All that is stored of conversations, but for keys made up by the database."""
    columns = (
        Conversation.provider_id,
        Conversation.title,
        Conversation.started_at,
        Conversation.updated_at,
        Conversation.message_count,
        Message.provider_id,
        Message.position,
        Message.role,
        Message.text,
        Message.sent_at,
        Message.on_branch,
        Message.modality,
    )
    query = select(*columns, *([Message.id] if ids else [])).join(Message, Message.conversation_id == Conversation.id)
    async with database.session(account) as session:
        return [tuple(row) for row in await session.execute(query.order_by(Conversation.provider_id, Message.position))]


async def one(database: Database, account: uuid.UUID, record: type[Any]) -> Any:
    async with database.session(account) as session:
        return (await session.scalars(select(record))).one()

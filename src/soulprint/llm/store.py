"""All SQL of the journal of answers."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.llm.roles import Role
from soulprint.records import LlmAnswer


@dataclass(frozen=True, slots=True)
class Entry:
    """One answer as the journal keeps it."""

    key: bytes
    role: Role
    model: str
    prompt: str | None
    answer: dict[str, Any]
    input_tokens: int
    output_tokens: int
    cost: Decimal | None
    """US dollars; None where the price is not known."""
    seconds: float


async def find(session: AsyncSession, key: bytes) -> dict[str, Any] | None:
    """The answer to the request with this fingerprint."""
    return await session.scalar(select(LlmAnswer.answer).where(LlmAnswer.key == key))


async def keep(session: AsyncSession, account: object, entry: Entry) -> None:
    """Write an answer down. A second answer to the same request adds its cost and tokens to the first."""
    row = insert(LlmAnswer).values(
        key=entry.key,
        user_id=account,
        role=entry.role,
        model=entry.model,
        prompt=entry.prompt,
        answer=entry.answer,
        input_tokens=entry.input_tokens,
        output_tokens=entry.output_tokens,
        cost_usd=entry.cost,
        seconds=entry.seconds,
    )
    paid = {
        "cost_usd": func.coalesce(
            LlmAnswer.cost_usd + row.excluded.cost_usd, LlmAnswer.cost_usd, row.excluded.cost_usd
        ),
        "input_tokens": LlmAnswer.input_tokens + row.excluded.input_tokens,
        "output_tokens": LlmAnswer.output_tokens + row.excluded.output_tokens,
    }
    await session.execute(row.on_conflict_do_update(index_elements=["key"], set_=paid))


async def disown(session: AsyncSession, keys: Collection[bytes]) -> None:
    """Never serve these answers again. They stay, for what they cost."""
    for key in keys:
        elsewhere = hashlib.sha256(key + secrets.token_bytes(16)).digest()
        await session.execute(update(LlmAnswer).where(LlmAnswer.key == key).values(key=elsewhere))

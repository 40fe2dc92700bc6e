"""Whether a model answers: one small request that holds nothing of anybody."""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass

from pydantic_ai import Agent

from soulprint import errors
from soulprint.database import Database
from soulprint.llm import embedders, roles
from soulprint.llm.embedders import PROBE, Payer
from soulprint.llm.journal import answering
from soulprint.llm.models import model
from soulprint.llm.roles import LOCAL, OFF, Role
from soulprint.settings import Settings

SECONDS = 20.0
"""How long a model may take for it."""

_trying: set[uuid.UUID] = set()
"""The accounts that try one just now."""


@dataclass(frozen=True, slots=True)
class Trial:
    """That a model answered."""

    model: str
    sent: bool
    """Whether anything was sent; the local engine needs none of it."""
    seconds: float


async def trial(db: Database, account: uuid.UUID, settings: Settings, role: Role) -> Trial:
    """Ask the model of `role` for a word, once. It costs what such a request costs, which is noted.

    Raises `errors.TrialRunning` while the account tries one, and what a request raises.
    """
    name = roles.model_name(settings, role)
    if name in (LOCAL, OFF):
        return Trial(name, sent=False, seconds=0.0)
    if account in _trying:
        raise errors.TrialRunning(seconds=round(SECONDS))
    _trying.add(account)
    try:
        began = time.monotonic()
        once = settings.model_copy(update={"model_attempts": 1, "model_timeout": min(SECONDS, settings.model_timeout)})
        await (_embedded if role is Role.EMBED else _answered)(db, account, once, role)
        return Trial(name, sent=True, seconds=time.monotonic() - began)
    finally:
        _trying.discard(account)


async def _answered(db: Database, account: uuid.UUID, settings: Settings, role: Role) -> None:
    asked = model(settings, role, db, account)
    async with answering(asked):
        # Never twice the same, or the journal would answer.
        await Agent(asked).run(f"Answer with the one word “ready”. ({secrets.token_hex(4)})")


async def _embedded(db: Database, account: uuid.UUID, settings: Settings, role: Role) -> None:
    if embedder := embedders.embedder(settings, payer=Payer(db, account)):
        await embedder.passages([PROBE])

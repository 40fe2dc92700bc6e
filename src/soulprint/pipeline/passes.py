"""Whether a full pass starts, what it may cost, and how one is stopped: by the rows alone."""

from __future__ import annotations

import asyncio
import importlib
import uuid
from dataclasses import dataclass
from decimal import Decimal

from soulprint import errors, sections
from soulprint.database import Database
from soulprint.pipeline import store
from soulprint.pipeline.estimate import Estimate, estimate, is_free
from soulprint.records import Status
from soulprint.settings import Settings

STOPPED = "It was stopped; what was read and paid for is kept. `soulprint pass full` goes on from there."


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether an import is followed by a full pass."""

    starts: bool
    why: str | None = None
    """What the person should know where it doesn't start by itself."""
    expected: Estimate | None = None
    """What it would read and cost, where that was counted."""


async def decide(db: Database, account: uuid.UUID, settings: Settings) -> Decision:
    """Whether a full pass starts by itself over what is imported now: there is enough of it, something in it was not
    read or is gone from under the profile, and it stays under the ceiling."""
    async with db.session(account) as session:
        conversations = (await store.counts(session)).conversations
        unread = await store.unread(session)
        unfounded = await sections.unfounded(session)
    if not unread and not unfounded:
        return Decision(False)
    if conversations < settings.full_pass_threshold:
        return Decision(False, _below(conversations, settings))
    if is_free(settings):
        return Decision(True)
    expected = await estimate(db, account, settings)
    if expected.cost_usd is None:
        return Decision(False, UNPRICED)
    refusal = refused(expected, ceiling(settings), settings)
    return Decision(refusal is None, str(refusal) if refusal else None, expected)


UNPRICED = (
    "Every conversation is read only when you ask for it (`soulprint pass full`): the model's price is not known."
)


def ceiling(settings: Settings) -> Decimal:
    """What a pass may cost where nothing else is said, in US dollars."""
    return Decimal(str(settings.ceiling))


def refused(expected: Estimate, most: Decimal, settings: Settings) -> errors.OverCeiling | None:
    """Why a pass costs too much; None where it doesn't, or where its price is not known."""
    cost = expected.batch_usd if in_batches(expected, most, settings) else expected.cost_usd
    if cost is None or cost <= most:
        return None
    return errors.OverCeiling(estimate=f"${cost:.2f}", ceiling=f"${most:.2f}")


def in_batches(expected: Estimate, most: Decimal, settings: Settings) -> bool:
    """Whether the provider's batch API is used: `auto` means where the pass stays under `most` only so."""
    cost, half = expected.cost_usd, expected.batch_usd
    if half is None or settings.batch == "off":
        return False
    return settings.batch == "on" or (cost is not None and half <= most < cost)


async def stop(db: Database, account: uuid.UUID, settings: Settings, *, error: str = STOPPED) -> uuid.UUID | None:
    """Stop the full pass that is at work; gives its run. Requests in flight end and are kept, no other is sent, and the
    provider is asked to answer none that was handed in."""
    async with db.session(account) as session:
        active = await store.running(session, store.FULL)
        handed_in = [run for run in active if (await store.run(session, run)).plan.get("batch")]
        for run in active:
            await store.end_pass(session, account, run, Status.CANCELLED, error=error)
    if handed_in:
        batches = await asyncio.to_thread(importlib.import_module, "soulprint.llm.batches")
        for run in handed_in:
            await batches.cancel(db, account, settings, run)
    return active[0] if active else None


def _below(conversations: int, settings: Settings) -> str:
    are = "is 1 conversation" if conversations == 1 else f"are {conversations:,} conversations"
    return (
        f"There {are}, fewer than the {settings.full_pass_threshold:,} from which all of "
        "them are read without being asked; `soulprint pass full` reads them now."
    )

"""How a full pass ends: complete, paused, stopped or failed, in its row and in what is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors, notices
from soulprint.pipeline import engine, store
from soulprint.pipeline.stages import Pass
from soulprint.pipeline.store import StageRow
from soulprint.records import Status

FAILED_SHARE = 0.2
"""Of a stage's tasks: more that failed make the result one that nobody should be shown."""

FAILED_EARLY = 3
"""While a stage is at work, this many failures more are let pass before their share is looked at."""

FEWEST_WINDOWS = 5
"""Answers in which a model should have found at least one fact."""

FEWEST_FOUND = 50
PROVED_SHARE = 0.1
"""Of what a model found, at least so much has to be proved, or it makes things up."""


def check_failures(stage: StageRow, reason: str, *, ended: bool) -> None:
    """Raise `errors.TooManyFailed` where too many of a stage's tasks failed."""
    allowed = stage.total * FAILED_SHARE + (0 if ended else FAILED_EARLY)
    if stage.failed > allowed:
        raise errors.TooManyFailed(failed=stage.failed, total=stage.total, reason=reason.rstrip("."))


def yields(results: Sequence[dict[str, Any]], *, with_model: bool) -> dict[str, Any]:
    """What all windows came to. Raises `errors.NothingFound` where a model found next to nothing that is true."""
    found, kept, failed = (sum(result.get(name, 0) for result in results) for name in ("found", "kept", "failed"))
    dropped: Counter[str] = Counter()
    for result in results:
        dropped.update(result.get("dropped", {}))
    nothing = not found and len(results) >= FEWEST_WINDOWS
    if with_model and (nothing or (found >= FEWEST_FOUND and kept < PROVED_SHARE * found)):
        raise errors.NothingFound(windows=len(results), found=found, kept=kept)
    return {"found": found, "kept": kept, "unreadable": failed, "dropped": dict(dropped.most_common())}


async def end(this: Pass, status: Status, stage: str, error: Exception) -> None:
    """End a pass that came to no new version; the profile stays as it is."""
    reason = str(error) if isinstance(error, errors.SoulprintError) else type(error).__name__
    async with this.database.session(this.account) as session:
        if not await store.end_pass(session, this.account, this.run, status, error=reason):
            return
        told = await _tell_of_failure(session, this, stage, type(error).__name__) if status == Status.FAILED else []
    await send(this, told)


async def tell_of_success(session: AsyncSession, this: Pass, version: int, *, changed: bool) -> list[int]:
    """Write down what the person and other systems are to be told of a new version."""
    payload = await _payload(session, this) | {"version": version}
    told = await notices.announce(session, this.settings, this.account, this.run, "complete", payload)
    if changed:
        told += await notices.announce(session, this.settings, this.account, this.run, "smarter", payload)
    return told


async def _tell_of_failure(session: AsyncSession, this: Pass, stage: str, error: str) -> list[int]:
    payload = await _payload(session, this) | {"stage": stage, "error": error, "run": str(this.run)}
    told = await notices.announce(session, this.settings, this.account, this.run, "ready", payload)
    return told + await notices.announce(session, this.settings, this.account, this.run, "alert", payload)


async def _payload(session: AsyncSession, this: Pass) -> dict[str, Any]:
    """Counts and states, nothing anybody wrote."""
    return {"user_id": str(this.account), **await store.told(session, this.run)}


async def send(this: Pass, told: Sequence[int]) -> None:
    """Have each notice delivered, with attempts that survive this process."""
    for notice in told:
        await engine.enqueue(engine.DELIVERY, f"notice/{notice}", this.account, str(notice))

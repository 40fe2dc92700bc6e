"""How a full pass ends: complete, paused, stopped or failed, in its row and in what is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors, notices
from soulprint.pipeline import store
from soulprint.pipeline.stages import Pass
from soulprint.pipeline.store import StageRow
from soulprint.records import Status

FAILED_SHARE = 0.2
"""Of a stage's tasks, or of the conversations: more that failed make the result one that nobody should be shown."""

FAILED_EARLY = 3
"""While a stage is at work, this many failures more are let pass."""

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


def check_unreadable(unreadable: int, conversations: int, *, ended: bool) -> None:
    """Raise `errors.TooManyFailed` where of too many conversations no answer could be used. One may always be so."""
    allowed = max(1, conversations * FAILED_SHARE) if ended else conversations * FAILED_SHARE + FAILED_EARLY
    if unreadable and (unreadable > allowed or unreadable == conversations):
        reason = "the model's answers could not be used"
        raise errors.TooManyFailed(failed=unreadable, total=conversations, reason=reason)


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
        kind = type(error).__name__
        if not await store.end_pass(session, this.account, this.run, status, error=reason, error_kind=kind):
            return
        kinds = ("complete", "ready", "alert") if status == Status.FAILED else ("complete",)
        await _tell(session, this, *kinds, stage=stage, error=kind)


async def tell_of_success(session: AsyncSession, this: Pass, *, changed: bool) -> None:
    """Write down what the person and other systems are to be told of a pass that is complete; `changed`: with another
    profile than before."""
    await _tell(session, this, "complete", *(["smarter"] if changed else []))


async def _tell(session: AsyncSession, this: Pass, *kinds: str, **words: str) -> None:
    """The end of the pass's workflow has it sent. It is counts and states, nothing anybody wrote."""
    payload = await store.told(session, this.run) | words
    for kind in kinds:
        await notices.announce(session, this.settings, this.account, this.run, kind, payload)

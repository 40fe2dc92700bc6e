"""Conversations that are to be deleted, because they are gone at their provider, in; a profile without them out."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from soulprint import errors, importing, sections
from soulprint.database import Database
from soulprint.pipeline import first_profile, passes, status, store
from soulprint.pipeline.estimate import Estimate
from soulprint.records import Status, VersionKind
from soulprint.settings import Settings


@dataclass(frozen=True, slots=True)
class Renewed:
    """What follows from a deletion."""

    version: int | None
    """The profile version in use afterwards."""
    made: bool
    """Whether it was made just now, without what was deleted."""
    follows: bool = False
    """Whether a full pass is to be started, as the version in use quotes what is deleted, or something is not read."""
    why_not: str | None = None
    """Why none is, where the person may want one."""
    expected: Estimate | None = None
    """What that pass would read and cost, where it was counted."""


async def forget_gone(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    ids: Collection[uuid.UUID] | None = None,
) -> int:
    """Delete conversations that newer exports don't carry any more (`importing.missing`), all or those with `ids`, with
    the facts that rest on nothing else; gives how many.

    Raises `errors.ImportRunning` or `errors.PassRunning` while anything is at work on the history.
    """
    now = await status.status(db, account, settings)
    if now.stage == "importing":
        raise errors.ImportRunning
    if now.stage == "profiling" or (now.full_pass and now.full_pass.status == Status.PROCESSING):
        raise errors.PassRunning
    async with db.session(account) as session:
        return await importing.delete_gone(session, account, ids)


async def renew(db: Database, account: uuid.UUID, settings: Settings) -> Renewed:
    """Bring the profile up to date after a deletion. A version that rests on a sample is made again at once; one that
    rests on all conversations by a full pass, which is the caller's to start.

    Raises `errors.PassRunning`.
    """
    async with db.session(account) as session:
        current = await store.current_version(session)
    made = current is not None and current.kind == VersionKind.QUICK
    if made:
        await first_profile.quick_profile(db, account, settings)
    decision = await passes.decide(db, account, settings)
    async with db.session(account) as session:
        version = await sections.current_number(session)
    return Renewed(version, made, decision.starts, decision.why, decision.expected)

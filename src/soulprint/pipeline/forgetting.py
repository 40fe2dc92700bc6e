"""Conversations that are to be deleted, because they are gone at their provider, in; a profile without them out."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from soulprint import chat, errors, importing, indexing, llm, sections
from soulprint.database import Database
from soulprint.pipeline import first_profile, passes, status, store
from soulprint.pipeline.estimate import Estimate
from soulprint.records import VersionKind
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


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went with conversations."""

    conversations: int = 0
    facts: int = 0
    """That rested on nothing else."""
    versions: int = 0
    """Of the profile, from which lines went."""
    answers: int = 0
    """In chats, that quoted them."""


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
    await _refuse_while_busy(db, account, settings)
    async with db.session(account) as session:
        chosen = [each.id for each in (await importing.missing(session)).conversations if ids is None or each.id in ids]
    return (await forget(db, account, settings, chosen)).conversations


async def forget(db: Database, account: uuid.UUID, settings: Settings, ids: Collection[uuid.UUID]) -> Forgotten:
    """Delete conversations with everything that came from them: facts that rest on nothing else, lines of every version
    of the profile, answers in chats that quote them, and what models answered about them. No import brings them back,
    unless in a newer version.

    Raises `errors.ImportRunning` or `errors.PassRunning` while anything is at work on the history.
    """
    await _refuse_while_busy(db, account, settings)
    chosen = frozenset(ids)
    if not chosen:
        return Forgotten()
    async with db.session(account) as session:
        await chat.forget_threads(session, chosen)
        answers = await chat.forget_quotes(session, chosen)
        versions = await sections.forget_conversations(session, account, chosen)
        before = await store.all_facts(session)
        deleted = await importing.delete(session, account, chosen)
        gone = before - await store.all_facts(session)
        await llm.forget(session)
    if answers:
        await chat.sweep(db, account, settings)
    await indexing.index_all(db, account)
    return Forgotten(deleted, gone, versions, answers)


async def _refuse_while_busy(db: Database, account: uuid.UUID, settings: Settings) -> None:
    now = await status.status(db, account, settings)
    if now.stage == "importing":
        raise errors.ImportRunning
    if now.at_work:
        raise errors.PassRunning


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

"""Facts that the person changes: at once, and with a way back. No pass changes what stands here.

What they say is kept as a message of a conversation of its own, and proves the fact like any other of their words.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import accounts, errors
from soulprint.facts.changing import store
from soulprint.facts.changing.store import CATEGORY, TITLE, changes, note_version, say, unsay
from soulprint.facts.shapes import FactView
from soulprint.facts.store import by_ids
from soulprint.llm import masking
from soulprint.measuring import languages
from soulprint.records import FactChange, FactStatus

__all__ = [
    "CATEGORY",
    "TITLE",
    "Change",
    "Kind",
    "changes",
    "confirm",
    "correct",
    "note_version",
    "pin",
    "reject",
    "remember",
    "say",
    "stated",
    "undo",
    "unsay",
]

LONGEST = 500
"""Code points of a statement."""


class Kind(StrEnum):
    REMEMBERED = "remembered"
    REJECTED = "rejected"
    CORRECTED = "corrected"
    PINNED = "pinned"
    CONFIRMED = "confirmed"


@dataclass(frozen=True, slots=True)
class Change:
    """What was changed."""

    id: int
    kind: Kind
    fact: FactView
    """As it is now; of a correction the new one."""
    former: FactView | None = None
    """Of a correction the fact that was wrong."""


async def remember(
    session: AsyncSession, account: uuid.UUID, statement: str, *, category: str | None = None, about: str | None = None
) -> Change:
    """Make a fact of what the person said. Raises `errors.StatementEmpty`."""
    await accounts.alone(session, account)
    fact = await _told(session, account, statement, category or store.CATEGORY, about)
    return await _changed(session, account, Kind.REMEMBERED, fact)


async def reject(session: AsyncSession, account: uuid.UUID, fact_id: int) -> Change:
    """Take a fact for wrong: it stays, so that no pass brings it back. Raises `errors.NotFound` and
    `errors.FactDecided`."""
    await accounts.alone(session, account)
    former = await _set(session, fact_id, FactStatus.REJECTED)
    return await _changed(session, account, Kind.REJECTED, fact_id, former_status=former)


async def pin(session: AsyncSession, account: uuid.UUID, fact_id: int) -> Change:
    """Take a fact for right: no pass changes it. Raises `errors.NotFound` and `errors.FactDecided`."""
    await accounts.alone(session, account)
    former = await _set(session, fact_id, FactStatus.PINNED)
    return await _changed(session, account, Kind.PINNED, fact_id, former_status=former)


async def confirm(session: AsyncSession, account: uuid.UUID, fact_id: int) -> Change:
    """Take a fact for right as things stand: it needn't be asked about again, and later words may still change it. One
    that another contradicts is decided by that, and pinned. Raises `errors.NotFound` and `errors.FactDecided`."""
    await accounts.alone(session, account)
    [fact] = await _views(session, fact_id)
    if fact.status == FactStatus.DISPUTED:
        return await pin(session, account, fact_id)
    if fact.status != FactStatus.ACTIVE:
        raise errors.FactDecided(status=fact.status)
    return await _changed(session, account, Kind.CONFIRMED, fact_id, former_status=fact.status)


async def correct(session: AsyncSession, account: uuid.UUID, fact_id: int, statement: str) -> Change:
    """Put what the person says in the place of a fact, which is taken for wrong. Raises `errors.NotFound`,
    `errors.FactDecided` and `errors.StatementEmpty`."""
    await accounts.alone(session, account)
    [wrong] = await _views(session, fact_id)
    new = await _told(session, account, statement, wrong.category, wrong.about)
    former = await _set(session, fact_id, FactStatus.REJECTED)
    return await _changed(session, account, Kind.CORRECTED, new, former_status=former, former_id=fact_id)


async def undo(session: AsyncSession, account: uuid.UUID, change_id: int) -> FactChange:
    """Make a change not to have been. Raises `errors.NotFound`, and `errors.ChangeUndone` where it has been already, or
    the fact was changed again since."""
    await accounts.alone(session, account)
    change = await store.change(session, change_id)
    if change is None:
        raise errors.NotFound(what="change")
    if change.undone_at is not None or await store.is_changed_since(session, change):
        raise errors.ChangeUndone
    match Kind(change.kind):
        case Kind.REJECTED | Kind.PINNED:
            await store.set_status(session, change.fact_id, change.former_status)
        case Kind.CONFIRMED:
            pass
        case Kind.CORRECTED:
            await store.set_status(session, change.former_id, change.former_status)
            await store.forget(session, change.fact_id)
        case Kind.REMEMBERED:
            await store.forget(session, change.fact_id)
    await store.note_undone(session, change)
    return change


def stated(statement: str) -> str:
    """What the person states as it is kept: without secrets, on one line. Raises `errors.StatementEmpty`."""
    text = " ".join(masking.mask(statement).split())[:LONGEST]
    if not any(character.isalnum() for character in text):
        raise errors.StatementEmpty
    return text


async def _told(session: AsyncSession, account: uuid.UUID, statement: str, category: str, about: str | None) -> int:
    text = stated(statement)
    return await store.add(session, account, text, category, about, languages.told(text))


async def _set(session: AsyncSession, fact_id: int, status: FactStatus) -> str:
    """The status before."""
    former = await store.set_status(session, fact_id, status)
    if former is None:
        raise errors.NotFound(what="fact")
    if former == FactStatus.REJECTED:
        raise errors.FactDecided(status=former)
    return former


async def _views(session: AsyncSession, fact_id: int) -> list[FactView]:
    found = await by_ids(session, [fact_id])
    if not found:
        raise errors.NotFound(what="fact")
    return found


async def _changed(
    session: AsyncSession,
    account: uuid.UUID,
    kind: Kind,
    fact_id: int,
    *,
    former_status: str | None = None,
    former_id: int | None = None,
) -> Change:
    change = await store.note(session, account, kind, fact_id, former_status, former_id)
    [fact] = await _views(session, fact_id)
    former = (await _views(session, former_id))[0] if former_id else None
    return Change(change, kind, fact, former)

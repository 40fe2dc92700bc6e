"""Conversations that an earlier import carried and the last one doesn't, so that the person may have deleted them at
the provider. They are offered for deletion; nothing goes by itself."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.importing import store
from soulprint.importing.store import Gone

KEPT_AT_HOME = ("claude_code", "codex")
"""Not exports but files that a program keeps on this machine, and clears away by itself after some weeks."""


@dataclass(frozen=True, slots=True)
class Missing:
    """What an import lacks of what earlier ones of the same providers carried."""

    conversations: Sequence[Gone]
    """The newest first."""
    carried: int
    """Conversations of these providers that the import carried."""
    reaches_back: bool
    """Whether some of those it lacks are as new as its own, and not all of them older."""

    @property
    def is_likely_a_part(self) -> bool:
        """Whether the file probably holds a part of the history only, so that nothing was deleted."""
        return len(self.conversations) >= self.carried or not self.reaches_back


NOTHING = Missing((), 0, reaches_back=True)


async def last_of_providers(session: AsyncSession) -> Sequence[uuid.UUID]:
    """The imports that are the newest to carry conversations of a provider: those to ask what is missing."""
    return await store.last_imports(session)


async def missing(session: AsyncSession, import_id: uuid.UUID) -> Missing:
    """What `gone` finds, and how much that says."""
    compared = [each for each in await store.comparable(session, import_id) if each.provider not in KEPT_AT_HOME]
    if not compared:
        return NOTHING
    lacking = await store.gone(session, import_id, compared)
    concerned = {each.provider for each in lacking}
    theirs = [each for each in compared if each.provider in concerned]
    first = {each.provider: each.first_at for each in theirs}
    return Missing(
        conversations=lacking,
        carried=sum(each.carried for each in theirs),
        reaches_back=any(each.newest_at >= first[each.provider] for each in lacking) or not lacking,
    )


async def gone(session: AsyncSession, import_id: uuid.UUID) -> Sequence[Gone]:
    """The conversations that may have been deleted at the provider since an earlier import, the newest first.

    There are none unless the import was read to its end without anything missing or failing, and carried at least one
    conversation that was known before. Newer ones than its newest, and undated ones, can't be told to be missing.
    """
    return (await missing(session, import_id)).conversations


async def delete_gone(session: AsyncSession, import_id: uuid.UUID, ids: Collection[uuid.UUID] | None = None) -> int:
    """Delete those of `gone`, or of them those with these `ids`, with all that was made of them; gives how many."""
    chosen = await _chosen(session, import_id, ids)
    await store.forget(session, chosen)
    return len(chosen)


async def keep_gone(session: AsyncSession, import_id: uuid.UUID, ids: Collection[uuid.UUID] | None = None) -> int:
    """Keep those of `gone`, or of them those with these `ids`, without offering them again; gives how many."""
    chosen = await _chosen(session, import_id, ids)
    await store.detach(session, chosen)
    return len(chosen)


async def _chosen(session: AsyncSession, import_id: uuid.UUID, ids: Collection[uuid.UUID] | None) -> list[uuid.UUID]:
    return [each.id for each in await gone(session, import_id) if ids is None or each.id in ids]

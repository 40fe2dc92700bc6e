"""Conversations that the newest export of their provider doesn't carry and another one did, so that the person may have
deleted them there. They are offered for deletion; nothing goes by itself."""

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
    """What the newest exports lack."""

    conversations: Sequence[Gone]
    """The newest first."""
    carried: int
    """Conversations of the same providers that these exports carry."""
    reaches_back: bool
    """Whether some of those that are lacking are as new as those carried, and not all of them older."""

    @property
    def is_likely_a_part(self) -> bool:
        """Whether an export probably holds a part of the history only, so that nothing was deleted."""
        return len(self.conversations) >= self.carried or not self.reaches_back


NOTHING = Missing((), 0, reaches_back=True)


async def compare(session: AsyncSession, import_id: uuid.UUID, *, is_whole: bool) -> None:
    """Note for each provider of an import what its newest export lacks: that is the one with the conversation that was
    changed last, whichever was read last.

    It says something only where nothing of it is missing or failed, and where it and the other exports have a
    conversation in common, so that they aren't of two accounts. Undated conversations can't be told to be missing.
    """
    for each in await store.carried(session, import_id):
        if each.provider in KEPT_AT_HOME:
            continue
        if each.is_newest:
            await store.note_present(session, import_id, each.provider)
            if is_whole and each.known_before:
                await store.note_absent(session, import_id, each.provider)
        elif each.known_before and (newest := await store.newest_import(session, each.provider)):
            await store.note_absent(session, newest, each.provider, brought_by=import_id)


async def missing(session: AsyncSession) -> Missing:
    """The conversations that may have been deleted at their providers, and how much that says."""
    lacking = await store.gone(session)
    if not lacking:
        return NOTHING
    span = await store.span(session, {each.provider for each in lacking})
    return Missing(
        conversations=lacking,
        carried=span.conversations,
        reaches_back=span.first_at is not None and any(each.newest_at >= span.first_at for each in lacking),
    )


async def delete_gone(session: AsyncSession, account: uuid.UUID, ids: Collection[uuid.UUID] | None = None) -> int:
    """Delete those of `missing`, or of them those with these `ids`, with all that was made of them; gives how many. No
    import brings them back, unless in a newer version."""
    chosen = await _chosen(session, ids)
    await store.delete_gone(session, account, chosen)
    return len(chosen)


async def delete(session: AsyncSession, account: uuid.UUID, ids: Collection[uuid.UUID]) -> int:
    """Delete these conversations, with all that was made of them; gives how many there were. No import brings them
    back, unless in a newer version."""
    return await store.delete_gone(session, account, ids)


async def keep_gone(session: AsyncSession, ids: Collection[uuid.UUID] | None = None) -> int:
    """Keep those of `missing`, or of them those with these `ids`, without offering them again; gives how many."""
    chosen = await _chosen(session, ids)
    await store.keep(session, chosen)
    return len(chosen)


async def _chosen(session: AsyncSession, ids: Collection[uuid.UUID] | None) -> list[uuid.UUID]:
    return [each.id for each in await store.gone(session) if ids is None or each.id in ids]

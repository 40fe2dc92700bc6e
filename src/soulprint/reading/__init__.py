"""Conversations as the stages need them. In: rows of an account. Out: the person's messages in batches, the
conversations they stand in, with both sides where asked for, the claims beside them, and samples that fit a token
budget."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import aclosing

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors, records
from soulprint.database import Database
from soulprint.reading import store, windows
from soulprint.reading.shapes import Asked, Dialogue, Held, Listed, Said, Talk, Utterance
from soulprint.reading.store import listed, neighbours, read_by, sources, unchanged

__all__ = [
    "Asked",
    "Dialogue",
    "Held",
    "Listed",
    "Said",
    "Talk",
    "Utterance",
    "claims",
    "conversation",
    "dialogues",
    "listed",
    "neighbours",
    "read_by",
    "said",
    "sources",
    "talks",
    "unchanged",
]

BATCH_BYTES = 2_000_000
"""Text of conversations held at once; a longer conversation comes alone."""

BATCH_CONVERSATIONS = 2000


async def said(db: Database, account: uuid.UUID) -> AsyncGenerator[list[Said], None]:
    """The person's own words (no files, roles they play, commands to coding agents), on the branch and not blank, in
    batches ordered by conversation and position."""
    async with db.session(account) as session, aclosing(store.said(session, account)) as batches:
        async for batch in batches:
            yield batch


async def talks(db: Database, account: uuid.UUID) -> dict[uuid.UUID, Talk]:
    """Every conversation by its id, oldest first, undated ones last."""
    async with db.session(account) as session:
        return await store.talks(session)


async def dialogues(
    db: Database, account: uuid.UUID, conversations: Sequence[uuid.UUID], size: int = BATCH_BYTES
) -> AsyncGenerator[list[Dialogue], None]:
    """The conversations with what both sides said, in the order given, in batches of some `size` bytes of text. Those
    the account doesn't have are left out. No session is open while the caller works on a batch."""
    for start in range(0, len(conversations), BATCH_CONVERSATIONS):
        asked = conversations[start : start + BATCH_CONVERSATIONS]
        async with db.session(account) as session:
            sizes = await store.sizes(session, asked)
        for batch in _packed(asked, sizes, size):
            async with db.session(account) as session:
                found = await store.dialogues(session, batch)
            if found:
                yield found


async def claims(db: Database, account: uuid.UUID) -> list[records.Claim]:
    """Custom instructions, provider memories and project instructions, newest first."""
    async with db.session(account) as session:
        return await store.claims(session)


async def conversation(
    session: AsyncSession,
    id: uuid.UUID,  # noqa: A002
    *,
    message: int | None = None,
    offset: int | None = None,
) -> Held:
    """A conversation, and two hundred of its messages: from `offset` on, else those around `message`, else the first.
    Raises `errors.NotFound`."""
    found = await store.conversation(session, id)
    if found is None:
        raise errors.NotFound(what="conversation")
    total = await store.length(session, id)
    at = await store.place(session, id, message) if message is not None else None
    window = windows.around(total, at, offset)
    return Held(found, await store.window(session, id, window), window, total)


def _packed(conversations: Sequence[uuid.UUID], sizes: Mapping[uuid.UUID, int], most: int) -> Iterator[list[uuid.UUID]]:
    """The conversations in order, in groups of at most `most` bytes each or of one."""
    group: list[uuid.UUID] = []
    held = 0
    for each in conversations:
        size = sizes.get(each, 0)
        if group and held + size > most:
            yield group
            group, held = [], 0
        group.append(each)
        held += size
    if group:
        yield group

"""Conversations ready to be stored, in batches that are written at once, with what became of the other elements that
were read beside them. Batches go from the processes that read to the one that writes."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TypeAlias

import msgspec

from soulprint import characters
from soulprint.importing import shapes
from soulprint.importing.files import archives
from soulprint.importing.reconciliation import Forgetting, Tally
from soulprint.kinds import ClaimKind

CONVERSATIONS = 500
CHARACTERS = 1_000_000
BYTES = 32 * 1024 * 1024
"""A batch ends when it has this many conversations or characters, or stands for this much of what was read."""

Claims: TypeAlias = dict[tuple[str, ClaimKind, str], datetime | None]
"""Provider, kind and text -> when it was last said."""


class Ready(msgspec.Struct, gc=False):
    """A conversation as it will be stored."""

    id: uuid.UUID
    provider: str
    provider_id: str
    content_hash: bytes
    message_count: int
    user_messages: int
    user_characters: int
    first_message_at: datetime | None
    last_message_at: datetime | None
    title: str | None
    project: str | None
    model: str | None
    started_at: datetime | None
    updated_at: datetime | None
    is_inferred: bool
    zone_known: bool
    newest_at: datetime | None
    """When it was last changed or, where the export doesn't say, the time of its newest message."""
    characters: int
    """Of all messages in `rows`."""
    member: int
    """The number of the member it was read from."""
    is_stored: bool
    """Whether it was stored like this when the import began."""
    rows: bytes
    """Its messages as rows for COPY, as `rows.encoded` makes them; none where it is stored."""


def version(conversation: uuid.UUID, content_hash: bytes) -> int:
    """One number for a conversation as it is, so that all that is stored takes little memory."""
    return conversation.int ^ int.from_bytes(content_hash)


class Batch(msgspec.Struct):
    """Conversations each at most once, and what else the elements read since the last batch held. Members of the
    import go by their numbers."""

    conversations: dict[uuid.UUID, Ready]
    claims: Claims
    forgotten: list[Forgetting]
    tallies: dict[int, Tally]
    """Of every member that was read from and is an export: what became of its elements, but for `conversations`."""
    finished: list[int]
    """The members that were read to their ends."""
    refusals: list[tuple[int, archives.Refusal]]
    bytes_read: int = 0
    characters: int = 0

    @property
    def is_full(self) -> bool:
        counted = max(len(self.conversations), len(self.tallies), len(self.claims), len(self.forgotten))
        return counted >= CONVERSATIONS or self.characters >= CHARACTERS or self.bytes_read >= BYTES

    def tally(self, member: int) -> Tally:
        return self.tallies.setdefault(member, Tally())

    def add(self, ready: Ready) -> None:
        self.tally(ready.member)
        self.conversations[ready.id] = ready
        self.characters += ready.characters

    def add_claim(self, provider: str, claim: shapes.ParsedClaim) -> None:
        key = (provider, claim.kind, characters.held(claim.text))
        times = (self.claims.get(key), claim.said_at)
        self.claims[key] = max((time for time in times if time), default=None)
        self.characters += len(claim.text)


def empty() -> Batch:
    return Batch({}, {}, [], {}, [], [])

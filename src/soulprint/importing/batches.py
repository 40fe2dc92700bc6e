"""Members in; batches of conversations ready to be stored out, one after the other in flat memory, with what became of
the other elements."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeAlias

import msgspec

from soulprint import errors
from soulprint.importing import archives, choosing, documents, formats, looks, shapes
from soulprint.importing.reconciliation import Tally, add_counts
from soulprint.records import ClaimKind, Modality, characters

CONVERSATIONS = 500
CHARACTERS = 4_000_000
"""A batch ends when it has this many conversations or characters."""

ID_LENGTH = 200
"""Longer ids than this are nobody's, and an index can't hold them: a hash stands in."""


Claims: TypeAlias = dict[tuple[str, ClaimKind, str], datetime | None]
"""Provider, kind and text -> when it was last said."""


class Ready(msgspec.Struct, gc=False):
    """A conversation as it will be stored."""

    id: uuid.UUID
    provider: str
    provider_id: str
    content_hash: bytes
    message_count: int
    parsed: shapes.ParsedConversation

    def supersedes(self, updated_at: datetime | None, message_count: int) -> bool:
        """Whether this version takes the place of another of the same conversation: the newest wins, where that is not
        known the fullest, and among equals the one read last."""
        mine = self.parsed.updated_at
        if mine and updated_at and mine != updated_at:
            return mine > updated_at
        return self.message_count >= message_count


class Batch(msgspec.Struct):
    """Conversations each at most once, and what else the elements read since the last batch held."""

    conversations: dict[uuid.UUID, Ready]
    claims: Claims
    forgotten: list[uuid.UUID]
    """Conversations that the person wants no memory of."""
    tally: Tally
    characters: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.conversations) >= CONVERSATIONS or self.characters >= CHARACTERS

    def add(self, ready: Ready) -> None:
        self.conversations[ready.id] = ready
        self.characters += sum(len(message.text) for message in ready.parsed.messages)

    def add_claim(self, provider: str, claim: shapes.ParsedClaim) -> None:
        key = (provider, claim.kind, characters.held(claim.text))
        times = (self.claims.get(key), claim.said_at)
        self.claims[key] = max((time for time in times if time), default=None)


def empty() -> Batch:
    return Batch({}, {}, [], Tally())


class Reading:
    """The way from paths to batches. Iterated in a thread of its own; `stop` ends it at the next element."""

    def __init__(
        self, account: uuid.UUID, paths: Sequence[Path], scratch: Path, limit: int, called: str | None = None
    ) -> None:
        self._account = account
        self._paths = paths
        self._scratch = scratch
        self._limit = limit
        self._called = called
        self._stopped = threading.Event()
        self._refusals: list[archives.Refusal] = []
        self._recognised = False
        self._document: documents.Document | None = None
        self._bytes_done = 0
        self.bytes_total = 0

    @property
    def bytes_read(self) -> int:
        """Bytes of members read so far; may be asked from another thread."""
        document = self._document
        return self._bytes_done + (document.bytes_read if document else 0)

    def stop(self) -> None:
        self._stopped.set()

    def batches(self) -> Iterator[Batch]:
        """The last may be empty. Raises the error of a file where nothing at all could be recognised: `ExportUnknown`,
        `ExportUnreadable` or `ExportDangerous`."""
        survey = archives.survey(self._paths, formats.known, self._scratch, self._limit, self._called)
        self._refusals = survey.refusals
        self.bytes_total = sum(member.size for member in survey.members)
        batch = empty()
        for member in survey.members:
            for provider, outcome in self._outcomes(member):
                if self._stopped.is_set():
                    return
                ready = self._add(batch, provider, outcome)
                if batch.is_full or (ready and ready.id in batch.conversations):
                    yield batch
                    batch = empty()
                if ready:
                    batch.add(ready)
            self._bytes_done += member.size
        if not self._recognised:
            raise min((refusal.error for refusal in self._refusals), key=_weight)
        self._account_for_refusals(batch)
        yield batch

    def _outcomes(self, member: archives.Member) -> Iterator[tuple[str, shapes.Outcome]]:
        try:
            content = member.open(self._scratch)
        except errors.ExportDangerous as error:
            self._refusals.append(archives.Refusal(member.where, "dangerous", error))
            return
        document = documents.document(member.where, content.view)
        recognised = formats.recognised(document)
        if recognised is None:
            self._refuse(document, content.flaw)
            return
        format_, _ = recognised
        self._recognised = True
        self._document = document
        if content.flaw:
            yield format_.NAME, shapes.Failed(content.flaw, member.where)
        for outcome in format_.read(document):
            if not (content.flaw and isinstance(outcome, shapes.Failed)):  # the flaw may inflate to endless noise
                yield format_.NAME, outcome
        self._document = None

    def _refuse(self, document: documents.Document, flaw: str | None) -> None:
        if flaw:
            reason = f"it is {flaw.replace('_', ' ')}"
            unreadable = errors.ExportUnreadable(name=document.where, reason=reason)
            self._refusals.append(archives.Refusal(document.where, flaw, unreadable))
            return
        error = errors.ExportUnknown(name=document.where, reason=looks.looks_like(document))
        unmissed = looks.is_empty_list(document) or choosing.is_account_data(document.where)
        count = 0 if unmissed else 1
        self._refusals.append(archives.Refusal(document.where, "unknown_file", error, count))

    def _account_for_refusals(self, batch: Batch) -> None:
        for refusal in self._refusals:
            if refusal.count:
                kind = errors.ExportIncomplete if refusal.partial else type(refusal.error)
                error = kind(**refusal.error.details | {"name": "it"})  # the name stands before it in the report
                batch.tally.fail(refusal.reason, refusal.where, refusal.count, str(error))

    def _add(self, batch: Batch, provider: str, outcome: shapes.Outcome) -> Ready | None:
        """Take in what the element holds beside a conversation, or the same conversation again; gives the
        conversation that is still to be taken in."""
        tally = batch.tally
        if isinstance(outcome, shapes.Failed):
            tally.fail(outcome.reason, outcome.where or "")
        elif isinstance(outcome, shapes.Skipped):
            tally.skip(outcome.reason, outcome.where or "")
            if outcome.reason == shapes.DO_NOT_REMEMBER and outcome.provider_id:
                batch.forgotten.append(self._key(provider, _short(outcome.provider_id)))
        else:
            return self._found(batch, provider, outcome)
        return None

    def _found(self, batch: Batch, provider: str, found: shapes.Found) -> Ready | None:
        add_counts(batch.tally.unknown_content, {characters.held(name): count for name, count in found.unknown.items()})
        add_counts(batch.tally.left_out, found.left_out)
        for claim in found.claims:
            batch.add_claim(provider, claim)
        if found.conversation is None:
            batch.tally.empty += found.counts
            return None
        ready = self._ready(provider, found.conversation)
        same = batch.conversations.get(ready.id)
        if same is not None and same.content_hash == ready.content_hash:
            batch.tally.unchanged += 1
            return None
        return ready

    def _ready(self, provider: str, parsed: shapes.ParsedConversation) -> Ready:
        _clean(parsed)
        content = _content_hash(parsed)
        provider_id = _short(parsed.provider_id) if parsed.provider_id else f"content-{content.hex()}"
        return Ready(
            self._key(provider, provider_id),
            provider,
            provider_id,
            content,
            sum(each.on_branch and each.modality is not Modality.ATTACHMENT for each in parsed.messages),
            parsed,
        )

    def _key(self, provider: str, provider_id: str) -> uuid.UUID:
        return uuid.uuid5(self._account, f"{provider}:{provider_id}")


_packed = msgspec.msgpack.Encoder().encode


def _content_hash(parsed: shapes.ParsedConversation) -> bytes:
    about = (parsed.title, parsed.project, parsed.model, parsed.started_at, parsed.updated_at)
    content = hashlib.blake2b(_packed(about), digest_size=16)
    for message in parsed.messages:
        content.update(_packed(message))
    return content.digest()


def _clean(parsed: shapes.ParsedConversation) -> None:
    """Replace what Postgres can't hold: U+0000, and ids that no index takes. Makes messages' ids unique."""
    parsed.title = characters.held(parsed.title or "") or None
    parsed.project = characters.held(parsed.project or "") or None
    parsed.model = characters.held(parsed.model or "") or None
    seen: set[str] = set()
    for number, message in enumerate(parsed.messages):
        if "\0" in message.text:
            message.text = message.text.replace("\0", "\ufffd")
        message.provider_id = _short(message.provider_id)
        if message.provider_id in seen:
            message.provider_id = f"{message.provider_id}#{number}"
        seen.add(message.provider_id)


def _short(identity: str) -> str:
    if len(identity) <= ID_LENGTH:
        return identity.replace("\0", "\ufffd")
    return f"long-{hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()}"


def _weight(error: errors.SoulprintError) -> int:
    """Danger is told before damage, and damage before what is merely unknown."""
    order = (errors.ExportDangerous, errors.ExportUnreadable, errors.ExportUnknown)
    return next((rank for rank, kind in enumerate(order) if isinstance(error, kind)), len(order))

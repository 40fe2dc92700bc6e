"""Members of an import in; batches of conversations ready to be stored out, one after the other in flat memory."""

from __future__ import annotations

import hashlib
import threading
import uuid
from collections.abc import Collection, Generator, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from soulprint import characters, errors
from soulprint.importing import formats, shapes
from soulprint.importing.engine import batches, rows
from soulprint.importing.engine.batches import Batch, Ready
from soulprint.importing.files import archives, choosing
from soulprint.importing.parsing import documents, looks
from soulprint.importing.reconciliation import Forgetting, add_counts
from soulprint.kinds import Modality, Role

ID_LENGTH = 200
"""Longer ids than this are nobody's, and an index can't hold them: a hash stands in."""


class Numbered(NamedTuple):
    """A member by its place among all of the import."""

    number: int
    member: archives.Member


class Reading:
    """The way from members to batches, for one thread. `stop` may be called from another and ends it at the next
    element. Of conversations whose versions are `stored`, no rows are made."""

    def __init__(self, account: uuid.UUID, scratch: Path, stored: Collection[int] = ()) -> None:
        self._account = account
        self._scratch = scratch
        self._stored = stored
        self._stopped = threading.Event()
        self._batch = batches.empty()
        self._done = self._told = 0

    def stop(self) -> None:
        self._stopped.set()

    def batches(self, members: Iterable[Numbered]) -> Generator[Batch, None, None]:
        """All that the members hold. Raises `OSError` where a file is gone."""
        for each in members:
            if self._stopped.is_set():
                return
            yield from self._member(each)
        if self._batch.tallies or self._batch.refusals:
            yield self._handed_over()

    def _member(self, numbered: Numbered) -> Iterator[Batch]:
        number, member = numbered
        document, flaw = self._opened(number, member)
        recognised = formats.recognised(document) if document else None
        if document and recognised:
            for outcome in _outcomes(recognised[0], document, flaw):
                if self._stopped.is_set():
                    return
                ready = self._taken(number, recognised[0].NAME, outcome)
                self._count(document.bytes_read)
                if self._batch.is_full or (ready and ready.id in self._batch.conversations):
                    yield self._handed_over()
                if ready:
                    self._batch.add(ready)
            self._batch.tally(number)
            self._batch.finished.append(number)
        elif document:
            self._refuse(number, member, document, flaw)
        self._count(member.size)
        self._done += member.size

    def _count(self, of_member: int) -> None:
        self._batch.bytes_read = self._done + of_member - self._told

    def _handed_over(self) -> Batch:
        batch, self._batch = self._batch, batches.empty()
        self._told += batch.bytes_read
        return batch

    def _opened(self, number: int, member: archives.Member) -> tuple[documents.Document | None, str | None]:
        try:
            content = member.open(self._scratch)
        except errors.ExportDangerous as error:
            self._batch.refusals.append((number, archives.Refusal(member.where, "dangerous", error)))
            return None, None
        return documents.document(member.where, content.view), content.flaw

    def _refuse(self, number: int, member: archives.Member, document: documents.Document, flaw: str | None) -> None:
        if flaw:
            reason = f"it is {flaw.replace('_', ' ')}"
            unreadable = errors.ExportUnreadable(name=document.where, reason=reason)
            self._batch.refusals.append((number, archives.Refusal(document.where, flaw, unreadable)))
            return
        is_missed = member.named and not (looks.is_empty_list(document) or choosing.is_account_data(document.where))
        self._batch.refusals.append(
            (number, archives.Refusal(document.where, "unknown_file", looks.error(document), int(is_missed)))
        )

    def _taken(self, member: int, provider: str, outcome: shapes.Outcome) -> Ready | None:
        """Take in what the element holds beside a conversation, or the same conversation again; gives the
        conversation that is still to be taken in."""
        tally = self._batch.tally(member)
        if isinstance(outcome, shapes.Failed):
            tally.fail(outcome.reason, outcome.where or "")
        elif isinstance(outcome, shapes.Skipped):
            tally.skip(outcome.reason, outcome.where or "")
            if outcome.reason == shapes.DO_NOT_REMEMBER and outcome.provider_id:
                forgotten = Forgetting(self._key(provider, _short(outcome.provider_id)), outcome.changed_at)
                self._batch.forgotten.append(forgotten)
                tally.forgotten.append(forgotten)
        else:
            return self._found(member, provider, outcome)
        return None

    def _found(self, member: int, provider: str, found: shapes.Found) -> Ready | None:
        tally = self._batch.tally(member)
        add_counts(tally.unknown_content, {characters.held(name): count for name, count in found.unknown.items()})
        add_counts(tally.left_out, found.left_out)
        for claim in found.claims:
            self._batch.add_claim(provider, claim)
        if found.conversation is None:
            tally.empty += found.counts
            return None
        ready = self._ready(member, provider, found.conversation)
        same = self._batch.conversations.get(ready.id)
        if same is not None and same.content_hash == ready.content_hash:
            tally.repeated += 1
            return None
        return ready

    def _ready(self, member: int, provider: str, parsed: shapes.ParsedConversation) -> Ready:
        _clean(parsed)
        content = _content_hash(parsed)
        provider_id = _short(parsed.provider_id) if parsed.provider_id else f"content-{content.hex()}"
        key = self._key(provider, provider_id)
        is_stored = batches.version(key, content) in self._stored
        shown = [each for each in parsed.messages if each.on_branch and each.modality is not Modality.ATTACHMENT]
        users = [each for each in shown if each.role is Role.USER]
        times = [each.sent_at for each in shown if each.sent_at]
        return Ready(
            id=key,
            provider=provider,
            provider_id=provider_id,
            content_hash=content,
            message_count=len(shown),
            user_messages=len(users),
            user_characters=sum(len(each.text) for each in users),
            first_message_at=min(times, default=None),
            last_message_at=max(times, default=None),
            title=parsed.title,
            project=parsed.project,
            model=parsed.model,
            started_at=parsed.started_at,
            updated_at=parsed.updated_at,
            is_inferred=parsed.is_inferred,
            zone_known=parsed.zone_known,
            newest_at=parsed.updated_at or max(times, default=None),
            characters=0 if is_stored else sum(len(each.text) for each in parsed.messages),
            member=member,
            is_stored=is_stored,
            rows=b"" if is_stored else rows.encoded(key, parsed.messages),
        )

    def _key(self, provider: str, provider_id: str) -> uuid.UUID:
        return uuid.uuid5(self._account, f"{provider}:{provider_id}")


def _outcomes(format_: formats.Format, document: documents.Document, flaw: str | None) -> Iterator[shapes.Outcome]:
    if flaw:
        yield shapes.Failed(flaw, document.where)
    for outcome in format_.read(document):
        if not (flaw and isinstance(outcome, shapes.Failed)):  # the flaw may inflate to endless noise
            yield outcome


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

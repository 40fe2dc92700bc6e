"""Paths of files, folders and archives in; what each of them is and why, and what an import would take of it.
Nothing is stored."""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from soulprint import errors
from soulprint.importing import formats, shapes
from soulprint.importing.files import archives
from soulprint.importing.parsing import documents, looks
from soulprint.importing.reconciliation import Tally, add_counts
from soulprint.kinds import Modality, Role
from soulprint.settings import Settings

PIECE = 1024 * 1024


class Explained(msgspec.Struct):
    """A file, by itself or within an archive or a folder."""

    where: str
    size: int | None
    """In bytes; None where it was refused before anything of it was read."""
    format: str | None
    """The provider as rows name it; None where the file isn't read."""
    title: str | None
    """The provider as people name it."""
    reason: str
    """Why it is of this format, or why it isn't read."""
    missed: bool
    """Whether it should have been read, as it was handed over for that or is named like an export."""
    elements: int = 0
    conversations: int = 0
    """Different from all those of the files before it."""
    again: int = 0
    """Conversations that stand in it twice, or in a file before it."""
    empty: int = 0
    messages: int = 0
    """Of the person's, on the current branches."""
    answers: int = 0
    claims: int = 0
    """Texts about the person, different from all those before."""
    skipped: dict[str, int] = {}
    failed: dict[str, int] = {}
    left_out: dict[str, int] = {}
    unknown_content: dict[str, int] = {}
    repaired: bool = False
    """Whether it has bytes that are no text in UTF-8, for which U+FFFD stands in what is read."""

    @classmethod
    def of_all(cls, files: Sequence[Explained]) -> Explained:
        """Files of one kind as one, under the name of the first."""
        told = msgspec.structs.replace(files[0], **{name: dict(getattr(files[0], name)) for name in COUNTS})
        for file in files[1:]:
            for name in SUMS:
                setattr(told, name, getattr(told, name) + getattr(file, name))
            for name in COUNTS:
                add_counts(getattr(told, name), getattr(file, name))
            told.repaired |= file.repaired
        told.size = sum(file.size or 0 for file in files) or None
        return told


SUMS = ("elements", "conversations", "again", "empty", "messages", "answers", "claims")
COUNTS = ("skipped", "failed", "left_out", "unknown_content")


def explain(paths: Sequence[Path], settings: Settings) -> list[Explained]:
    """What each file of `paths` is that could hold conversations, in the order an import reads them."""
    known: set[tuple[str, ...]] = set()
    with _scratch(settings) as scratch:
        survey = _survey(paths, settings, scratch)
        told = [_refused(refusal) for refusal in survey.refusals]
        return told + [_member(member, scratch, known) for member in survey.members]


def holds_export(path: Path, settings: Settings) -> bool:
    """Whether an import would read something of `path`.

    Where nothing is one, raises the error of a file in it that has the name of an export and can't be read, or that
    says where the export is.
    """
    elsewhere = None
    with _scratch(settings) as scratch:
        survey = _survey([path], settings, scratch)
        for member in survey.members:
            with _opened(member, scratch) as (document, _):
                if formats.recognised(document):
                    return True
                if isinstance(error := looks.error(document), errors.ExportElsewhere):
                    elsewhere = error
    if elsewhere:
        raise elsewhere
    for refusal in survey.refusals:
        if refusal.reason != "unknown_file" and formats.known(refusal.where):
            raise refusal.error
    return False


def _survey(paths: Sequence[Path], settings: Settings, scratch: Path) -> archives.Survey:
    return archives.survey(paths, formats.known, scratch, settings.inflated_limit)


@contextmanager
def _scratch(settings: Settings) -> Iterator[Path]:
    """A folder for archives within archives, beside our data where that has a place already."""
    home = settings.home if settings.home.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="soulprint-", dir=home, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def _opened(member: archives.Member, scratch: Path) -> Generator[tuple[documents.Document, str | None], None, None]:
    content = member.open(scratch)
    yield documents.document(member.where, content.view), content.flaw


def _refused(refusal: archives.Refusal) -> Explained:
    return _unread(refusal.where, None, _without_name(refusal.error), missed=bool(refusal.count))


def _unread(where: str, size: int | None, reason: str, *, missed: bool) -> Explained:
    return Explained(where, size, None, None, reason, missed)


def _without_name(error: errors.SoulprintError) -> str:
    """The reason alone, as the file is named before it."""
    return str(error.details.get("reason") or error)


def _member(member: archives.Member, scratch: Path, known: set[tuple[str, ...]]) -> Explained:
    try:
        with _opened(member, scratch) as (document, flaw):
            recognised = formats.recognised(document)
            if recognised is None:
                missed = member.named and not looks.is_empty_list(document)
                reason = f"it is {flaw.replace('_', ' ')}" if flaw else _without_name(looks.error(document))
                return _unread(member.where, member.size, reason, missed=missed)
            return _counted(member, recognised, document, flaw, known)
    except errors.ExportDangerous as error:
        return _unread(member.where, member.size, _without_name(error), missed=True)
    except OSError as error:
        reason = (error.strerror or "the system gives no reason").lower()
        return _unread(member.where, member.size, reason, missed=True)


def _counted(
    member: archives.Member,
    recognised: tuple[formats.Format, str],
    document: documents.Document,
    flaw: str | None,
    known: set[tuple[str, ...]],
) -> Explained:
    format_, reason = recognised
    told = Explained(member.where, len(document.content), format_.NAME, format_.TITLE, reason, missed=False)
    tally = Tally()
    if flaw:
        tally.fail(flaw, member.where)
    for outcome in format_.read(document):
        if isinstance(outcome, shapes.Failed):
            if not flaw:
                tally.fail(outcome.reason, "")
        elif isinstance(outcome, shapes.Skipped):
            tally.skip(outcome.reason, "")
        else:
            _take(told, outcome, known)
        told.elements += 1
    told.skipped, told.failed = tally.skipped, tally.failed
    told.repaired = not _is_utf8(document.content)
    return told


def _is_utf8(content: memoryview) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")  # as a surrogate is no loss
    try:
        for at in range(0, len(content), PIECE):
            decoder.decode(content[at : at + PIECE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _take(told: Explained, found: shapes.Found, known: set[tuple[str, ...]]) -> None:
    add_counts(told.left_out, found.left_out)
    add_counts(told.unknown_content, found.unknown)
    assert told.format
    claims = {(told.format, claim.kind, claim.text) for claim in found.claims} - known
    told.claims += len(claims)
    known |= claims
    conversation = found.conversation
    if conversation is None:
        told.empty += found.counts
        return
    if conversation.provider_id:
        key = (told.format, conversation.provider_id)
        if key in known:
            told.again += 1
            return
        known.add(key)
    told.conversations += 1
    for message in conversation.messages:
        if message.on_branch and message.modality is not Modality.ATTACHMENT:
            told.messages += message.role is Role.USER
            told.answers += message.role is Role.ASSISTANT

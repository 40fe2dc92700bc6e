"""What a person hands over (a folder, a zip, zips in a zip, a file) in; the files in it that may hold conversations
out.

Nothing is unpacked to its own name. Of an archive or a folder only members are read whose names a format knows; where
there are none, as the person may have renamed them, those that could be an export at all.
"""

from __future__ import annotations

import mmap
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import TypeAlias, TypeVar

from soulprint import errors
from soulprint.importing import zips

T = TypeVar("T")

MEMBERS = 10_000
"""The most members that are read of one archive or folder; it may have any number of others."""
FOLDER = 200_000
"""The most files that a folder may hold, so that a whole home folder is told from an export."""
DEPTH = 2
"""How deep an archive may lie within archives."""

CANDIDATE = re.compile(r".*\.(json|jsonl|ndjson|zip)", re.IGNORECASE | re.DOTALL)
ACCOUNT_DATA = re.compile(
    r"users?\.json|user_settings\.json|message_feedback\.json|model_comparisons\.json|shared_conversations\.json"
    r"|library_files\.json|conversation_asset_file_names\.json|shopping\.json|ads\.json|sora\.json|group_chats\.json"
    r"|light_metadata[^/]*|(?:ads|files)__[^/]*|frames-[^/]*|prod-mc-[^/]*|package(?:-lock)?\.json",
    re.IGNORECASE,
)
"""Names of members that hold no conversations, and often a mail address, a phone number or a bill."""
PAGE = "chat.html"
"""ChatGPT's page for reading an export. It holds the conversations too, so it is read only where nothing else does."""
MANIFEST = "export_manifest.json"
MANIFEST_SIZE = 16 * 1024 * 1024
SHARD = re.compile(rb"conversations-\d+\.json")

Known: TypeAlias = Callable[[str], bool]
"""Whether a member of this name is known to hold something to import."""


@dataclass(frozen=True, slots=True)
class Content:
    """A member's bytes. The memory is given back when the last reference to it goes."""

    view: memoryview
    flaw: str | None = None
    """Why there is less, or other, than there should be."""


@dataclass(frozen=True, slots=True)
class Member:
    where: str
    size: int
    """In bytes, as far as it is known before it is read."""
    open: Callable[[], Content]
    """Raises `errors.ExportDangerous`."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Something that will not be read."""

    where: str
    reason: str
    error: errors.SoulprintError
    count: int = 1
    partial: bool = False
    """Whether the rest of what has this name is read."""


@dataclass(slots=True)
class Survey:
    """All that was handed over, looked through before anything is imported."""

    members: list[Member] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


@dataclass(slots=True)
class _Meter:
    """Counts what is inflated, all members together. Raises `errors.ExportDangerous` beyond the limit."""

    limit: int
    total: int = 0

    def add(self, size: int, where: str) -> None:
        self.total += size
        if self.total > self.limit:
            gigabytes = f"{self.limit / 1024**3:,.1f} GB"
            raise errors.ExportDangerous(name=where, reason=f"it inflates to more than {gigabytes}")


Finding: TypeAlias = Member | Refusal


def survey(paths: Sequence[Path], known: Known, scratch: Path, limit: int, called: str | None = None) -> Survey:
    """The members worth reading of all `paths`, in the order of their numbers. What inflates goes to unnamed files in
    the folder `scratch`, at most `limit` bytes in all. Findings go by the paths' names, or by what the person has
    `called` the one file that we named ourselves."""
    found = Survey()
    search = _Search(known, scratch, _Meter(limit))
    for path in paths:
        name = called or path.name
        for finding in _guarded(name, _something(name, search.path(path, name))):
            if isinstance(finding, Member):
                found.members.append(finding)
            else:
                found.refusals.append(finding)
    found.refusals += _missing_shards([path for path in paths if path.is_file()])
    found.members.sort(key=lambda member: _in_order(member.where))
    return found


def _something(where: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    nothing = True
    for finding in findings:
        nothing = False
        yield finding
    if nothing:
        reason = "there is no file in it that could hold conversations"
        count = 0 if is_account_data(where) else 1
        yield Refusal(where, "unknown_file", errors.ExportUnknown(name=where, reason=reason), count)


def _guarded(where: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    try:
        yield from findings
    except errors.ExportDangerous as error:
        yield Refusal(where, "dangerous", error)
    except errors.Permanent as error:
        yield Refusal(where, "unreadable", error)
    except OSError as error:
        reason = (error.strerror or "the system gives no reason").lower()
        yield Refusal(where, "unreadable", errors.ExportUnreadable(name=where, reason=reason))


@dataclass(frozen=True, slots=True)
class _Search:
    known: Known
    scratch: Path
    meter: _Meter

    def path(self, path: Path, name: str) -> Iterator[Finding]:
        if path.is_dir():
            yield from self._folder(path)
        elif path.is_file():
            yield from self._file(name, _mapped(path), 0)
        else:
            reason = "it is no ordinary file" if path.exists() else "there is no such file"
            raise errors.ExportUnreadable(name=path, reason=reason)

    def _file(self, where: str, view: memoryview, depth: int) -> Iterator[Finding]:
        if zips.is_zip(view):
            yield from self._archive(where, view, depth)
        else:
            yield Member(where, len(view), lambda: Content(view))

    def _folder(self, folder: Path) -> Iterator[Finding]:
        files = _files(folder)
        archives = [path for path in files if path.suffix.lower() == ".zip"]
        others = [path for path in files if path.suffix.lower() != ".zip"]
        for path in self._chosen(others, lambda path: path.relative_to(folder).as_posix()):
            where = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            yield Member(where, path.stat().st_size, partial(_content, path))
        for path in archives:
            where = f"{folder.name}/{path.relative_to(folder).as_posix()}"
            yield from _guarded(where, self._file(where, _mapped(path), 0))
        yield from _missing_shards(others)

    def _archive(self, where: str, view: memoryview, depth: int) -> Iterator[Finding]:
        if not zips.is_whole(view):
            error = errors.ExportUnreadable(name=where, reason="the archive is cut off")
            yield Refusal(where, "cut_off", error, partial=True)
        unsafe, found, manifests = _sorted_out(zips.entries(view))
        if unsafe:
            reason = f"{unsafe} of its members have names that point outside of it, such as ../"
            yield Refusal(where, "unsafe_name", errors.ExportDangerous(name=where, reason=reason), unsafe, partial=True)
        entries = self._chosen(found, lambda entry: entry.name)
        yield from _too_many(where, len(entries))
        del entries[MEMBERS:]
        self._check_total(where, entries)
        for entry in entries:
            name = f"{where}/{entry.name}"
            yield from _guarded(name, self._entry(name, view, entry, depth))
        yield from self._missing(where, view, manifests, found)

    def _chosen(self, found: list[T], name: Callable[[T], str]) -> list[T]:
        candidates = [each for each in found if _is_candidate(name(each))]
        pages = [each for each in found if _is_page(name(each))]
        return [each for each in candidates if self.known(name(each))] or candidates or pages

    def _check_total(self, where: str, entries: list[zips.Entry]) -> None:
        _Meter(self.meter.limit).add(sum(entry.size or 0 for entry in entries if not entry.is_bomb), where)

    def _entry(self, where: str, view: memoryview, entry: zips.Entry, depth: int) -> Iterator[Finding]:
        refusal = _refused(where, entry, depth)
        if refusal:
            yield refusal
        elif entry.name.lower().endswith(".zip"):
            content = self._inflated(where, view, entry)
            if content.flaw:
                reason = f"the archive is {content.flaw.replace('_', ' ')}"
                error = errors.ExportUnreadable(name=where, reason=reason)
                yield Refusal(where, content.flaw, error, partial=True)
            if zips.is_zip(content.view):
                yield from self._archive(where, content.view, depth + 1)
        else:
            yield Member(where, entry.size or entry.packed, lambda: self._inflated(where, view, entry))

    def _inflated(self, where: str, view: memoryview, entry: zips.Entry) -> Content:
        flaw = None
        with tempfile.TemporaryFile(dir=self.scratch) as file:
            try:
                for piece in zips.inflated(view, entry):
                    self.meter.add(len(piece), where)
                    file.write(piece)
            except zips.Damaged as damage:
                flaw = str(damage)
            except zips.Bomb as bomb:
                raise errors.ExportDangerous(name=where, reason=str(bomb)) from bomb
            file.flush()
            return Content(_mapped_file(file.fileno()), flaw)

    def _missing(
        self, where: str, view: memoryview, manifests: list[zips.Entry], found: list[zips.Entry]
    ) -> Iterator[Refusal]:
        present = {PurePosixPath(entry.name).name for entry in found}
        for entry in manifests:
            if entry.size and entry.size < MANIFEST_SIZE and not entry.flags & zips.ENCRYPTED:
                manifest = self._inflated(where, view, entry).view
                yield from _not_present(where, manifest, present)


def _refused(where: str, entry: zips.Entry, depth: int) -> Refusal | None:
    if entry.flags & zips.ENCRYPTED:
        reason = "it is locked with a password; unpack it with the password and hand over the folder"
        return Refusal(where, "encrypted", errors.ExportUnreadable(name=where, reason=reason))
    if entry.method not in (zips.STORED, zips.DEFLATED):
        reason = "it is packed in an unusual way; unpack the archive and hand over the folder"
        return Refusal(where, "unusual_packing", errors.ExportUnreadable(name=where, reason=reason))
    if entry.is_bomb:
        reason = f"{entry.packed:,} bytes inflate to {entry.size:,}, which no chat export does (a zip bomb)"
        return Refusal(where, "dangerous", errors.ExportDangerous(name=where, reason=reason))
    if depth >= DEPTH and entry.name.lower().endswith(".zip"):
        reason = f"it lies more than {DEPTH} archives deep"
        return Refusal(where, "nested_too_deep", errors.ExportDangerous(name=where, reason=reason))
    return None


def _too_many(where: str, count: int) -> Iterator[Refusal]:
    if count > MEMBERS:
        reason = f"it has {count:,} members that could be chats, and no more than {MEMBERS:,} are read"
        error = errors.ExportDangerous(name=where, reason=reason)
        yield Refusal(where, "too_many_members", error, count - MEMBERS, partial=True)


def _sorted_out(entries: Iterator[zips.Entry]) -> tuple[int, list[zips.Entry], list[zips.Entry]]:
    """How many names are unsafe, the candidates, and the manifests."""
    unsafe = 0
    found: list[zips.Entry] = []
    manifests: list[zips.Entry] = []
    for entry in entries:
        if _is_unsafe(entry.name):
            unsafe += 1
        elif PurePosixPath(entry.name).name == MANIFEST:
            manifests.append(entry)
        elif _is_candidate(entry.name) or _is_page(entry.name):
            found.append(entry)
    return unsafe, found, manifests


def _is_unsafe(name: str) -> bool:
    return name.startswith("/") or name[1:2] == ":" or ".." in name.split("/")


def _is_candidate(name: str) -> bool:
    path = PurePosixPath(name)
    return bool(
        CANDIDATE.fullmatch(name)
        and not is_account_data(name)
        and path.name != MANIFEST
        and not path.name.startswith("._")  # what a Mac adds
    )


def _is_page(name: str) -> bool:
    return PurePosixPath(name).name == PAGE


def is_account_data(name: str) -> bool:
    """Whether a file of this name holds no conversations in any export, so that it isn't missed."""
    return bool(ACCOUNT_DATA.fullmatch(PurePosixPath(name).name))


def _files(folder: Path) -> list[Path]:
    files: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders.sort()
        files += (Path(parent, name) for name in sorted(names))
        if len(files) > FOLDER:
            reason = f"the folder holds more than {FOLDER:,} files; hand over the export's own folder"
            raise errors.ExportDangerous(name=folder.name, reason=reason)
    return [path for path in files if path.is_file() and not path.is_symlink()]


def _missing_shards(files: list[Path]) -> Iterator[Refusal]:
    """What the manifests among `files`, which lie side by side, name and what isn't there."""
    present = {path.name for path in files}
    for path in files:
        if path.name == MANIFEST and 0 < path.stat().st_size < MANIFEST_SIZE:
            yield from _not_present(path.name, _mapped(path), present)


def _not_present(where: str, manifest: memoryview, present: set[str]) -> Iterator[Refusal]:
    named = {match.decode() for match in SHARD.findall(manifest)}
    for name in sorted(named - present):
        reason = f"{MANIFEST} names it, and it is not there"
        yield Refusal(f"{where}/{name}", "missing_shard", errors.ExportUnreadable(name=name, reason=reason))


def _content(path: Path) -> Content:
    return Content(_mapped(path))


def _mapped(path: Path) -> memoryview:
    with path.open("rb") as file:
        return _mapped_file(file.fileno())


def _mapped_file(number: int) -> memoryview:
    """The file's bytes as pages of the file itself, which count for nobody's memory and live until the last reference
    goes, even when the file has no name."""
    if os.fstat(number).st_size == 0:
        return memoryview(b"")
    return memoryview(mmap.mmap(number, 0, access=mmap.ACCESS_READ))


def _in_order(name: str) -> list[tuple[int, str]]:
    """A sort key that puts shard 2 before shard 10."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d{1,18})", name)]

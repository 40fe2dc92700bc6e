"""What a person hands over (a folder, a zip, zips in a zip, a file) in; the files in it that may hold conversations
out.

Nothing is unpacked to its own name. Of an archive only members are read whose names a format knows; where there are
none, as the person may have renamed them, those that could be an export at all. In a folder the others are looked into.
"""

from __future__ import annotations

import mmap
import os
import re
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import BinaryIO, TypeAlias

from soulprint import errors
from soulprint.importing.files import choosing, zips

MEMBERS = 10_000
"""The most members that are read of one archive or folder; it may have any number of others."""
FOLDER = 200_000
"""The most files that a folder may hold, so that a whole home folder is told from an export."""
NOT_HANDED_OVER = ("__MACOSX", "node_modules")
DEPTH = 2
"""How deep an archive may lie within archives."""

MANIFEST_SIZE = 16 * 1024 * 1024
SHARD = re.compile(rb"conversations-\d+\.json")


@dataclass(frozen=True, slots=True)
class Content:
    """A member's bytes. The memory is given back when the last reference to it goes."""

    view: memoryview
    flaw: str | None = None
    """Why there is less, or other, than there should be."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file worth reading, on the disk or in an archive. It can be sent to another process and opened there."""

    where: str
    path: Path
    """The file itself, or the archive that holds it."""
    entry: zips.Entry | None
    """None where the file stands by itself."""
    size: int
    """In bytes, as far as it is known before it is read."""
    limit: int
    """The most bytes it may inflate to where the archive doesn't say."""
    named: bool
    """Whether it has to be an export, by its name or because nothing else is there; else it is just looked into."""
    fingerprint: str
    """The same for the same content under the same name: a member of an import that was broken off isn't read again."""

    def open(self, scratch: Path) -> Content:
        """The content; what has to be inflated goes to an unnamed file in the folder `scratch`.

        Raises `errors.ExportDangerous`, and `OSError` where the file is gone.
        """
        view = _mapped(self.path)
        if self.entry is None:
            return Content(view)
        return _inflated(self.where, view, self.entry, scratch, _Meter(self.limit))


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


def survey(
    paths: Sequence[Path], known: choosing.Known, scratch: Path, limit: int, called: str | None = None
) -> Survey:
    """The members worth reading of all `paths`, in the order of their numbers, which may inflate to `limit` bytes.
    Archives within archives go to the folder `scratch`, which has to stay as long as the members are read. Findings go
    by the paths' names, or by what the person has `called` the one file that we named ourselves."""
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
        count = 0 if choosing.is_account_data(where) else 1
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
    known: choosing.Known
    scratch: Path
    meter: _Meter

    def path(self, path: Path, name: str) -> Iterator[Finding]:
        if path.is_dir():
            yield from self._folder(path)
        elif path.is_file():
            yield from self._file(name, path, 0)
        else:
            reason = "it is no ordinary file" if path.exists() else "there is no such file"
            raise errors.ExportUnreadable(name=path, reason=reason)

    def _file(self, where: str, path: Path, depth: int) -> Iterator[Finding]:
        view = _mapped(path)
        if zips.is_zip(view):
            yield from self._archive(where, path, view, depth)
        else:
            yield _on_disk(where, path)

    def _folder(self, folder: Path) -> Iterator[Finding]:
        files = _files(folder)
        archives = [path for path in files if path.suffix.lower() == ".zip"]
        others = [path for path in files if path.suffix.lower() != ".zip"]
        named, beside = choosing.chosen(others, lambda path: _within(folder, path), self.known)
        yield from _too_many(folder.name, len(named))
        for number, path in enumerate([*named, *beside][:MEMBERS]):
            yield _on_disk(_within(folder, path), path, named=number < len(named))
        for path in archives:
            where = _within(folder, path)
            yield from _guarded(where, self._file(where, path, 0))
        yield from _missing_shards(others)

    def _archive(self, where: str, path: Path, view: memoryview, depth: int) -> Iterator[Finding]:
        if not zips.is_whole(view):
            error = errors.ExportUnreadable(name=where, reason="the archive is cut off")
            yield Refusal(where, "cut_off", error, partial=True)
        unsafe, found, manifests = _sorted_out(zips.entries(view))
        if unsafe:
            reason = f"{unsafe} of its members have names that point outside of it, such as ../"
            yield Refusal(where, "unsafe_name", errors.ExportDangerous(name=where, reason=reason), unsafe, partial=True)
        entries, _ = choosing.chosen(found, lambda entry: entry.name, self.known)
        yield from _too_many(where, len(entries))
        del entries[MEMBERS:]
        self._check_total(where, entries)
        for entry in entries:
            name = f"{where}/{entry.name}"
            yield from _guarded(name, self._entry(name, path, view, entry, depth))
        yield from self._missing(where, view, manifests, found)

    def _check_total(self, where: str, entries: list[zips.Entry]) -> None:
        _Meter(self.meter.limit).add(sum(entry.size or 0 for entry in entries if not entry.is_bomb), where)

    def _entry(self, where: str, path: Path, view: memoryview, entry: zips.Entry, depth: int) -> Iterator[Finding]:
        refusal = _refused(where, entry, depth)
        if refusal:
            yield refusal
        elif entry.name.lower().endswith(".zip"):
            yield from self._inner(where, view, entry, depth + 1)
        else:
            size = entry.size or entry.packed
            fingerprint = f"{where}:{size}:{entry.packed}:{entry.crc}"
            yield Member(where, path, entry, size, self.meter.limit, named=True, fingerprint=fingerprint)

    def _inner(self, where: str, view: memoryview, entry: zips.Entry, depth: int) -> Iterator[Finding]:
        """The archive within an archive, inflated to a file of its own, as its members are read one by one later."""
        path = self.scratch / f"{uuid.uuid4().hex}.zip"
        with path.open("xb") as file:
            flaw = _inflate(where, view, entry, file, self.meter)
        if flaw:
            error = errors.ExportUnreadable(name=where, reason=f"the archive is {flaw.replace('_', ' ')}")
            yield Refusal(where, flaw, error, partial=True)
        inner = _mapped(path)
        if zips.is_zip(inner):
            yield from self._archive(where, path, inner, depth)

    def _missing(
        self, where: str, view: memoryview, manifests: list[zips.Entry], found: list[zips.Entry]
    ) -> Iterator[Refusal]:
        present = {PurePosixPath(entry.name).name for entry in found}
        for entry in manifests:
            if entry.size and entry.size < MANIFEST_SIZE and not entry.flags & zips.ENCRYPTED:
                manifest = _inflated(where, view, entry, self.scratch, self.meter).view
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
        elif PurePosixPath(entry.name).name == choosing.MANIFEST:
            manifests.append(entry)
        elif not entry.name.endswith("/"):
            found.append(entry)
    return unsafe, found, manifests


def _is_unsafe(name: str) -> bool:
    return name.startswith("/") or name[1:2] == ":" or ".." in name.split("/")


def _files(folder: Path) -> list[Path]:
    files: list[Path] = []
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in NOT_HANDED_OVER)
        files += (Path(parent, name) for name in sorted(names))
        if len(files) > FOLDER:
            reason = f"the folder holds more than {FOLDER:,} files; hand over the export's own folder"
            raise errors.ExportDangerous(name=folder.name, reason=reason)
    return [path for path in files if path.is_file() and not path.is_symlink()]


def _missing_shards(files: list[Path]) -> Iterator[Refusal]:
    """What the manifests among `files`, which lie side by side, name and what isn't there."""
    present = {path.name for path in files}
    for path in files:
        if path.name == choosing.MANIFEST and 0 < path.stat().st_size < MANIFEST_SIZE:
            yield from _not_present(path.name, _mapped(path), present)


def _not_present(where: str, manifest: memoryview, present: set[str]) -> Iterator[Refusal]:
    named = {match.decode() for match in SHARD.findall(manifest)}
    for name in sorted(named - present):
        reason = f"{choosing.MANIFEST} names it, and it is not there"
        yield Refusal(f"{where}/{name}", "missing_shard", errors.ExportUnreadable(name=name, reason=reason))


def _within(folder: Path, path: Path) -> str:
    return f"{folder.name}/{path.relative_to(folder).as_posix()}"


def _on_disk(where: str, path: Path, *, named: bool = True) -> Member:
    status = path.stat()
    fingerprint = f"{where}:{status.st_size}:{status.st_mtime_ns}"
    return Member(where, path, None, status.st_size, status.st_size, named=named, fingerprint=fingerprint)


def _inflated(where: str, view: memoryview, entry: zips.Entry, scratch: Path, meter: _Meter) -> Content:
    with tempfile.TemporaryFile(dir=scratch) as file:
        flaw = _inflate(where, view, entry, file, meter)
        return Content(_mapped_file(file.fileno()), flaw)


def _inflate(where: str, view: memoryview, entry: zips.Entry, file: BinaryIO, meter: _Meter) -> str | None:
    """Write the entry's content to `file`; gives why there is less, or other, of it than there should be."""
    try:
        for piece in zips.inflated(view, entry):
            meter.add(len(piece), where)
            file.write(piece)
    except zips.Damaged as damage:
        return str(damage)
    except zips.Bomb as bomb:
        raise errors.ExportDangerous(name=where, reason=str(bomb)) from bomb
    finally:
        file.flush()
    return None


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

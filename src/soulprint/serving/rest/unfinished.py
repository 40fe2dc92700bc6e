"""Uploads that come in pieces. Of each there is a file with what has arrived, whose size is all that is known of how
much that is, and beside it what was said when the upload was announced."""

from __future__ import annotations

import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import msgspec

from soulprint import errors
from soulprint.serving import sizes
from soulprint.settings import Settings

DAY = 24 * 3600
TOGETHER = 2
"""Times the largest export that the unfinished uploads of an account may announce together."""

_ONE_AT_A_TIME = threading.Lock()
"""Held from a look at what is there to the write that rests on it."""


class About(msgspec.Struct, frozen=True):
    """What was said about an upload when it was announced."""

    length: int
    label: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Upload:
    id: uuid.UUID
    about: About
    held: int
    """The bytes of it that are here."""
    expires: float
    """When it is removed if nobody goes on with it, in seconds of the epoch."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The unfinished uploads of one account. Everything here blocks on the disk."""

    settings: Settings
    account: uuid.UUID

    def listed(self) -> list[Upload]:
        """The uploads that can be gone on with or imported."""
        return list(self._listed())

    def found(self, upload_id: uuid.UUID) -> Upload:
        """Raises `errors.NotFound`, for an expired one too."""
        try:
            about = msgspec.json.decode(self._about(upload_id).read_bytes(), type=About)
            there = self._data(upload_id).stat()
        except (FileNotFoundError, msgspec.DecodeError) as error:
            raise _not_found() from error
        expires = there.st_mtime + self.settings.upload_days * DAY
        if expires < time.time():
            raise _not_found()
        return Upload(upload_id, about, there.st_size, expires)

    def announce(self, about: About) -> uuid.UUID:
        """Begin an upload. Raises `errors.UploadEmpty`, `errors.UploadTooLarge`, `errors.UploadsTooMany` and
        `errors.NoSpace`."""
        if not about.length:
            raise errors.UploadEmpty
        if about.length > self.settings.upload_limit:
            raise errors.UploadTooLarge(limit=sizes.readable(self.settings.upload_limit))
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        upload_id = uuid.uuid4()
        with _ONE_AT_A_TIME:
            self._check_room(about.length)
            self._data(upload_id).open("xb").close()
            self._about(upload_id).write_bytes(msgspec.json.encode(about))
        return upload_id

    def add(self, upload_id: uuid.UUID, offset: int, piece: bytes) -> None:
        """Put `piece` at the end, where `offset` is that end. Raises `errors.UploadMisplaced` and `errors.NotFound`."""
        with _ONE_AT_A_TIME, _opened(self._data(upload_id)) as number:
            held = os.fstat(number).st_size
            if held != offset:
                raise errors.UploadMisplaced(offset=offset, held=held)
            waiting = memoryview(piece)
            while waiting:
                waiting = waiting[os.write(number, waiting) :]

    def settle(self, upload_id: uuid.UUID) -> Upload:
        """Have everything that arrived on the disk itself."""
        with _opened(self._data(upload_id)) as number:
            os.fsync(number)
        with suppress(FileNotFoundError):
            self._about(upload_id).touch(exist_ok=True)
        return self.found(upload_id)

    def remove(self, upload_id: uuid.UUID) -> None:
        """Raises `errors.NotFound`."""
        self.found(upload_id)
        self.forget(upload_id)

    def forget(self, upload_id: uuid.UUID) -> None:
        """Remove what is still there of an upload."""
        self._about(upload_id).unlink(missing_ok=True)
        self._data(upload_id).unlink(missing_ok=True)

    def take(self, upload_id: uuid.UUID) -> str:
        """Move a whole upload among those that are imported; gives its name there. Raises `errors.UploadUnfinished` and
        `errors.NotFound`."""
        upload = self.found(upload_id)
        if upload.held != upload.about.length:
            raise errors.UploadUnfinished(held=upload.held, length=upload.about.length)
        name = uuid.uuid4().hex
        try:
            self._data(upload_id).rename(self.settings.uploads / name)
        except FileNotFoundError as error:
            raise _not_found() from error
        return name

    def give_back(self, upload_id: uuid.UUID, name: str) -> None:
        """Undo `take`."""
        with suppress(FileNotFoundError):
            (self.settings.uploads / name).rename(self._data(upload_id))

    @property
    def _path(self) -> Path:
        return self.settings.unfinished / self.account.hex

    def _data(self, upload_id: uuid.UUID) -> Path:
        return self._path / upload_id.hex

    def _about(self, upload_id: uuid.UUID) -> Path:
        return self._path / f"{upload_id.hex}.json"

    def _listed(self) -> Iterator[Upload]:
        for path in sorted(self._path.glob("*.json"), key=lambda path: path.name):
            with suppress(errors.NotFound, ValueError):
                yield self.found(uuid.UUID(path.stem))

    def _check_room(self, length: int) -> None:
        others = self.listed()
        together = length + sum(other.about.length for other in others)
        if len(others) >= self.settings.upload_unfinished or together > TOGETHER * self.settings.upload_limit:
            raise errors.UploadsTooMany(count=len(others), days=self.settings.upload_days)
        awaited = length + sum(other.about.length - other.held for other in others)
        if shutil.disk_usage(self._path).free < awaited:
            raise errors.NoSpace(folder=self.settings.home)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The number of the open file, to which is added."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
    except FileNotFoundError as error:
        raise _not_found() from error
    try:
        yield number
    finally:
        os.close(number)


def _not_found() -> errors.NotFound:
    return errors.NotFound(what="upload with this id")

"""Whether files are those of an earlier import, without reading them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from soulprint.importing.files import archives


def fingerprint(paths: Sequence[Path]) -> str:
    """The same for the same files: by names, sizes and times of change, of a folder those of all that is in it. In any
    order."""
    each = sorted(hashlib.blake2b(b"\0".join(_looks(path)), digest_size=16).digest() for path in paths)
    return hashlib.blake2b(b"".join(each), digest_size=16).hexdigest()


def _looks(path: Path) -> Iterator[bytes]:
    yield os.fsencode(path.name)
    if not path.is_dir():
        yield _size_and_time(path)
        return
    for file in islice(_files(path), archives.FOLDER):
        yield os.fsencode(file.relative_to(path))
        yield _size_and_time(file)


def _files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names))


def _size_and_time(path: Path) -> bytes:
    try:
        status = path.stat()
    except OSError:
        return b"gone"
    return b"%d:%d" % (status.st_size, status.st_mtime_ns)

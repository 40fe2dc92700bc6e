"""A zip file's bytes in; its entries, and the content of one entry at a time, out.

The directory is read by ourselves, because a chat export may be cut off before it (the entries are then found by their
own headers), may name a hundred thousand pictures we don't want, and may lie.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

try:
    from isal import isal_zlib as zlib
except ImportError:  # no wheel for this platform
    import zlib  # type: ignore[no-redef]

STORED, DEFLATED = 0, 8
ENCRYPTED, SIZES_FOLLOW, UTF8 = 0x1, 0x8, 0x800
UNKNOWN_32, UNKNOWN_16 = 0xFFFFFFFF, 0xFFFF
CHUNK = 256 * 1024
INFLATED_CHUNK = 4 * 1024 * 1024

RATIO, RATIO_FROM = 200, 50 * 1024 * 1024
"""Chat text shrinks to a tenth. What shrinks to less than 1/200 and is larger than this is a bomb."""

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")
_DESCRIPTOR = struct.Struct("<4s3L")


class Damaged(Exception):
    """What came out before is all there is of an entry. The argument is the reason as the report names it."""


class Bomb(Exception):
    """An entry inflates to more than is sane. The argument says so in words."""


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    flags: int
    method: int
    crc: int | None
    """None where the archive is cut off and so doesn't say."""
    packed: int
    size: int | None
    offset: int
    """Of the entry's own header."""

    @property
    def is_bomb(self) -> bool:
        return self.size is not None and self.size > max(RATIO_FROM, RATIO * self.packed)


@dataclass(frozen=True, slots=True)
class _Directory:
    start: int
    end: int
    shift: int
    """How far all offsets are off because something stands before the archive."""


def is_zip(content: memoryview) -> bool:
    return bytes(content[:4]) in (b"PK\3\4", b"PK\5\6") or _directory(content) is not None


def is_whole(content: memoryview) -> bool:
    """Whether the archive has its directory, so that nothing is cut off."""
    return _directory(content) is not None


def entries(content: memoryview) -> Iterator[Entry]:
    """The entries in the order of the directory; without one, those whose headers are found."""
    directory = _directory(content)
    return _found(content) if directory is None else _listed(content, directory)


def _directory(content: memoryview) -> _Directory | None:
    tail = bytes(content[-(_END.size + UNKNOWN_16) :])
    found = tail.rfind(b"PK\5\6")
    if found < 0 or found + _END.size > len(tail):
        return None
    at = len(content) - len(tail) + found
    *_, size, start, _ = _END.unpack_from(content, at)
    at, size, start = _directory_64(content, at) or (at, size, start)
    shift = at - size - start
    if shift < 0 or (size and bytes(content[start + shift : start + shift + 4]) != b"PK\1\2"):
        return None
    return _Directory(start + shift, at, shift)


def _directory_64(content: memoryview, end: int) -> tuple[int, int, int] | None:
    locator = end - _LOCATOR_64.size
    at = locator - _END_64.size
    if at < 0 or bytes(content[locator : locator + 4]) != b"PK\6\7" or bytes(content[at : at + 4]) != b"PK\6\6":
        return None
    *_, size, start = _END_64.unpack_from(content, at)
    return at, size, start


def _listed(content: memoryview, directory: _Directory) -> Iterator[Entry]:
    at = directory.start
    while at + _CENTRAL.size <= directory.end and bytes(content[at : at + 4]) == b"PK\1\2":
        header = _CENTRAL.unpack_from(content, at)
        _, _, _, flags, method, _, _, crc, packed, size, named, extra, comment, _, _, _, offset = header
        name_at = at + _CENTRAL.size
        extra_at = name_at + named
        wide = iter(_wide_sizes(bytes(content[extra_at : extra_at + extra])))
        size, packed, offset = (next(wide, each) if each == UNKNOWN_32 else each for each in (size, packed, offset))
        name = _name(bytes(content[name_at:extra_at]), flags)
        yield Entry(name, flags, method, crc, packed, size, offset + directory.shift)
        at = extra_at + extra + comment


def _wide_sizes(extra: bytes) -> list[int]:
    """The 64-bit numbers of the extra field that stand in for those which don't fit into 32 bits."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        if kind == 1:
            body = extra[at + 4 : at + 4 + length]
            return [number for (number,) in struct.iter_unpack("<Q", body[: len(body) // 8 * 8])]
        at += 4 + length
    return []


def _name(name: bytes, flags: int) -> str:
    return name.decode("utf-8" if flags & UTF8 else "cp437", "replace").replace("\\", "/")


def _found(content: memoryview) -> Iterator[Entry]:
    """The entries of an archive without a directory, by the header that stands before each."""
    at = 0
    while at + _LOCAL.size <= len(content) and bytes(content[at : at + 4]) == b"PK\3\4":
        _, _, flags, method, _, _, crc, packed, size, named, extra = _LOCAL.unpack_from(content, at)
        name = _name(bytes(content[at + _LOCAL.size : at + _LOCAL.size + named]), flags)
        start = at + _LOCAL.size + named + extra
        wide = _wide_sizes(bytes(content[start - extra : start]))
        if UNKNOWN_32 in (packed, size) and len(wide) > 1:
            size, packed = wide[:2]
        if flags & SIZES_FOLLOW and not packed:
            packed = _distance_to_descriptor(content, start)
            yield Entry(name, flags, method, None, packed, None, at)
            at = _next_header(content, start + packed)
        else:
            yield Entry(name, flags, method, crc, packed, size, at)
            at = start + packed


def _distance_to_descriptor(content: memoryview, start: int) -> int:
    """The packed size of an entry whose sizes follow it: up to the descriptor that names this very distance."""
    for found in _positions(content, b"PK\7\x08", start):
        if found + _DESCRIPTOR.size <= len(content):
            _, _, packed, _ = _DESCRIPTOR.unpack_from(content, found)
            if packed == (found - start) & UNKNOWN_32:
                return found - start
    return len(content) - start


def _next_header(content: memoryview, start: int) -> int:
    return next(_positions(content, b"PK\3\4", start), len(content))


def _positions(content: memoryview, mark: bytes, start: int) -> Iterator[int]:
    """Where `mark` stands from `start` on; read piece by piece, as a memoryview can't search."""
    for at in range(start, len(content), CHUNK):
        piece = bytes(content[at : at + CHUNK + len(mark) - 1])
        found = piece.find(mark)
        while found >= 0:
            yield at + found
            found = piece.find(mark, found + 1)


def inflated(content: memoryview, entry: Entry) -> Iterator[bytes]:
    """The entry's content, piece by piece. Raises `Damaged` at its end where something is missing or wrong, `Bomb` as
    soon as it holds more than it may."""
    start = _content_start(content, entry)
    packed = content[start : start + entry.packed]
    most = entry.size if entry.size is not None else max(RATIO_FROM, RATIO * len(packed))
    pieces = _stored(packed) if entry.method == STORED else _deflated(packed)
    total = crc = 0
    for piece in pieces:
        total += len(piece)
        if total > most:
            raise Bomb(f"{entry.name} holds more than the archive says")
        crc = crc32(piece, crc)
        yield piece
    if len(packed) < entry.packed or (entry.size is not None and total < entry.size):
        raise Damaged("cut_off")
    if entry.crc is not None and crc != entry.crc:
        raise Damaged("damaged")


def _content_start(content: memoryview, entry: Entry) -> int:
    if bytes(content[entry.offset : entry.offset + 4]) != b"PK\3\4" or len(content) < entry.offset + _LOCAL.size:
        raise Damaged("damaged")
    *_, named, extra = _LOCAL.unpack_from(content, entry.offset)
    return entry.offset + _LOCAL.size + int(named) + int(extra)


def _stored(packed: memoryview) -> Iterator[bytes]:
    for at in range(0, len(packed), CHUNK):
        yield bytes(packed[at : at + CHUNK])


def _deflated(packed: memoryview) -> Iterator[bytes]:
    engine = zlib.decompressobj(-15)
    try:
        for at in range(0, len(packed), CHUNK):
            waiting: bytes | memoryview = packed[at : at + CHUNK]
            while waiting and not engine.eof:
                yield engine.decompress(waiting, INFLATED_CHUNK)
                waiting = engine.unconsumed_tail
        yield engine.flush()
    except zlib.error as error:  # type: ignore[misc]  # isal's stubs take the class for an instance
        raise Damaged("damaged") from error
    if not engine.eof:
        raise Damaged("cut_off")

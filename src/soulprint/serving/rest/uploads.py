"""Takes a file from a request's body into the uploads folder, piece by piece, under a name of the server's making."""

from __future__ import annotations

import asyncio
import time
import unicodedata
import uuid
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from soulprint import errors
from soulprint.serving import sizes

PIECE = 1024 * 1024
"""Bytes gathered before they are written: fewer hops to the disk's thread."""
PARTIAL = ".part"
ABANDONED = 3600
"""Seconds without a write after which a partial upload is of a process that died."""
NAME = 200


async def receive(pieces: AsyncIterator[bytes], declared: int | None, folder: Path, limit: int) -> str:
    """Write the body to `folder` and give the name of the file there. `declared` is the length that the request claims.

    Whatever goes wrong leaves no file. Raises `errors.UploadTooLarge` and `errors.UploadEmpty`.
    """
    if declared is not None and declared > limit:
        raise errors.UploadTooLarge(limit=sizes.readable(limit))
    await asyncio.to_thread(_prepare, folder)
    name = uuid.uuid4().hex
    partial = folder / f"{name}{PARTIAL}"
    try:
        with partial.open("xb") as file:
            if not await _write(pieces, file, limit):
                raise errors.UploadEmpty
        partial.rename(folder / name)
    finally:
        partial.unlink(missing_ok=True)
    return name


async def _write(pieces: AsyncIterator[bytes], file: BinaryIO, limit: int) -> int:
    """Gives how many bytes were written."""
    held, total = bytearray(), 0
    async for piece in pieces:
        total += len(piece)
        if total > limit:
            raise errors.UploadTooLarge(limit=sizes.readable(limit))
        held += piece
        if len(held) >= PIECE:
            await asyncio.to_thread(file.write, bytes(held))
            held.clear()
    await asyncio.to_thread(file.write, bytes(held))
    return total


def _prepare(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for partial in folder.glob(f"*{PARTIAL}"):
        with suppress(FileNotFoundError):  # another upload may have ended since
            if time.time() - partial.stat().st_mtime > ABANDONED:
                partial.unlink()


def label(name: str) -> str:
    """What a person called the file, fit to be shown; it never names a file of ours."""
    shown = "".join(" " if unicodedata.category(character)[0] == "C" else character for character in name[: 4 * NAME])
    return " ".join(shown.replace("\\", "/").rpartition("/")[2].split())[:NAME] or "export"

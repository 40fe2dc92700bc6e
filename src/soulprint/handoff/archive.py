"""One zip of everything that is kept of a person, in formats that anybody can read: text, Markdown, JSON. It is handed
out while it is written, so that memory stays flat however long the history is."""

from __future__ import annotations

import hashlib
import json
import uuid
import zipfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from datetime import UTC, datetime
from importlib import metadata, resources
from typing import Any

from soulprint import sections
from soulprint.database import Database
from soulprint.handoff import store

FORMAT = 1
"""Of the archive: another number means that a member has changed its shape."""

PIECE = 256 * 1024
"""Bytes that are handed out together, at least."""


class _Sink:
    """A file that is written to and handed out in pieces. It can't be gone back in, so no member says its size before
    its content."""

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self.size = 0

    def write(self, data: bytes, /) -> int:
        self._held.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """What is held is handed out all the same."""

    def take(self) -> bytes:
        piece, self._held, self.size = b"".join(self._held), [], 0
        return piece


class _Tally:
    """What the manifest says of a member."""

    def __init__(self) -> None:
        self._entries = 0
        self._hash = hashlib.sha256()

    def add(self, data: bytes) -> None:
        self._entries += 1
        self._hash.update(data)

    def told(self) -> dict[str, Any]:
        return {"entries": self._entries, "sha256": self._hash.hexdigest()}


async def archived(db: Database, account: uuid.UUID) -> AsyncGenerator[bytes, None]:
    """The zip, piece by piece, of what stood at one moment: README, profile and MEMORY as text; as JSON every version,
    fact with its proofs, conversation, claim, chat, edit, import and run. `manifest.json` counts and hashes them."""
    sink = _Sink()
    tallies: dict[str, _Tally] = {}
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        async with aclosing(_members(db, account)) as members:
            async for name, entries in members:
                tally = tallies[name] = _Tally()
                with archive.open(_named(name), "w", force_zip64=True) as member:
                    async for entry in entries:
                        data = entry.encode()
                        tally.add(data)
                        member.write(data)
                        if sink.size > PIECE:
                            yield sink.take()
        archive.writestr(_named("manifest.json"), _manifest(tallies))
    yield sink.take()


def _named(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _manifest(tallies: dict[str, _Tally]) -> str:
    told = {
        "format": FORMAT,
        "program": f"soulprint {metadata.version('soulprint')}",
        "made_at": datetime.now(UTC).isoformat(),
        "members": {name: tally.told() for name, tally in tallies.items()},
    }
    return json.dumps(told, indent=1)


async def _members(db: Database, account: uuid.UUID) -> AsyncGenerator[tuple[str, AsyncIterator[str]], None]:
    """Each member's name and its entries, in the order they are written."""
    yield "README.txt", _of(resources.files("soulprint.handoff").joinpath("readme.txt").read_text())
    async with db.session(account, of_one_moment=True) as session:
        version = await sections.current(session)
        if version:
            yield "profile.md", _of(sections.markdown(version.sections, version.memory))
            yield "MEMORY.md", _of(sections.memory_markdown(version.memory))
        for name, query in store.MEMBERS.items():
            yield f"{name}.jsonl", store.lines(session, query)


async def _of(text: str) -> AsyncIterator[str]:
    yield text

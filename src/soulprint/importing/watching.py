"""A folder in; each chat export that lies or appears in it out, once it is there as a whole. Whatever else comes to the
folder is passed over."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncGenerator, Iterable, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import watchfiles

from soulprint import errors
from soulprint.importing import explaining, formats
from soulprint.importing.files import choosing
from soulprint.importing.files.fingerprints import fingerprint
from soulprint.settings import Settings

STILL = 3.0
"""Seconds in which a file must not have changed: then nobody writes to it any more."""
TICK = 1.0
"""Seconds between two looks at what isn't still yet."""
ON_THE_WAY = {".part", ".partial", ".crdownload", ".download", ".opdownload", ".tmp"}
"""How browsers call what they haven't fetched to its end."""
FILES = 2_000
"""So many files of a folder are looked at by name, to tell whether it is an export that was unpacked."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Something that lies in the watched folder as a whole."""

    path: Path
    fingerprint: str
    """As `is_imported` takes it."""
    problem: errors.SoulprintError | None = None
    """Why it can't be read, where it has the name of an export."""


async def arrivals(folder: Path, settings: Settings, still: float = STILL) -> AsyncGenerator[Arrival, None]:
    """The exports in `folder`, then each that comes to it or changes, until the caller ends it. A folder within it is
    one export or none; what changes deeper in it isn't noticed.

    Raises `errors.ExportUnreadable` where the folder can't be read or goes away.
    """
    waiting = Waiting(still)
    began = False
    tick = round(1000 * min(TICK, still))
    ticks = watchfiles.awatch(folder, watch_filter=None, recursive=False, rust_timeout=tick, yield_on_timeout=True)
    async with aclosing(ticks):
        async for changes in ticks:
            inside = await asyncio.to_thread(_inside, folder, began)
            began = True
            changed = (folder / Path(name).name for _, name in changes)
            await asyncio.to_thread(waiting.add, [*inside, *changed])
            for path, looks in await asyncio.to_thread(waiting.settled, time.monotonic()):
                if arrival := await asyncio.to_thread(_arrival, path, looks, settings):
                    yield arrival


def _inside(folder: Path, began: bool) -> list[Path]:
    """All that lies in the folder, where the watch only began: what comes later is told by the system."""
    try:
        with os.scandir(folder) as entries:
            return [] if began else sorted(Path(entry) for entry in entries)
    except OSError as error:
        reason = (error.strerror or "the system gives no reason").lower()
        raise errors.ExportUnreadable(name=folder, reason=reason) from error


def _arrival(path: Path, looks: str, settings: Settings) -> Arrival | None:
    try:
        return Arrival(path, looks) if explaining.holds_export(path, settings) else None
    except errors.SoulprintError as problem:
        return Arrival(path, looks, problem)
    except OSError:
        return None  # it went away again


class Waiting:
    """What could be an export and may still grow, with its looks and since when it has them."""

    def __init__(self, still: float) -> None:
        self._still = still
        self._looks: dict[Path, tuple[str, float]] = {}
        self._told: dict[Path, str] = {}

    def add(self, paths: Iterable[Path]) -> None:
        """Take up those of `paths` that could be an export by their names."""
        for path in paths:
            if path not in self._looks and _could_be(path):
                self._looks[path] = ("", 0.0)

    def settled(self, now: float) -> list[tuple[Path, str]]:
        """Those that have been still for long enough, with their fingerprints. Each is told once until it changes."""
        told = []
        for path, (before, since) in [*self._looks.items()]:
            looks = fingerprint([path])
            if not path.exists():
                del self._looks[path]
            elif looks != before:
                self._looks[path] = (looks, now)
            elif now - since >= self._still:
                del self._looks[path]
                if self._told.get(path) != looks:
                    self._told[path] = looks
                    told.append((path, looks))
        return told


def _could_be(path: Path) -> bool:
    if path.name.startswith(".") or path.suffix.lower() in ON_THE_WAY:
        return False
    if path.is_dir():
        return any(formats.known(each) for each in islice(_names(path), FILES))
    return path.is_file() and choosing.is_candidate(path.name)


def _names(folder: Path) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name).relative_to(folder).as_posix() for name in names)

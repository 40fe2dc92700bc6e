"""What is written of each member of an import, and what became of its elements, so that an import that was broken off
goes on where it was."""

from __future__ import annotations

import hashlib
import uuid
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

import msgspec

from soulprint.importing.engine.batches import Batch, Ready
from soulprint.importing.engine.reading import Numbered
from soulprint.importing.files import archives
from soulprint.importing.reconciliation import Tally


class Entry(msgspec.Struct):
    """A member as it stands in the database."""

    key: str
    number: int
    tally: Tally
    finished: bool


class Ledger:
    """The members of one import by their numbers. `earlier` is what another try has written of them."""

    def __init__(self, members: Sequence[archives.Member], earlier: Iterable[Entry]) -> None:
        self._keys = _keys(members)
        self._open: dict[int, _Open] = {}
        self.is_export = False
        """Whether anything that was handed over is one."""
        self.is_resumed = False
        """Whether an earlier try has written any of it."""
        self.seen = 0
        """Elements that are accounted for in what is written."""
        finished = set()
        numbers = {key: number for number, key in enumerate(self._keys)}
        for entry in earlier:
            self.is_export = self.is_resumed = True
            if entry.finished:
                finished.add(entry.key)
                self.seen += entry.tally.seen
            elif entry.key in numbers:
                written = (entry.tally.imported, entry.tally.updated)
                self._open[numbers[entry.key]] = _Open(*written, *written)
        self.unfinished = [Numbered(*each) for each in enumerate(members) if self._keys[each[0]] not in finished]
        """The members that are to be read."""

    def taken(self, batch: Batch) -> None:
        """Note a batch that is to be written."""
        for number in batch.tallies:
            self.is_export = True
            self._open.setdefault(number, _Open()).in_flight += 1
        for number in batch.finished:
            self._open[number].is_read = True

    def counted(
        self,
        batch: Batch,
        new: Iterable[Ready],
        newer: Iterable[Ready],
        kept: Iterable[Ready],
        repeated: Collection[uuid.UUID],
    ) -> list[Entry]:
        """Count what became of the batch, `repeated` being those of `kept` that the import carried before; gives the
        entries to write beside it, one batch after the other."""
        for each in new:
            batch.tally(each.member).imported += 1
        for each in newer:
            batch.tally(each.member).updated += 1
        for each in kept:
            tally = batch.tally(each.member)
            if each.id in repeated:
                tally.repeated += 1
            else:
                self._open[each.member].count_kept(tally)
        return [self._entry(number, tally) for number, tally in sorted(batch.tallies.items())]

    def _entry(self, number: int, tally: Tally) -> Entry:
        member = self._open[number]
        member.tally.add(tally)
        member.in_flight -= 1
        self.seen += tally.seen
        if member.is_read and not member.in_flight:
            del self._open[number]
            return Entry(self._keys[number], number, member.tally, finished=True)
        return Entry(self._keys[number], number, member.so_far(), finished=False)


@dataclass(slots=True)
class _Open:
    """A member that isn't written to its end."""

    imported_before: int = 0
    updated_before: int = 0
    """What an earlier try has written of it."""
    imported_left: int = 0
    updated_left: int = 0
    """What of that wasn't met again yet."""
    tally: Tally = field(default_factory=Tally)
    in_flight: int = 0
    """Batches that hold something of it and aren't written."""
    is_read: bool = False

    def count_kept(self, tally: Tally) -> None:
        """Count a conversation that is stored already: as what the earlier try has counted it, if it did."""
        if self.imported_left:
            self.imported_left -= 1
            tally.imported += 1
        elif self.updated_left:
            self.updated_left -= 1
            tally.updated += 1
        else:
            tally.unchanged += 1

    def so_far(self) -> Tally:
        """What to write of it: where this try is broken off too, the next has to know what the first has done."""
        imported = max(self.tally.imported, self.imported_before)
        updated = max(self.tally.updated, self.updated_before)
        return msgspec.structs.replace(self.tally, imported=imported, updated=updated)


def _keys(members: Sequence[archives.Member]) -> list[str]:
    """A name of bounded length for each member, also where the same file was handed over twice."""
    times: Counter[str] = Counter()
    keys = []
    for member in members:
        times[member.fingerprint] += 1
        name = f"{times[member.fingerprint]}:{member.fingerprint}"
        keys.append(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest())
    return keys

from __future__ import annotations

import uuid
from pathlib import Path

from soulprint.importing.engine import batches
from soulprint.importing.engine.batches import Batch
from soulprint.importing.engine.ledger import Entry, Ledger
from soulprint.importing.files import archives
from soulprint.importing.reconciliation import Tally


def member(name: str) -> archives.Member:
    return archives.Member(name, Path(name), None, 10, 10, named=True, fingerprint=name)


MEMBERS = [member("a"), member("b"), member("a")]


def batch(*read: int, finished: tuple[int, ...] = (), empty: int = 0) -> Batch:
    made = batches.empty()
    for number in read:
        made.tally(number).empty += empty
    made.finished.extend(finished)
    return made


def written(ledger: Ledger, batch: Batch) -> dict[int, tuple[bool, Tally]]:
    return {each.number: (each.finished, each.tally) for each in ledger.counted(batch, [], [], [], ())}


def test_the_same_file_twice_is_two_members() -> None:
    ledger = Ledger(MEMBERS, [])
    keys = {entry.key for entry in _all_finished(ledger)}
    assert len(keys) == 3


def test_a_member_is_finished_when_all_of_it_is_written() -> None:
    """Batches are written side by side, and the last may be through first."""
    ledger = Ledger(MEMBERS, [])
    first, last = batch(0, empty=2), batch(0, 1, finished=(0,), empty=1)
    ledger.taken(first)
    ledger.taken(last)
    assert written(ledger, last) == {0: (False, Tally(empty=1)), 1: (False, Tally(empty=1))}
    assert written(ledger, first) == {0: (True, Tally(empty=3))}
    assert ledger.seen == 4


def test_finished_members_are_not_read_again() -> None:
    entries = _all_finished(Ledger(MEMBERS, []))
    again = Ledger(MEMBERS, entries[:2])
    assert [each.number for each in again.unfinished] == [2]
    assert again.is_export
    assert again.seen == 2
    assert not Ledger(MEMBERS, []).is_export


def test_what_an_earlier_try_has_imported_counts_as_imported() -> None:
    [entry, *_] = _all_finished(Ledger(MEMBERS, []))
    entry.finished, entry.tally = False, Tally(imported=1, updated=1)
    ledger = Ledger(MEMBERS, [entry])
    read = batch(0)
    ledger.taken(read)
    kept = [_ready(), _ready(), _ready()]
    [so_far] = ledger.counted(read, [], [], kept[:1], ())
    assert (so_far.tally.imported, so_far.tally.updated, so_far.tally.unchanged) == (1, 1, 0)
    rest = batch(0, finished=(0,))
    ledger.taken(rest)
    [whole] = ledger.counted(rest, [_ready()], [], kept[1:], ())
    assert whole.finished
    assert (whole.tally.imported, whole.tally.updated, whole.tally.unchanged) == (2, 1, 1)


def _ready() -> batches.Ready:
    return batches.Ready(
        id=uuid.uuid4(),
        provider="chatgpt",
        provider_id="1",
        content_hash=b"1",
        message_count=1,
        user_messages=1,
        user_characters=1,
        first_message_at=None,
        last_message_at=None,
        title=None,
        project=None,
        model=None,
        started_at=None,
        updated_at=None,
        is_inferred=False,
        zone_known=True,
        newest_at=None,
        characters=1,
        member=0,
        is_stored=False,
        rows=b"",
    )


def _all_finished(ledger: Ledger) -> list[Entry]:
    read = batch(0, 1, 2, finished=(0, 1, 2), empty=1)
    ledger.taken(read)
    return ledger.counted(read, [], [], [], ())

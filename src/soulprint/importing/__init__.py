"""Reads chat exports. In: paths of files, folders and archives. Out: conversations, messages and claims as rows, and a
report of what became of each element.

What talks to the database loads when it is first used: the processes that only read do without.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soulprint.importing.deletions import NOTHING, Missing, delete, delete_gone, keep_gone, missing
    from soulprint.importing.explaining import Explained, explain
    from soulprint.importing.files.fingerprints import fingerprint
    from soulprint.importing.formats import title
    from soulprint.importing.life import begun, is_imported, reclaim, run, taken_up
    from soulprint.importing.reconciliation import PROBLEMS, Report, explained
    from soulprint.importing.shapes import LEFT_OUT
    from soulprint.importing.store import Gone
    from soulprint.importing.watching import Arrival, arrivals
    from soulprint.importing.writing import Progress

__all__ = [
    "LEFT_OUT",
    "NOTHING",
    "PROBLEMS",
    "Arrival",
    "Explained",
    "Gone",
    "Missing",
    "Progress",
    "Report",
    "arrivals",
    "begun",
    "delete",
    "delete_gone",
    "explain",
    "explained",
    "fingerprint",
    "is_imported",
    "keep_gone",
    "missing",
    "reclaim",
    "run",
    "taken_up",
    "title",
]
_HOMES = {
    "Arrival": "watching",
    "Explained": "explaining",
    "Gone": "store",
    "LEFT_OUT": "shapes",
    "Missing": "deletions",
    "NOTHING": "deletions",
    "PROBLEMS": "reconciliation",
    "Progress": "writing",
    "Report": "reconciliation",
    "arrivals": "watching",
    "delete": "deletions",
    "delete_gone": "deletions",
    "explain": "explaining",
    "explained": "reconciliation",
    "fingerprint": "files.fingerprints",
    "keep_gone": "deletions",
    "missing": "deletions",
    "title": "formats",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"soulprint.importing.{_HOMES.get(name, 'life')}"), name)

"""Reads chat exports. In: paths of files, folders and archives. Out: conversations, messages and claims as rows, and a
report of what became of each element.

What talks to the database loads when it is first used: the processes that only read do without.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from soulprint.importing.fingerprints import fingerprint
    from soulprint.importing.reconciliation import PROBLEMS, Report, explained
    from soulprint.importing.life import begun, is_imported, reclaim, run, taken_up
    from soulprint.importing.writing import Progress

__all__ = [
    "PROBLEMS",
    "Progress",
    "Report",
    "begun",
    "explained",
    "fingerprint",
    "is_imported",
    "reclaim",
    "run",
    "taken_up",
]
_HOMES = {"fingerprint": "fingerprints", "Progress": "writing"} | dict.fromkeys(
    ("PROBLEMS", "Report", "explained"), "reconciliation"
)


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(name)
    return getattr(importlib.import_module(f"soulprint.importing.{_HOMES.get(name, 'life')}"), name)

"""Reads chat exports. In: paths of files, folders and archives. Out: conversations, messages and claims as rows, and a
report of what became of each element."""

from soulprint.importing.reconciliation import PROBLEMS, Report, explained
from soulprint.importing.run import Progress, begun, reclaim, run, taken_up

__all__ = ["PROBLEMS", "Progress", "Report", "begun", "explained", "reclaim", "run", "taken_up"]

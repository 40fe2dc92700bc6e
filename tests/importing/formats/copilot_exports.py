"""Tables as Microsoft's privacy dashboard writes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Literal

MEMBER = "copilot-activity-history.csv"
HEADER = ("Conversation", "Time", "Author", "Message")
ROWS = (
    ("Garden", "2024-05-20T10:00:00", "Human", "How do I prune roses?"),
    ("Garden", "2024-05-20T10:00:00", "AI", "In March,\nabove a bud."),
    ("Garden", "2024-05-20T10:02:00", "Human", 'And the "old" ones, too?'),
    ("Garden", "2024-05-20T10:02:00", "AI", "Yes."),
    ("Sums", "2024-05-21T09:00:00", "Human", "=2+2"),
    ("Sums", "2024-05-21T09:00:00", "AI", "4"),
    ("Trip", "2024-05-22T09:00:00", "Human", "Где жить в Лионе?"),
    ("Trip", "2024-05-22T09:00:00", "AI", "Croix-Rousse 🚋"),
)
"""In the order of time, oldest first."""


def table(
    rows: Sequence[Sequence[str]],
    header: Sequence[str] = HEADER,
    *,
    delimiter: str = ",",
    end: str = "\r\n",
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL,
) -> bytes:
    """The rows as they are given, below the header."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(header)
    writer.writerows(rows)
    return file.getvalue().encode()


def sample() -> bytes:
    """Newest first, as the dashboard writes them."""
    return table([*reversed(ROWS)])

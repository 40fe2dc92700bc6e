"""Sizes of files, spans of time and prices as people read them."""

from __future__ import annotations

from decimal import Decimal


def readable(size: int) -> str:
    """`8589934592` -> `8.6 GB`."""
    value, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{size} bytes" if unit == "bytes" else f"{value:.1f} {unit}"


def duration(seconds: float) -> str:
    """`95` -> `2 min`."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(1, round(seconds))} s"


def dollars(cost: Decimal | float) -> str:
    """`Decimal("1.304")` -> `$1.30`; of less than a cent, `less than $0.01`."""
    return "less than $0.01" if 0 < cost < 0.01 else f"${cost:,.2f}"

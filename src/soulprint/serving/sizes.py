"""Sizes of files as people read them."""

from __future__ import annotations


def readable(size: int) -> str:
    """`8589934592` -> `8.6 GB`."""
    value, unit = float(size), "bytes"
    for larger in ("kB", "MB", "GB", "TB"):
        if value < 1000:
            break
        value, unit = value / 1000, larger
    return f"{size} bytes" if unit == "bytes" else f"{value:.1f} {unit}"

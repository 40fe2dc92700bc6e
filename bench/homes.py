"""Homes that go away with all that was measured in them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def home() -> Iterator[Path]:
    """A folder for as long as the block runs. Where root measures, the database's account can pass through it: it
    would lie elsewhere, and stay there."""
    with tempfile.TemporaryDirectory(prefix="soulprint-bench-") as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)

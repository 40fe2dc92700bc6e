"""The processes that read, for tests."""

from __future__ import annotations

from contextlib import suppress

import psutil  # type: ignore[import-untyped]

from soulprint.importing.engine import readers


def of(process: psutil.Process | None = None) -> list[psutil.Process]:
    """Those of this process or another that are alive."""
    return [each for each in (process or psutil.Process()).children() if _reads(each)]


def _reads(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):  # a dead one that nobody waited for yet is none either
        return readers.PROGRAM in process.cmdline()
    return False

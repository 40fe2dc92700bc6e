"""Feeds the importer what a fuzzer makes of the sample exports.

    python -m tests.importing.fuzz -max_total_time=30

Options are libFuzzer's own. Without atheris, which has no build for every platform, it says so and ends.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
from pathlib import Path

try:
    import atheris  # type: ignore[import-untyped]
except ImportError:
    atheris = None

OPTIONS = [
    "-timeout=20",
    "-rss_limit_mb=1024",
    "-max_len=65536",
    "-len_control=0",
    "-verbosity=0",
    "-print_final_stats=1",
]


def main() -> None:
    if atheris is None:
        print("Fuzzing is skipped: atheris has no build for this Python and platform.")
        return
    with atheris.instrument_imports(include=["soulprint.importing"]):
        fuzzed = importlib.import_module("tests.importing.fuzzed")
    with tempfile.TemporaryDirectory() as scratch, tempfile.TemporaryDirectory() as corpus:
        fuzzed.write_corpus(Path(corpus))
        atheris.Setup([sys.argv[0], *OPTIONS, *sys.argv[1:], corpus], lambda data: fuzzed.check(data, Path(scratch)))
        atheris.Fuzz()


if __name__ == "__main__":
    main()

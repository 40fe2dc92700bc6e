"""Runs every measurement and prints its table."""

from __future__ import annotations

import subprocess
import sys

MEASUREMENTS = (
    "bench.importing",
    "bench.first_profile",
    "bench.chunking",
    "bench.consolidation",
    "bench.recall",
    "bench.vectors",
    "bench.calls",
    "bench.full_pass",
    "bench.chat",
    "bench.pages",
)

for module in MEASUREMENTS:
    print(f"\n## {module}\n", flush=True)
    subprocess.run([sys.executable, "-m", module], check=True)

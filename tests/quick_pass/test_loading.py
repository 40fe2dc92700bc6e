from __future__ import annotations

import subprocess
import sys

LATE = {"pydantic_ai", "onnxruntime", "numpy", "py3langid", "fastapi", "alembic", "soulprint.quick_pass.drafting"}
"""What takes long to load and most commands don't need."""


def test_the_command_line_loads_only_what_every_command_needs() -> None:
    program = f"import sys, soulprint.serving.cli; print(*sys.modules.keys() & {LATE!r})"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == []

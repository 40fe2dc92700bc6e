"""How the person writes, measured for plots."""

from __future__ import annotations

revision = "2026_11_25_measured_style"
down_revision = "2026_11_25_line_edits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass

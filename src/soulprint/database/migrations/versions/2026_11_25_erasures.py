"""Receipts of what was erased."""

from __future__ import annotations

revision = "2026_11_25_erasures"
down_revision = "2026_11_25_choices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass

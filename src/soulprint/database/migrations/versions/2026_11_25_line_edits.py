"""What the person wrote in the place of lines of the profile."""

from __future__ import annotations

revision = "2026_11_25_line_edits"
down_revision = "2026_11_24_recall_and_chat"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass

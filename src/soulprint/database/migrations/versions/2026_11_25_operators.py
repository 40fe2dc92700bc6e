"""What an operator may read of all accounts."""

from __future__ import annotations

revision = "2026_11_25_operators"
down_revision = "2026_11_25_erasures"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass

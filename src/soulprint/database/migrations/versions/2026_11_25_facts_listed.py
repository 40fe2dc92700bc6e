"""What a search for facts looks through: row security keeps an index of words from being used, and a plain text in one
case is looked through fast enough."""

from __future__ import annotations

from alembic import op

revision = "2026_11_25_facts_listed"
down_revision = "2026_11_25_measured_style"
branch_labels = None
depends_on = None


SOUGHT = "alter table {} add column sought text not null generated always as ({}) stored"


def upgrade() -> None:
    op.execute(SOUGHT.format("facts", "lower(statement || ' ' || about)"))
    op.execute(SOUGHT.format("fact_sources", "lower(quote)"))

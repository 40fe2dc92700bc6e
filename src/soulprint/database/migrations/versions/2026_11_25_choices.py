"""What a person has set for themself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_choices"
down_revision = "2026_11_25_facts_listed"
branch_labels = None
depends_on = None

OWN = "user_id = (select nullif(current_setting('soulprint.account', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "choices",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("values", postgresql.JSONB(), nullable=False),
        sa.Column("keys", postgresql.JSONB(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_choices_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_choices")),
    )
    op.execute("alter table choices enable row level security")
    op.execute("alter table choices force row level security")
    op.execute(f"create policy own_rows on choices using ({OWN}) with check ({OWN})")

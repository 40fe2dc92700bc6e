"""Receipts of what was erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_erasures"
down_revision = "2026_11_25_choices"
branch_labels = None
depends_on = None

OWN = "user_id = (select nullif(current_setting('soulprint.account', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("rows", postgresql.JSONB(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("rewritten", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_erasures_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_user_id"), "erasures", ["user_id"])
    op.execute("alter table erasures enable row level security")
    op.execute("alter table erasures force row level security")
    op.execute(f"create policy own_rows on erasures using ({OWN}) with check ({OWN})")

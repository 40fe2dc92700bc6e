"""What the person wrote in the place of lines of the profile."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_line_edits"
down_revision = "2026_11_24_recall_and_chat"
branch_labels = None
depends_on = None

OWN = "user_id = (select nullif(current_setting('soulprint.account', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "line_edits",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("former", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("written", postgresql.JSONB(none_as_null=True), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("replaced_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_line_edits_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_line_edits_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["replaced_by"], ["line_edits.id"], name=op.f("fk_line_edits_replaced_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_line_edits")),
    )
    op.create_index(op.f("ix_line_edits_user_id_id"), "line_edits", ["user_id", "id"])
    op.create_index(op.f("ix_line_edits_message_id"), "line_edits", ["message_id"])
    op.create_index(op.f("ix_line_edits_replaced_by"), "line_edits", ["replaced_by"])
    op.execute("alter table line_edits enable row level security")
    op.execute("alter table line_edits force row level security")
    op.execute(f"create policy own_rows on line_edits using ({OWN}) with check ({OWN})")

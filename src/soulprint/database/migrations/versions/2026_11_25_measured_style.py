"""How the person writes, measured for plots."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_25_measured_style"
down_revision = "2026_11_25_line_edits"
branch_labels = None
depends_on = None

OWN = "user_id = (select nullif(current_setting('soulprint.account', true), '')::uuid)"


def upgrade() -> None:
    op.create_table(
        "measured_styles",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("portrait", postgresql.JSONB(), nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=op.f("fk_measured_styles_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_measured_styles")),
    )
    op.execute("alter table measured_styles enable row level security")
    op.execute("alter table measured_styles force row level security")
    op.execute(f"create policy own_rows on measured_styles using ({OWN}) with check ({OWN})")

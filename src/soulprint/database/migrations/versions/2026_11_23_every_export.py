"""Every export: what a conversation's borders and times rest on, the finished members of imports, what is forgotten,
and search vectors that the program makes instead of the database."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_23_every_export"
down_revision = "2026_11_22_full_pass"
branch_labels = None
depends_on = None

ACCOUNT = "nullif(current_setting('soulprint.account', true), '')::uuid"


def upgrade() -> None:
    op.add_column("conversations", sa.Column("is_inferred", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("conversations", sa.Column("zone_known", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column("conversations", sa.Column("user_messages", sa.Integer(), server_default="0", nullable=False))
    op.add_column("conversations", sa.Column("user_characters", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("conversations", sa.Column("first_message_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("last_message_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("conversations", sa.Column("absent_from", sa.UUID(), nullable=True))
    op.create_foreign_key(
        op.f("fk_conversations_absent_from"), "conversations", "imports", ["absent_from"], ["id"], ondelete="SET NULL"
    )
    op.drop_constraint("fk_messages_user_id", "messages")
    op.add_column("imports", sa.Column("fingerprint", sa.Text(), nullable=True))
    op.execute("alter table messages alter column search drop expression")
    # Vectors are written as they are: to compress them takes longer than to write and read them.
    op.execute("alter table messages alter column search set storage external")
    op.execute("alter table messages set (toast_tuple_target = 8160)")
    op.create_table(
        "import_members",
        sa.Column("import_id", sa.UUID(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("tally", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("finished", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_members_import_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=op.f("fk_import_members_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", "fingerprint", name=op.f("pk_import_members")),
    )
    op.create_index(op.f("ix_import_members_user_id"), "import_members", ["user_id"], unique=False)
    op.create_table(
        "forgotten_conversations",
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("newest_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=op.f("fk_forgotten_conversations_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_forgotten_conversations")),
    )
    op.create_index(op.f("ix_forgotten_conversations_user_id"), "forgotten_conversations", ["user_id"], unique=False)
    for table in ("import_members", "forgotten_conversations"):
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy own_rows on {table} using (user_id = {ACCOUNT}) with check (user_id = {ACCOUNT})")

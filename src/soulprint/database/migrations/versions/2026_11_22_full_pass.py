"""The full pass: chunks, facts with their proof, a run's stages and tasks, batches of requests, the outbox, workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_full_pass"
down_revision = "2026_11_22_first_tables"
branch_labels = None
depends_on = None

PERSONAL = (
    "conversation_chunks",
    "facts",
    "fact_sources",
    "extractions",
    "run_tasks",
    "run_stages",
    "llm_batches",
    "notices",
)
ACCOUNT = "nullif(current_setting('soulprint.account', true), '')::uuid"

# A fact without a source is not stored: whatever takes the last source away takes the fact along.
UNPROVED = """
create function drop_unproved_facts() returns trigger language plpgsql as $$
begin
    delete from facts
    where id in (select fact_id from gone where fact_id is not null)
        and origin <> 'person'
        and not exists (select from fact_sources where fact_sources.fact_id = facts.id);
    return null;
end
$$
"""
AFTER_DELETE = """
create trigger fact_sources_gone after delete on fact_sources
referencing old table as gone for each statement execute function drop_unproved_facts()
"""


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_workers")),
    )
    op.create_table(
        "facts",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("status", sa.Text(), server_default="active", nullable=False),
        sa.Column("origin", sa.Text(), server_default="import", nullable=False),
        sa.Column("said_first", sa.DateTime(timezone=True), nullable=True),
        sa.Column("said_last", sa.DateTime(timezone=True), nullable=True),
        sa.Column("true_from", sa.Date(), nullable=True),
        sa.Column("true_to", sa.Date(), nullable=True),
        sa.Column("superseded_by", sa.BigInteger(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["superseded_by"], ["facts.id"], name=op.f("fk_facts_superseded_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_facts_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_facts")),
    )
    op.create_index(op.f("ix_facts_superseded_by"), "facts", ["superseded_by"], unique=False)
    op.create_index(op.f("ix_facts_user_id_category_about"), "facts", ["user_id", "category", "about"], unique=False)
    op.create_table(
        "extractions",
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("run_id", sa.UUID(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_extractions_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_extractions_run_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_extractions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_extractions")),
    )
    op.create_index(op.f("ix_extractions_user_id"), "extractions", ["user_id"], unique=False)
    op.create_table(
        "llm_batches",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("run_id", sa.UUID(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("handle", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("requests", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_llm_batches_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_llm_batches_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_llm_batches")),
    )
    op.create_index(op.f("ix_llm_batches_run_id"), "llm_batches", ["run_id"], unique=False)
    op.create_index(op.f("ix_llm_batches_user_id"), "llm_batches", ["user_id"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("run_id", sa.UUID(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_notices_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_notices_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("run_id", "kind", "channel", name=op.f("uq_notices_run_id_kind_channel")),
    )
    op.create_index(op.f("ix_notices_user_id_created_at"), "notices", ["user_id", "created_at"], unique=False)
    op.create_table(
        "run_stages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("run_id", sa.UUID(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_stages_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_run_stages_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_stages")),
        sa.UniqueConstraint("run_id", "name", name=op.f("uq_run_stages_run_id_name")),
    )
    op.create_index(op.f("ix_run_stages_user_id"), "run_stages", ["user_id"], unique=False)
    op.create_table(
        "run_tasks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("run_id", sa.UUID(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("status", sa.Text(), server_default="pending", nullable=False),
        sa.Column("result", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_run_tasks_run_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_run_tasks_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_tasks")),
        sa.UniqueConstraint("run_id", "stage", "number", name=op.f("uq_run_tasks_run_id_stage_number")),
    )
    op.create_index(op.f("ix_run_tasks_user_id"), "run_tasks", ["user_id"], unique=False)
    op.create_table(
        "conversation_chunks",
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("message_count", sa.Integer(), nullable=False),
        sa.Column("chunk_tier", sa.Text(), nullable=False),
        sa.Column("is_recent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("first_message_id", sa.BigInteger(), nullable=False),
        sa.Column("last_message_id", sa.BigInteger(), nullable=False),
        sa.Column("tokens", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name=op.f("fk_conversation_chunks_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["first_message_id"],
            ["messages.id"],
            name=op.f("fk_conversation_chunks_first_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["last_message_id"],
            ["messages.id"],
            name=op.f("fk_conversation_chunks_last_message_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=op.f("fk_conversation_chunks_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversation_chunks")),
        sa.UniqueConstraint(
            "conversation_id",
            "chunk_tier",
            "number",
            name=op.f("uq_conversation_chunks_conversation_id_chunk_tier_number"),
        ),
    )
    op.create_index(
        op.f("ix_conversation_chunks_user_id_created_at"),
        "conversation_chunks",
        ["user_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "fact_sources",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("fact_id", sa.BigInteger(), nullable=True),
        sa.Column("run_id", sa.UUID(), nullable=True),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("true_from", sa.Date(), nullable=True),
        sa.Column("true_to", sa.Date(), nullable=True),
        sa.Column("engine", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_fact_sources_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["fact_id"], ["facts.id"], name=op.f("fk_fact_sources_fact_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_fact_sources_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_fact_sources_run_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_fact_sources_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_sources")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq_fact_sources_user_id_key")),
    )
    op.create_index(op.f("ix_fact_sources_conversation_id"), "fact_sources", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_fact_sources_fact_id"), "fact_sources", ["fact_id"], unique=False)
    op.create_index(op.f("ix_fact_sources_message_id"), "fact_sources", ["message_id"], unique=False)
    op.add_column("llm_answers", sa.Column("run_id", sa.UUID(), nullable=True))
    op.create_index(op.f("ix_llm_answers_run_id_role"), "llm_answers", ["run_id", "role"], unique=False)
    op.create_foreign_key(op.f("fk_llm_answers_run_id"), "llm_answers", "runs", ["run_id"], ["id"], ondelete="SET NULL")
    op.add_column("runs", sa.Column("ceiling_usd", sa.Numeric(precision=12, scale=6), nullable=True))
    op.add_column(
        "runs",
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False),
    )
    op.execute(UNPROVED)
    op.execute(AFTER_DELETE)
    for table in PERSONAL:
        op.execute(f"alter table {table} enable row level security")
        op.execute(f"alter table {table} force row level security")
        op.execute(f"create policy own_rows on {table} using (user_id = {ACCOUNT}) with check (user_id = {ACCOUNT})")

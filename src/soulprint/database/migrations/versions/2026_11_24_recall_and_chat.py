"""Recall and chat: passages that are searched and their vectors, facts that the person changes, chats that branch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from soulprint.database import vectors

revision = "2026_11_24_recall_and_chat"
down_revision = "2026_11_23_every_export"
branch_labels = None
depends_on = None

ACCOUNT = "nullif(current_setting('soulprint.account', true), '')::uuid"

DELETE_POSTINGS = """
create function delete_postings() returns trigger language plpgsql as $$ begin
    delete from postings using gone where postings.user_id = gone.user_id and postings.block_id = gone.id;
    return null;
end $$
"""

POSTINGS_GO_WITH_BLOCKS = """
create trigger postings_go_with_blocks after delete on search_blocks
referencing old table as gone for each statement execute function delete_postings()
"""

SOURCES_AS_RECALLED = """
update thread_messages set sources = (
    select coalesce(jsonb_agg(jsonb_build_object(
        'kind', 'passage', 'score', 0, 'why', '', 'text', quote -> 'text', 'title', quote -> 'title',
        'conversation_id', quote -> 'conversation_id', 'date', quote -> 'said_at',
        'said', jsonb_build_array(quote || '{"provider_id": ""}')
    ) order by place), '[]')
    from jsonb_array_elements(sources) with ordinality as quotes (quote, place)
)
"""

CHAIN_MESSAGES = """
update thread_messages set parent_id = chained.before
from (select id, lag(id) over (partition by thread_id order by id) as before from thread_messages) as chained
where chained.id = thread_messages.id
"""

SHOW_NEWEST = """
update threads set leaf_id = (select max(id) from thread_messages where thread_id = threads.id)
"""

COUNT_MESSAGES = """
update conversations set
    user_messages = counted.users, user_characters = counted.characters,
    first_message_at = counted.first_at, last_message_at = counted.last_at
from (
    select conversation_id, count(*) filter (where role = 'user') as users,
        coalesce(sum(char_length(text)) filter (where role = 'user'), 0) as characters,
        min(sent_at) as first_at, max(sent_at) as last_at
    from messages where on_branch and modality <> 'attachment' group by conversation_id
) as counted
where counted.conversation_id = conversations.id and user_messages = 0
"""
"""For conversations that are older than the columns, which the migration before adds."""


def upgrade() -> None:
    _conversations()
    _passages()
    _facts()
    _threads()


def _conversations() -> None:
    with _seen("conversations", "messages"):
        op.execute(COUNT_MESSAGES)


def _passages() -> None:
    op.drop_column("messages", "search")
    op.add_column("conversations", sa.Column("indexed_hash", sa.LargeBinary(), nullable=True))
    op.create_table(
        "passages",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("conversation_id", sa.UUID(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("by_person", sa.Boolean(), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("context_words", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_passages_conversation_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_passages_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passages")),
    )
    op.create_index(op.f("ix_passages_conversation_id"), "passages", ["conversation_id"])
    op.create_index(op.f("ix_passages_message_id"), "passages", ["message_id"])
    op.create_index(op.f("ix_passages_user_id_id"), "passages", ["user_id", "id"])
    op.create_index(op.f("ix_passages_user_id_said_at"), "passages", ["user_id", "said_at"])
    op.create_table(
        "search_blocks",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("passages", sa.Integer(), nullable=False),
        sa.Column("numbers", sa.Integer(), nullable=False),
        sa.Column("first", sa.ARRAY(sa.Integer()), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=op.f("fk_search_blocks_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_blocks")),
    )
    op.create_index(op.f("ix_search_blocks_user_id"), "search_blocks", ["user_id"])
    op.create_table(
        "postings",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.Column("block_id", sa.BigInteger(), nullable=False),
        sa.Column("places", sa.ARRAY(sa.Integer()), nullable=False),
        sa.PrimaryKeyConstraint("user_id", "word", "block_id", name=op.f("pk_postings")),
    )
    op.create_table(
        "search_totals",
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("passages", sa.BigInteger(), nullable=False),
        sa.Column("context_words", sa.Float(), nullable=False),
        sa.Column("languages", postgresql.JSONB(), nullable=False),
        sa.Column("vectors_by", sa.Text(), nullable=True),
        sa.Column("names", postgresql.JSONB(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["accounts.id"], name=op.f("fk_search_totals_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_search_totals")),
    )
    for table in ("passages", "search_blocks", "postings", "search_totals"):
        _guard(table)
    op.execute(DELETE_POSTINGS)
    op.execute(POSTINGS_GO_WITH_BLOCKS)
    vectors.make(op.get_bind())


def _facts() -> None:
    op.create_table(
        "fact_changes",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.UUID(), nullable=False),
        sa.Column("fact_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("former_id", sa.BigInteger(), nullable=True),
        sa.Column("former_status", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["fact_id"], ["facts.id"], name=op.f("fk_fact_changes_fact_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["former_id"], ["facts.id"], name=op.f("fk_fact_changes_former_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["accounts.id"], name=op.f("fk_fact_changes_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fact_changes")),
    )
    op.create_index(op.f("ix_fact_changes_user_id_id"), "fact_changes", ["user_id", "id"])
    op.create_index(op.f("ix_fact_changes_fact_id"), "fact_changes", ["fact_id"])
    _guard("fact_changes")


def _threads() -> None:
    op.add_column("threads", sa.Column("leaf_id", sa.BigInteger(), nullable=True))
    op.add_column("thread_messages", sa.Column("parent_id", sa.BigInteger(), nullable=True))
    op.create_foreign_key(
        op.f("fk_thread_messages_parent_id"),
        "thread_messages",
        "thread_messages",
        ["parent_id"],
        ["id"],
        ondelete="CASCADE",
    )
    op.create_index(op.f("ix_thread_messages_parent_id"), "thread_messages", ["parent_id"])
    op.add_column(
        "thread_messages", sa.Column("changes", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False)
    )
    op.add_column(
        "thread_messages",
        sa.Column("finished_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=True),
    )
    op.create_index(
        "ix_thread_messages_unfinished", "thread_messages", ["user_id"], postgresql_where=sa.text("finished_at is null")
    )
    with _seen("threads", "thread_messages"):
        for statement in (SOURCES_AS_RECALLED, CHAIN_MESSAGES, SHOW_NEWEST):
            op.execute(statement)


@contextmanager
def _seen(*tables: str) -> Iterator[None]:
    """Let the owner of these tables, as whom migrations run, see the rows of all accounts."""
    for table in tables:
        op.execute(f"alter table {table} no force row level security")
    yield
    for table in tables:
        op.execute(f"alter table {table} force row level security")


def _guard(table: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(f"create policy own_rows on {table} using (user_id = {ACCOUNT}) with check (user_id = {ACCOUNT})")

"""The table of vectors, which needs pgvector. It is made with the other tables, or as soon as the database has it."""

from __future__ import annotations

from sqlalchemy import Connection, text

EXTENSION = """
do $$ begin
    if exists (select from pg_available_extensions where name = 'vector') then
        create extension if not exists vector;
    end if;
exception when insufficient_privilege then null;
end $$
"""

TABLE = """
create table passage_vectors (
    passage_id bigint not null,
    model text not null,
    user_id uuid not null,
    embedding halfvec,
    bits "bit" generated always as (binary_quantize(embedding)) stored,
    created_at timestamptz not null default now(),
    constraint pk_passage_vectors primary key (passage_id, model),
    constraint fk_passage_vectors_passage_id foreign key (passage_id) references passages (id) on delete cascade
)
"""

OWN = "user_id = (select nullif(current_setting('soulprint.account', true), '')::uuid)"
"""As a query of its own, it is asked once a statement and not once a row."""

GUARD = (
    "create index ix_passage_vectors_user_id_model_passage_id on passage_vectors (user_id, model, passage_id) "
    "include (bits)",
    "alter table passage_vectors enable row level security",
    "alter table passage_vectors force row level security",
    f"create policy own_rows on passage_vectors using ({OWN}) with check ({OWN})",
)

LOCK = "select pg_advisory_xact_lock(hashtextextended('table of vectors', 0))"
IS_THERE = "select to_regclass('passage_vectors') is not null"
IS_POSSIBLE = "select to_regtype('halfvec') is not null"


def make(connection: Connection) -> bool:
    """Make the table where it is missing, in the connection's transaction; gives whether it is there now. It is not
    where the database has no pgvector of version 0.7 or newer, or doesn't let this user install it."""
    connection.execute(text(LOCK))
    if connection.scalar(text(IS_THERE)):
        return True
    connection.exec_driver_sql(EXTENSION)
    if not connection.scalar(text(IS_POSSIBLE)):
        return False
    for statement in (TABLE, *GUARD):
        connection.exec_driver_sql(statement)
    return True

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, func, insert, select, text

from soulprint.database import Database, launcher, migrate, upgrade
from soulprint.database.engine import driver_url
from soulprint.records import Base, Conversation, Thread
from tests import administering

pytestmark = pytest.mark.anyio


@pytest.fixture
def connection(server: launcher.Server) -> Iterator[Connection]:
    engine = create_engine(driver_url(server.url))
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_migrations_make_the_tables_of_the_records(connection: Connection) -> None:
    assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_every_table_with_a_persons_data_is_guarded_even_from_its_owner(connection: Connection) -> None:
    query = text("select relname from pg_class where relrowsecurity and relforcerowsecurity")
    guarded = set(connection.scalars(query))
    assert guarded == {table.name for table in Base.metadata.tables.values() if "user_id" in table.columns}


def test_the_newest_migration_is_known_without_alembic() -> None:
    assert ScriptDirectory.from_config(upgrade.configuration()).get_heads() == [migrate.head()]


def test_migrating_again_changes_nothing(server: launcher.Server, connection: Connection) -> None:
    migrate.migrate(driver_url(server.url))
    assert migrate.current(connection) == migrate.head()


OLDER_ROWS = (
    "insert into accounts (id) values (:account)",
    "insert into conversations (id, user_id, provider, provider_id, message_count, content_hash) "
    "values (:conversation, :account, 'chatgpt', 'c', 2, '')",
    "insert into messages (user_id, conversation_id, provider_id, position, role, text, sent_at, on_branch, modality) "
    "values (:account, :conversation, 'm1', 0, 'user', 'Héllo', '2024-05-01', true, 'typed'), "
    "(:account, :conversation, 'm2', 1, 'assistant', 'Hi', '2024-05-02', true, 'typed')",
)


@pytest.fixture
def older(server: launcher.Server) -> Iterator[Connection]:
    """A database of its own, still empty, as its owner."""
    owner = driver_url(server.url).set(database="older")
    administering.create(server, "older")
    engine = create_engine(owner)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    administering.drop(server, "older")


def test_a_history_of_before_is_counted(older: Connection) -> None:
    config = upgrade.configuration()
    config.attributes["connection"] = older
    command.upgrade(config, "2026_11_22_full_pass")
    account = uuid.uuid4()
    own = text("select set_config('soulprint.account', :account, true)").bindparams(account=str(account))
    older.execute(own)
    for statement in OLDER_ROWS:
        older.execute(text(statement), {"account": account, "conversation": uuid.uuid5(account, "c")})
    older.commit()
    upgrade.upgrade(older)
    older.execute(own)
    held = older.execute(select(Conversation.user_messages, Conversation.user_characters)).one()
    times = older.execute(select(Conversation.first_message_at, Conversation.last_message_at)).one()
    assert held == (1, 5)
    assert [time.day for time in times] == [1, 2]


async def test_a_session_sees_the_rows_of_its_account_alone(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await session.execute(insert(Thread).values(user_id=account, title="mine"))
    counts = []
    for who in (account, uuid.uuid4(), None):
        async with database.session(who) as session:
            counts.append(await session.scalar(select(func.count()).select_from(Thread)))
    assert counts == [1, 0, 0]


async def test_a_lock_is_held_once(database: Database) -> None:
    async with database.hold("a run") as first, database.hold("a run") as second:
        assert (first, second) == (True, False)
    async with database.hold("a run") as again:
        assert again

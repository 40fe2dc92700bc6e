"""Brings the database to the newest tables, by itself, at start, under a lock."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from soulprint import errors
from soulprint.database.engine import first_line

LOCK = 0x5350_4D49  # "SPMI"


def migrate(url: URL) -> None:
    """Apply every migration that is missing. Safe to call from any number of processes at once: one works, the others
    wait. Raises `errors.DatabaseUnavailable`."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            if current(connection) == head():
                return
            connection.execute(text("select pg_advisory_lock(:lock)"), {"lock": LOCK})
            config = configuration()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            connection.execute(text("select pg_advisory_unlock(:lock)"), {"lock": LOCK})
    except OperationalError as error:
        raise errors.DatabaseUnavailable(reason=first_line(error)) from error
    finally:
        engine.dispose()


def current(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    revision = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    return revision


def head() -> str | None:
    """The newest revision there is."""
    return ScriptDirectory.from_config(configuration()).get_current_head()


def configuration() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config

"""Brings the database to the newest tables, by itself, at start, under a lock."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, func, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from soulprint import errors
from soulprint.database.engine import first_line, patience

LOCK = 0x5350_4D49  # "SPMI"
VERSIONS = Path(__file__).parent / "migrations" / "versions"


def migrate(url: URL) -> None:
    """Apply every migration that is missing. Safe to call from any number of processes at once: one works, the others
    wait. Raises `errors.DatabaseUnavailable`, and `errors.DatabaseUnusable`
    where it may not create tables."""
    engine = create_engine(url, connect_args=patience(url))
    try:
        with engine.connect() as connection:
            if current(connection) != head():
                _upgrade(connection)
    except OperationalError as error:
        raise errors.DatabaseUnavailable(reason=first_line(error)) from error
    except ProgrammingError as error:
        raise errors.DatabaseUnusable(reason=first_line(error)) from error
    finally:
        engine.dispose()


def _upgrade(connection: Connection) -> None:
    # Alembic takes a second to load and is needed once per release.
    from soulprint.database import upgrade

    connection.execute(select(func.pg_advisory_lock(LOCK)))
    upgrade.upgrade(connection)
    connection.execute(select(func.pg_advisory_unlock(LOCK)))
    connection.commit()


def current(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    if connection.scalar(select(func.to_regclass("alembic_version"))) is None:
        return None
    revision = connection.scalar(text("select version_num from alembic_version"))
    connection.rollback()
    return str(revision) if revision else None


def head() -> str:
    """The newest revision there is: a migration's file bears its revision as its name, which begins with its date."""
    return max(path.stem for path in VERSIONS.glob("*.py"))

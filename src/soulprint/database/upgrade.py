"""Runs the migrations with Alembic."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from soulprint.database.migrate import VERSIONS


def upgrade(connection: Connection) -> None:
    """Apply what is missing, all in the connection's transaction, and commit."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    connection.commit()


def configuration() -> Config:
    """Where the migrations are."""
    config = Config()
    config.set_main_option("script_location", str(VERSIONS.parent).replace("%", "%%"))
    return config

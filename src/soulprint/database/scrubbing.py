"""What is deleted stays in a database's files until its place is needed again. Here it is written over at once."""

from __future__ import annotations

from psycopg import Connection

from soulprint.database import launcher
from soulprint.database.launcher import Server

STATISTICS = """
delete from pg_statistic using pg_class, pg_namespace
where starelid = pg_class.oid and relnamespace = pg_namespace.oid and nspname = 'public'
"""
"""Samples of what stood in columns; those of tables that are empty now would stay."""

SEGMENTS = "select count(*) from pg_ls_waldir()"

STEP = "select pg_logical_emit_message(false, 'soulprint', ''), pg_switch_wal()"
"""Goes on to the next file of the log, and fills the rest of the one before with zeros."""


def scrub(server: Server) -> None:
    """Rewrite every table and the write-ahead log of the embedded server, which takes about as long as it takes to copy
    them. What filesystems and backups keep of the old files can't be reached from here."""
    with launcher.administrator(server, launcher.ROLE) as admin:
        admin.execute(STATISTICS)
        admin.execute("vacuum (full)")
        admin.execute("analyze")
        admin.execute("alter system set wal_recycle = off")
        try:
            admin.execute("select pg_reload_conf()")
            _renew_log(admin)
        finally:
            admin.execute("alter system reset wal_recycle")
            admin.execute("select pg_reload_conf()")


def _renew_log(admin: Connection) -> None:
    """Use up the files that stand ready, as they hold what was written to them before, and have all of them removed."""
    admin.execute("checkpoint")
    [(segments,)] = admin.execute(SEGMENTS).fetchall()
    for _ in range(segments + 1):
        admin.execute(STEP)
    admin.execute("checkpoint")
    admin.execute(STEP)
    admin.execute("checkpoint")

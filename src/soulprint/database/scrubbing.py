"""What is deleted stays in a database's files until its place is needed again. Here it is written over at once."""

from __future__ import annotations

import re
import time

from psycopg import Connection
from psycopg.errors import Diagnostic

from soulprint import errors
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

OLDER = """
select pid from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
    and greatest(age(backend_xmin), age(backend_xid)) >= age(%s::text::xid)
"""
"""Who may still see what was deleted before a transaction: while anybody may, no rewriting leaves it out."""

PATIENCE = 15.0
"""Seconds that they get to end; then they are ended."""

PAUSE = 0.1
KEPT = re.compile(r"^[1-9]\d* dead row versions? cannot be removed")
OURS = re.compile(r'^"(?:public|pg_toast)\.')
TRIES = 5


def scrub(server: Server) -> None:
    """Rewrite every table and the write-ahead log of the embedded server, which takes about as long as it takes to copy
    them. What filesystems and backups keep of the old files can't be reached from here.

    Raises `errors.EraseUnfinished` where something that was deleted stays in a table.
    """
    with launcher.administrator(server, launcher.ROLE) as admin:
        admin.execute(STATISTICS)
        _rewrite(admin)
        admin.execute("analyze")
        admin.execute("alter system set wal_recycle = off")
        try:
            admin.execute("select pg_reload_conf()")
            _renew_log(admin)
        finally:
            admin.execute("alter system reset wal_recycle")
            admin.execute("select pg_reload_conf()")


def _rewrite(admin: Connection) -> None:
    """Copy what is there into new files, until the server says that nothing else came along."""
    told: list[Diagnostic] = []
    admin.add_notice_handler(told.append)
    for _ in range(TRIES):
        _outlive(admin)
        told.clear()
        admin.execute("vacuum (full, verbose)")
        if not any(map(_came_along, told)):
            return
    raise errors.EraseUnfinished


def _outlive(admin: Connection) -> None:
    """Wait until every transaction has ended that began before now, or end it: the engine's own last half a second, a
    page or an export that is being made longer."""
    [(now,)] = admin.execute("select pg_current_xact_id()::xid::text").fetchall()
    deadline = time.monotonic() + PATIENCE
    while older := admin.execute(OLDER, (now,)).fetchall():
        if time.monotonic() > deadline:
            for (pid,) in older:
                admin.execute("select pg_terminate_backend(%s)", (pid,))
        time.sleep(PAUSE)


def _came_along(told: Diagnostic) -> bool:
    """Whether a table of ours was rewritten together with rows that were deleted from it."""
    return bool(KEPT.match(told.message_detail or "") and OURS.match(told.message_primary or ""))


def _renew_log(admin: Connection) -> None:
    """Use up the files that stand ready, as they hold what was written to them before, and have all of them removed."""
    admin.execute("checkpoint")
    [(segments,)] = admin.execute(SEGMENTS).fetchall()
    for _ in range(segments + 1):
        admin.execute(STEP)
    admin.execute("checkpoint")
    admin.execute(STEP)
    admin.execute("checkpoint")

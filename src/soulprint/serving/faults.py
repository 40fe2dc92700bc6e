"""Turns what libraries and the system raise into our own errors, which say what to do."""

from __future__ import annotations

import errno

from sqlalchemy.exc import DBAPIError

from soulprint import errors
from soulprint.settings import Settings

DISK_FULL = "53100"
"""SQLSTATE of a server without space."""


def explained(error: BaseException, settings: Settings) -> errors.SoulprintError | None:
    """`error` as one of ours; None for what nobody foresaw."""
    match error:
        case errors.SoulprintError():
            return error
        case DBAPIError():
            return _of_database(error, settings)
        case OSError(errno=errno.ENOSPC | errno.EDQUOT):
            return errors.NoSpace(folder=settings.home)
        case PermissionError():
            return errors.NoPermission(path=error.filename or settings.home)
        case _:
            return None


def _of_database(error: DBAPIError, settings: Settings) -> errors.SoulprintError | None:
    if getattr(error.orig, "sqlstate", None) == DISK_FULL:
        return errors.NoSpace(folder=settings.home)
    if error.connection_invalidated or type(error).__name__ in {"OperationalError", "InterfaceError"}:
        return errors.DatabaseUnavailable(reason="the connection was lost")
    return None

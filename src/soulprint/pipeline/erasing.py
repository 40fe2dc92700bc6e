"""Everything of an account, deleted: rows, uploads, what the durable engine keeps, and the bytes in the database's own
files. In: an account. Out: a receipt, and an account as on its first day."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections import Counter
from collections.abc import Sequence

from soulprint import choices, database, errors
from soulprint.database import Database
from soulprint.pipeline import passes, status, store
from soulprint.records import Erasure
from soulprint.settings import Settings

ROUNDS = 5
"""What was in flight when all was stopped may write a row still: it is deleted by the next round."""

BETWEEN = 1.0
"""Seconds."""


async def erase(db: Database, account: uuid.UUID, settings: Settings) -> Erasure:
    """Erase everything that is kept of `account`, and prove it: afterwards no table has a row of it, and no upload of
    it is there. A pass at work is stopped first. Interrupted, it is finished when it is asked for again.

    Raises `errors.ImportRunning` while an import is read or its profile written, and `errors.EraseUnfinished` where
    something keeps writing.
    """
    if (await status.status(db, account, settings)).is_taking_in:
        raise errors.ImportRunning
    stopped = await passes.stop(db, account, settings)
    async with db.session(account) as session:
        uploads = await store.uploaded(session)
    files = await asyncio.to_thread(_delete_files, settings, account, uploads)
    await choices.forget_keys(db, account)
    rows = await _delete_rows(db, account, again=stopped is not None)
    rewritten = await database.scrub(db)
    async with db.session(account) as session:
        return await store.note_erasure(session, account, dict(rows), files, rewritten=rewritten)


async def _delete_rows(db: Database, account: uuid.UUID, *, again: bool) -> Counter[str]:
    rows: Counter[str] = Counter()
    for _ in range(ROUNDS):
        async with db.session(account) as session:
            await store.forget_workflows(session, await store.workflows(session))
            rows.update(await store.erase(session, account))
        if again:
            await asyncio.sleep(BETWEEN)
        async with db.session(account) as session:
            if not any((await store.rows(session, account)).values()):
                return rows
        again = True
    raise errors.EraseUnfinished


def _delete_files(settings: Settings, account: uuid.UUID, uploads: Sequence[str]) -> int:
    """Delete what the account handed over; gives how many files."""
    unfinished = settings.unfinished / account.hex
    found = [path for name in uploads if (path := settings.uploads / name).is_file()]
    count = len(found) + sum(path.is_file() for path in unfinished.rglob("*"))
    for path in found:
        path.unlink(missing_ok=True)
    shutil.rmtree(unfinished, ignore_errors=True)
    return count

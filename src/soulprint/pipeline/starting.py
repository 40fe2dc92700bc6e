"""Starts full passes, and begins again what has no workflow any more. Needs a worker in this process."""

from __future__ import annotations

import uuid
from decimal import Decimal

from soulprint import llm
from soulprint.database import Database
from soulprint.pipeline import engine, passes, store
from soulprint.pipeline.estimate import Estimate, estimate, is_free
from soulprint.settings import Settings


async def start(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    *,
    again: bool = False,
    ceiling: Decimal | None = None,
    retry: bool = False,
    expected: Estimate | None = None,
) -> uuid.UUID:
    """Start a full pass and give its run; the one at work where there is one.

    `again` reads also what another model or prompt has read. `ceiling` is what it may cost at the most, in US dollars;
    without it the setting's, and then `errors.OverCeiling` is raised for a pass that would cost more. `retry` stops a
    pass that is at work and begins one that does what that left. `expected` is the estimate, where it was made already.
    """
    llm.check(settings)
    async with db.session(account) as session:
        active = await store.running(session, store.FULL)
    if active and not retry:
        await engine.ensure(engine.PASS, str(active[0]), account)
        return active[0]
    if retry:
        await passes.stop(db, account, settings, error="It was begun anew.")
    most = passes.ceiling(settings) if ceiling is None else ceiling
    plan = {"again": again, "batch": False}
    if not is_free(settings):
        expected = expected or await estimate(db, account, settings, again=again)
        if ceiling is None and (refusal := passes.refused(expected, most, settings)):
            raise refusal
        plan["batch"] = passes.in_batches(expected, most, settings)
    async with db.session(account) as session:
        model = llm.model_name(settings, llm.Role.EXTRACT)
        run = await store.begin_pass(session, account, uuid.uuid4(), model, most, plan)
    await resume(db, account)
    return run


async def resume(db: Database, account: uuid.UUID) -> None:
    """See to every full pass of the account that is at work by its row, whatever became of its workflow, and to every
    notice that waits."""
    async with db.session(account) as session:
        active = await store.running(session, store.FULL)
        notices = await store.waiting_notices(session)
    for run in active:
        await engine.ensure(engine.PASS, str(run), account)
    for notice in notices:
        await engine.ensure(engine.DELIVERY, str(notice), account)

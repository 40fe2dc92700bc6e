"""What operators see, over several accounts, and what they never do."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from soulprint import errors, operating
from soulprint.database import Database
from soulprint.llm import store as journal
from soulprint.llm.roles import Role
from soulprint.operating import Wanted
from soulprint.records import Base, Run, RunStage, RunTask
from soulprint.settings import Settings
from tests import rows

pytestmark = pytest.mark.anyio

NOW = datetime.now(UTC).replace(microsecond=0)
SEEN = frozenset({"runs", "run_stages", "expenses"})
"""All tables that an operator's session shows rows of, beside those that hold no person's data."""


async def add_run(database: Database, account: uuid.UUID, **values: Any) -> uuid.UUID:
    run = uuid.uuid4()
    began = values.pop("started_at", NOW - timedelta(minutes=10))
    took = values.pop("seconds", None)
    ended = began + timedelta(seconds=took) if took is not None else None
    given = {"kind": "full", "status": "complete", "model": "local"} | values
    async with database.session(account) as session:
        row = {"id": run, "user_id": account, "started_at": began, "finished_at": ended} | given
        await session.execute(insert(Run).values(row))
    return run


async def add_answer(database: Database, account: uuid.UUID, run: uuid.UUID | None = None, **values: Any) -> None:
    given = {"role": Role.EXTRACT, "model": "openai:x", "cost": Decimal("0.25"), "answer": {"said": "I row."}}
    counts: dict[str, Any] = {"input_tokens": 100, "output_tokens": 10, "seconds": 2.0, "prompt": None, "run": run}
    async with database.session(account) as session:
        await journal.keep(session, account, journal.Entry(uuid.uuid4().bytes, **counts | given | values))


async def test_passes_of_all_accounts_are_counted(database: Database, account: uuid.UUID, stranger: uuid.UUID) -> None:
    before = {pace.kind: pace for pace in (await operating.overview(database)).paces}.get("full")
    for seconds in (10, 20, 30):
        await add_run(database, account, seconds=seconds)
    await add_run(database, stranger, seconds=600, status="failed", error="I live in Lyon", error_kind="TooManyFailed")
    await add_run(database, stranger, status="paused", error_kind="CeilingReached", seconds=5)
    await add_run(database, stranger, started_at=NOW - timedelta(days=40), seconds=5)
    now = await operating.overview(database)
    full = {pace.kind: pace for pace in now.paces}["full"]
    assert full.passes - (before.passes if before else 0) == 5
    assert full.complete - (before.complete if before else 0) == 3
    assert full.failed - (before.failed if before else 0) == 1
    assert full.success is not None
    assert full.success < 1
    reasons = {(failure.kind, failure.reason) for failure in now.failures}
    assert {("full", "TooManyFailed"), ("full", "CeilingReached")} <= reasons
    assert "Lyon" not in repr(now)
    assert sum(day.passes for day in now.days if day.day == NOW.date()) >= 5


async def test_what_answers_cost_is_told_by_model_and_account(
    database: Database, account: uuid.UUID, stranger: uuid.UUID
) -> None:
    model = f"openai:{uuid.uuid4().hex[:6]}"
    for _ in range(3):
        await add_answer(database, account, model=model)
    await add_answer(database, stranger, model=model, role=Role.CHAT, cost=None)
    now = await operating.overview(database)
    costs = {(cost.subject, cost.role): cost for cost in now.models if cost.subject == model}
    assert costs[model, "extract"].calls == 3
    assert costs[model, "extract"].cost_usd == costs[model, "extract"].today == Decimal("0.75")
    assert costs[model, "extract"].input_tokens == 300
    assert costs[model, "chat"].cost_usd == 0
    by_account = {cost.subject: cost for cost in now.accounts}
    assert by_account[str(account)].cost_usd == Decimal("0.75")


async def test_a_pass_is_shown_with_its_stages_and_failures(database: Database, account: uuid.UUID) -> None:
    run = await add_run(database, account, status="failed", seconds=60, error_kind="TooManyFailed")
    async with database.session(account) as session:
        await session.execute(insert(RunStage).values(user_id=account, run_id=run, name="extract"))
        for number, kind in enumerate(["ModelTooSlow", "ModelTooSlow", "ModelAnswerUnusable"]):
            values = {"user_id": account, "run_id": run, "stage": "extract", "number": number, "payload": {}}
            failed = {"status": "failed", "error": "it said: I row", "error_kind": kind}
            await session.execute(insert(RunTask).values(values | failed))
    await add_answer(database, account, run)
    found = await operating.run(database, run)
    assert found.row.reason == "TooManyFailed"
    assert [(stage.name, stage.failed, stage.calls) for stage in found.state.stages] == [("extract", 3, 1)]
    assert {(failure.reason, failure.tasks) for failure in found.failures} == {
        ("ModelTooSlow", 2),
        ("ModelAnswerUnusable", 1),
    }
    with pytest.raises(errors.NotFound):
        await operating.run(database, uuid.uuid4())


async def test_passes_are_listed_by_pages_and_narrowed(
    database: Database, account: uuid.UUID, stranger: uuid.UUID
) -> None:
    mine = [await add_run(database, account, started_at=NOW - timedelta(minutes=n), seconds=1) for n in range(5)]
    await add_run(database, stranger, seconds=1)
    wanted = Wanted(account=account)
    first = await operating.runs(database, wanted, most=3)
    rest = await operating.runs(database, wanted, before=first[-1].id, most=3)
    assert [row.id for row in [*first, *rest]] == mine
    assert await operating.runs(database, Wanted(account=account, status="failed")) == []
    assert len(await operating.runs(database, Wanted(account=account, day=NOW.date()))) >= 1
    assert await operating.runs(database, Wanted(account=account, day=date(2001, 1, 1))) == []


async def test_an_account_is_how_much_there_is_of_it(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await rows.add_conversation(session, account, ["I live in Lyon."])
    await add_answer(database, account)
    found = []
    after = None
    while page := await operating.accounts(database, after=after, most=50):
        found += page
        after = page[-1].id
    [row] = [row for row in found if row.id == account]
    assert (row.conversations, row.facts, row.spent) == (1, 0, Decimal("0.25"))
    assert len({row.id for row in found}) == len(found)


async def test_an_operator_reads_nothing_that_anybody_wrote(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await rows.add_conversation(session, account, ["I live in Lyon."])
    await add_run(database, account, seconds=1)
    await add_answer(database, account)
    owned = [table.name for table in Base.metadata.sorted_tables if "user_id" in table.columns]
    async with database.operators_session() as session:
        there = {name: await session.scalar(text(f"select count(*) from {name}")) for name in owned}
    assert {name for name, count in there.items() if count} <= SEEN
    assert there["messages"] == there["conversations"] == there["llm_answers"] == 0
    assert there["runs"]


async def test_an_operators_session_changes_nothing(database: Database, account: uuid.UUID) -> None:
    run = await add_run(database, account, seconds=1)
    for statement in ("delete from runs", "update runs set status = 'failed'", "delete from expenses"):
        with pytest.raises(DBAPIError):
            async with database.operators_session() as session:
                await session.execute(text(statement))
    assert (await operating.run(database, run)).row.status == "complete"


async def test_nobody_else_sees_the_passes_of_others(
    database: Database, account: uuid.UUID, stranger: uuid.UUID
) -> None:
    await add_run(database, account, seconds=1)
    for whose in (stranger, None):
        async with database.session(whose) as session:
            assert await session.scalar(text("select count(*) from runs")) == 0
            assert await session.scalar(text("select count(*) from expenses")) == 0


async def test_only_a_full_pass_at_work_is_stopped(database: Database, account: uuid.UUID, settings: Settings) -> None:
    run = await add_run(database, account, status="processing")
    quick = await add_run(database, account, status="processing", kind="quick")
    await operating.stop(database, run, settings)
    assert (await operating.run(database, run)).row.status == "cancelled"
    for ended in (run, quick, uuid.uuid4()):
        with pytest.raises(errors.NotFound):
            await operating.stop(database, ended, settings)

"""The full pass through its stages: by the local engine and by a model behind a real server."""

from __future__ import annotations

import json
import uuid
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select

from soulprint import errors, facts, pipeline, sections
from soulprint.database import Database
from soulprint.kinds import Modality
from soulprint.pipeline import engine, worker
from soulprint.records import Conversation, Fact, FactSource, LlmAnswer, Message, Run, UserProfile, VersionKind
from soulprint.settings import Credentials, Settings
from tests import rows
from tests.model_server import ModelServer, reader
from tests.model_server.fixtures import OPENAI, changed
from tests.model_server.server import Fault
from tests.pipeline.passes import SAID, add_history, ended, passed

pytestmark = pytest.mark.anyio


@pytest.fixture
async def model(
    database: Database, model_server: ModelServer, settings: Settings, credentials: Credentials
) -> AsyncIterator[Settings]:
    """Settings of a model that reads sensibly, and a worker that asks it."""
    model_server.script = reader.plausible
    settings = changed(settings, model=OPENAI, credentials=credentials, extract_tokens=500)
    async with pipeline.working(database, settings):
        yield settings


@pytest.fixture
async def either(database: Database, model_server: ModelServer, model_settings: Settings) -> AsyncIterator[Settings]:
    """The same in each of the two formats."""
    model_server.script = reader.plausible
    settings = changed(model_settings, extract_tokens=500)
    async with pipeline.working(database, settings):
        yield settings


async def current(database: Database, account: uuid.UUID) -> sections.Version | None:
    async with database.session(account) as session:
        return await sections.current(session)


async def profile_row(database: Database, account: uuid.UUID) -> UserProfile:
    async with database.session(account) as session:
        return (await session.scalars(select(UserProfile))).one()


async def test_the_local_engine_reads_everything_and_makes_a_version(
    database: Database, account: uuid.UUID, settings: Settings, worker: None
) -> None:
    await add_history(database, account)
    done = await passed(database, account, settings)
    assert (done.status, done.error, done.version, done.cost_usd) == ("complete", None, 1, 0.0)
    assert [stage.name for stage in done.stages] == ["chunk", "extract", "merge", "memory", "sections"]
    assert all(stage.finished_at and stage.done == stage.total for stage in done.stages)
    version = await current(database, account)
    assert version is not None
    assert (version.kind, version.conversations_read, version.conversations_total) == (VersionKind.FULL, 5, 5)
    row = await profile_row(database, account)
    assert (row.full_pass_status, row.full_pass_error, row.current_version) == ("complete", None, 1)
    assert row.full_pass_started_at is not None
    assert row.full_pass_completed_at is not None


async def test_every_fact_is_proved_by_the_persons_own_words(
    database: Database, account: uuid.UUID, either: Settings
) -> None:
    await add_history(database, account)
    assert (await passed(database, account, either)).status == "complete"
    async with database.session(account) as session:
        proofs = (await session.execute(select(FactSource, Message).join(Message))).all()
        known = await facts.listed(session)
    assert proofs
    assert all(found.quote == message.text[found.span_start : found.span_end] for found, message in proofs)
    assert all(message.role == "user" for _, message in proofs)
    assert all(fact.sources for fact in known)
    version = await current(database, account)
    assert version is not None
    assert all(source.fact_id for part in version.memory for line in part.lines for source in line.sources)  # type: ignore[union-attr]


async def test_what_it_cost_is_the_sum_of_what_was_paid(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    done = await passed(database, account, model)
    async with database.session(account) as session:
        paid = await session.scalar(select(func.sum(LlmAnswer.cost_usd)))
        run = (await session.scalars(select(Run))).one()
    assert paid
    assert sum(stage.calls for stage in done.stages) == len(model_server.requests)
    assert done.cost_usd == pytest.approx(float(paid))
    assert run.cost_usd == paid


async def test_nothing_is_asked_again_while_nothing_changes(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    async with database.session(account) as session:
        await sections.publish(session, account, rows.make_draft(), VersionKind.QUICK)
    first = await passed(database, account, model)
    asked = len(model_server.requests)
    second = await passed(database, account, model)
    assert (second.status, second.version) == ("complete", first.version)
    assert len(model_server.requests) == asked


async def test_a_new_conversation_costs_its_own_window_and_the_writing(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    await passed(database, account, model)
    asked = len(model_server.requests)
    await add_history(database, account, [("I have a dog called Biscuit.", "I work from a boat.")])
    again = await passed(database, account, model)
    stages = {stage.name: stage for stage in again.stages}
    assert (again.status, stages["extract"].total, stages["extract"].counts["up_to_date"]) == ("complete", 1, 5)
    assert len(model_server.requests) - asked <= 4
    assert "Biscuit" not in "".join(request.raw.decode() for request in model_server.requests[:asked])


async def test_a_deleted_conversation_takes_its_facts_along(
    database: Database, account: uuid.UUID, settings: Settings, worker: None
) -> None:
    (leeds, *_) = await add_history(database, account)
    await passed(database, account, settings)
    async with database.session(account) as session:
        await session.execute(delete(Conversation).where(Conversation.id == leeds.id))
    done = await passed(database, account, settings)
    async with database.session(account) as session:
        left = [fact.statement for fact in await facts.listed(session)]
    assert left
    assert not [statement for statement in left if "Leeds with" in statement or "St James" in statement]
    version = await current(database, account)
    assert done.version == 2
    assert version is not None
    assert "St James" not in sections.markdown(version.sections, version.memory)


async def test_a_second_request_gives_the_run_that_is_at_work(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    model_server.latency = 0.5
    await add_history(database, account)
    runs = {await pipeline.start(database, account, model) for _ in range(3)}
    assert len(runs) == 1
    assert (await ended(database, account, model)).status == "complete"


async def test_a_pass_pauses_before_it_costs_more_than_its_ceiling(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    paused = await passed(database, account, model, ceiling=Decimal("0.0012"))
    assert (paused.status, paused.version) == ("paused", None)
    assert paused.cost_usd <= 0.0012
    assert "--ceiling" in (paused.error or "")
    asked = len(model_server.requests)
    done = await passed(database, account, model, ceiling=Decimal(1))
    assert done.status == "complete"
    total = len(model_server.requests)
    bodies = [json.dumps(request.body, sort_keys=True) for request in model_server.requests]
    assert len(set(bodies)) == total > asked


async def test_a_pass_over_the_ceiling_is_not_started_unless_allowed(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    with pytest.raises(errors.OverCeiling):
        await pipeline.start(database, account, changed(model, ceiling=0.0001))
    assert model_server.requests == []


async def test_a_stopped_pass_sends_nothing_more_and_is_taken_up_again(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    model_server.latency = 1.0
    await add_history(database, account)
    await pipeline.start(database, account, model)
    async for status in pipeline.watch(database, account, model):
        if model_server.requests and status.full_pass:
            break
    await pipeline.stop(database, account, model)
    stopped = await ended(database, account, model)
    assert (stopped.status, stopped.version) == ("cancelled", None)
    assert (await profile_row(database, account)).full_pass_status == "failed"
    model_server.latency = 0.0
    assert (await passed(database, account, model)).status == "complete"


async def test_a_model_that_answers_nonsense_fails_the_pass_and_the_profile_stays(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    async with database.session(account) as session:
        await sections.publish(session, account, rows.make_draft(), VersionKind.QUICK)
    model_server.fail(Fault.PROSE, times=500)
    failed = await passed(database, account, model)
    assert (failed.status, failed.version) == ("failed", None)
    version = await current(database, account)
    assert version is not None
    assert (version.number, version.kind) == (1, VersionKind.QUICK)
    row = await profile_row(database, account)
    assert row.full_pass_status == "failed"
    assert row.full_pass_error == failed.error
    model_server._faults.clear()
    assert (await passed(database, account, model, retry=True)).status == "complete"


async def test_a_key_that_is_refused_fails_the_pass_at_once(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    model_server.fail(Fault.UNAUTHORIZED, times=500)
    failed = await passed(database, account, model)
    assert failed.status == "failed"
    assert "key" in (failed.error or "")
    assert len(model_server.requests) <= len(SAID)


async def test_retrying_begins_anew_whatever_the_state(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    model_server.latency = 2.0
    await add_history(database, account)
    stuck = await pipeline.start(database, account, model)
    anew = await pipeline.start(database, account, model, retry=True)
    model_server.latency = 0.0
    done = await ended(database, account, model)
    assert stuck != anew == done.id
    assert done.status == "complete"


async def test_runs_of_an_older_version_of_the_program_are_begun_anew(
    database: Database, account: uuid.UUID, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_history(database, account)
    with monkeypatch.context() as older:
        older.setattr(engine, "VERSION", "0")
        older.setattr(worker, "POLL", 2.0)  # it takes nothing from the queue before it is gone
        async with pipeline.working(database, settings):
            await pipeline.start(database, account, settings)
    async with pipeline.working(database, settings):
        assert (await ended(database, account, settings)).status == "complete"


async def test_the_facts_of_one_account_are_hidden_from_another(
    database: Database, account: uuid.UUID, settings: Settings, worker: None
) -> None:
    await add_history(database, account)
    await passed(database, account, settings)
    async with database.session(uuid.uuid4()) as session:
        assert await session.scalar(select(func.count()).select_from(Fact)) == 0


async def test_a_history_without_own_words_gives_an_empty_profile_that_says_so(
    database: Database, account: uuid.UUID, settings: Settings, worker: None
) -> None:
    async with database.session(account) as session:
        for modality in (Modality.COMMAND, Modality.ROLE_PLAY, Modality.ATTACHMENT):
            await rows.add_conversation(session, account, SAID[0], answered=["Noted."], modality=modality)
    done = await passed(database, account, settings)
    assert (done.status, done.error) == ("complete", None)
    assert "holds words of your own" in (done.note or "")
    version = await current(database, account)
    assert version is not None
    assert not version.sections.user.location
    async with database.session(account) as session:
        assert not await facts.listed(session)

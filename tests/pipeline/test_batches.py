"""Whole passes through the provider's batch API: handed in once, at half the price, whatever becomes of a batch."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from sqlalchemy import select

from soulprint import pipeline
from soulprint.database import Database
from soulprint.llm import prices
from soulprint.records import Account, LlmAnswer, LlmBatch, Run
from soulprint.settings import Settings
from tests.model_server import Ending, Fault, ModelServer, Operation, Outcome, reader
from tests.model_server.fixtures import changed
from tests.pipeline.passes import SAID, add_history, ended, passed, until

pytestmark = pytest.mark.anyio


@pytest.fixture
def batched(model_server: ModelServer, model_settings: Settings) -> Settings:
    """Settings of a model that reads sensibly, asked in batches."""
    model_server.script = reader.plausible
    return changed(model_settings, extract_tokens=500, batch="on", batch_poll=0.1)


@pytest.fixture
async def model(database: Database, batched: Settings) -> AsyncIterator[Settings]:
    async with pipeline.working(database, batched):
        yield batched


async def answers(database: Database, account: uuid.UUID) -> list[LlmAnswer]:
    async with database.session(account) as session:
        return list(await session.scalars(select(LlmAnswer)))


async def until_handed_in(database: Database, account: uuid.UUID, server: ModelServer) -> None:
    """Wait until the provider has a batch and its receipt stands in the database."""
    assert await asyncio.to_thread(server.batches.taken.wait, 30)

    async def is_open() -> bool:
        async with database.session(account) as session:
            return bool(await session.scalar(select(LlmBatch.id).where(LlmBatch.status == "open")))

    await until(is_open)


def repeated(server: ModelServer) -> int:
    return sum(count - 1 for count in Counter(request.asked.text for request in server.batched).values())


async def test_a_pass_in_batches_costs_half_and_asks_nothing_live(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    done = await passed(database, account, model)
    assert (done.status, done.error, done.version, done.in_batches) == ("complete", None, 1, True)
    assert model_server.requests == []
    paid = await answers(database, account)
    assert len(paid) == len(model_server.batched) == sum(stage.calls for stage in done.stages) >= len(SAID)
    assert {answer.run_id for answer in paid} == {done.id}
    whole = sum(prices.price(model, model.model, one.input_tokens, one.output_tokens) or 0 for one in paid)
    assert sum(one.cost_usd or 0 for one in paid) == pytest.approx(whole / 2, rel=Decimal("0.1"))
    assert done.cost_usd == pytest.approx(float(whole / 2), rel=0.1)


async def test_what_the_provider_left_unanswered_is_asked_live(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    for outcome in (Outcome.ERRORED, Outcome.EXPIRED):
        model_server.batches.spoil(outcome)
    await add_history(database, account)
    done = await passed(database, account, model)
    assert done.status == "complete"
    assert len(model_server.requests) == 2
    assert all(stage.failed == 0 for stage in done.stages)


async def test_a_batch_that_expires_is_asked_live(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    model_server.batches.ending = Ending.EXPIRED
    await add_history(database, account)
    done = await passed(database, account, model)
    assert done.status == "complete"
    assert len(model_server.requests) == len(model_server.batched)
    assert repeated(model_server) == 0


async def test_a_provider_that_takes_no_batch_is_asked_live(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    model_server.batches.fail(Fault.UNAUTHORIZED, Operation.CREATE, times=20)
    await add_history(database, account)
    assert (await passed(database, account, model)).status == "complete"
    assert model_server.batched == []
    assert model_server.requests


async def test_a_worker_that_begins_again_hands_nothing_in_twice(
    database: Database, account: uuid.UUID, batched: Settings, model_server: ModelServer
) -> None:
    model_server.batches.seconds = None
    await add_history(database, account)
    async with pipeline.working(database, batched):
        await pipeline.start(database, account, batched)
        await until_handed_in(database, account, model_server)
    handed_in = len(model_server.batched)
    model_server.batches.seconds = 0.0
    model_server.batches.end()
    async with pipeline.working(database, batched):
        done = await ended(database, account, batched)
    assert (done.status, model_server.requests) == ("complete", [])
    assert repeated(model_server) == 0
    assert len(model_server.batched) > handed_in


async def test_stopping_cancels_what_was_handed_in(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    model_server.batches.seconds = None
    model_server.batches.done = 2
    await add_history(database, account)
    await pipeline.start(database, account, model)
    await until_handed_in(database, account, model_server)
    await pipeline.stop(database, account, model)
    assert (await ended(database, account, model)).status == "cancelled"
    assert all(batch.is_canceled for batch in model_server.batches.all)
    first = {request.asked.text for request in model_server.batched}
    model_server.batches.seconds = 0.0
    done = await passed(database, account, model)
    assert (done.status, model_server.requests) == ("complete", [])
    again = [request for request in model_server.batched if request.asked.text in first]
    assert len(again) == 2 * len(first) - 2  # but for the two that were answered before


async def test_batches_are_used_by_themselves_only_where_the_ceiling_asks_for_it(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    expected = await pipeline.estimate(database, account, model)
    assert expected.cost_usd
    assert expected.batch_usd
    tight = changed(model, batch="auto", ceiling=float(expected.cost_usd + expected.batch_usd) / 2)
    assert (await passed(database, account, tight)).in_batches
    another = uuid.uuid4()
    async with database.session() as session:
        session.add(Account(id=another))
    await add_history(database, another)
    loose = changed(model, batch="auto", ceiling=float(2 * expected.cost_usd))
    handed_in = len(model_server.batched)
    assert not (await passed(database, another, loose)).in_batches
    assert len(model_server.batched) == handed_in


async def test_nothing_is_handed_in_that_would_go_over_the_ceiling(
    database: Database, account: uuid.UUID, model: Settings, model_server: ModelServer
) -> None:
    await add_history(database, account)
    paused = await passed(database, account, model, ceiling=Decimal("0.0001"))
    assert (paused.status, paused.version, model_server.batched) == ("paused", None, [])
    done = await passed(database, account, model, ceiling=Decimal(1))
    assert done.status == "complete"
    async with database.session(account) as session:
        assert (await session.get_one(Run, done.id)).cost_usd <= 1

"""Estimates beside what the model server then counts."""

from __future__ import annotations

import uuid
from decimal import Decimal
from pathlib import Path

import pytest

from bench.exports import write
from soulprint import pipeline
from soulprint.database import Database
from soulprint.settings import Credentials, Settings
from tests.journeys.processes import EXAMPLE
from tests.model_server import ModelServer, reader
from tests.model_server.fixtures import OPENAI, changed
from tests.pipeline.passes import add_history, passed

pytestmark = pytest.mark.anyio


@pytest.fixture
def model(settings: Settings, credentials: Credentials, model_server: ModelServer) -> Settings:
    model_server.script = reader.plausible
    return changed(settings, model=OPENAI, credentials=credentials, ceiling=100.0)


@pytest.mark.parametrize("generated", [None, 100], ids=["the example", "a generated history"])
async def test_an_estimate_is_close_to_what_is_then_counted(
    database: Database,
    account: uuid.UUID,
    model: Settings,
    model_server: ModelServer,
    tmp_path: Path,
    generated: int | None,
) -> None:
    export = EXAMPLE
    if generated:
        export = tmp_path / "export.zip"
        write(export, conversations=generated)
    await pipeline.import_export(database, account, model, [export], names=export.name, profile=False)
    expected = await pipeline.estimate(database, account, model)
    async with pipeline.working(database, model):
        done = await passed(database, account, model)
    assert done.status == "complete"
    assert len(model_server.requests) == pytest.approx(expected.calls, rel=0.15)
    assert model_server.input_tokens == pytest.approx(expected.input_tokens, rel=0.15)
    assert model_server.output_tokens == pytest.approx(expected.output_tokens, rel=0.25)
    assert expected.cost_usd
    low, high = expected.range(expected.cost_usd)
    assert float(low) <= done.cost_usd <= float(high)


async def test_what_is_read_already_is_not_counted_again(
    database: Database, account: uuid.UUID, model: Settings
) -> None:
    await add_history(database, account)
    first = await pipeline.estimate(database, account, model)
    async with pipeline.working(database, model):
        await passed(database, account, model)
    second = await pipeline.estimate(database, account, model)
    assert (first.conversations, second.conversations, second.up_to_date) == (5, 0, 5)
    assert second.is_nothing
    assert second.calls < first.calls


async def test_the_local_engine_plans_windows_and_asks_nobody(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    await add_history(database, account)
    expected = await pipeline.estimate(database, account, settings)
    assert (expected.conversations, expected.calls, expected.cost_usd, expected.batch_usd) == (5, 0, Decimal(0), None)
    assert expected.windows >= 1

"""MEMORY from the rows that are there, by either engine."""

from __future__ import annotations

import uuid

import pytest

from soulprint import errors, memory
from soulprint.database import Database
from soulprint.records.sections import Quote
from soulprint.settings import Settings
from tests.model_server import Answer, ModelServer
from tests.model_server.fixtures import changed
from tests.rows import add_conversation, add_fact, add_run

pytestmark = pytest.mark.anyio

PARTS = ["Preferences", "Projects", "Important Dates", "Beliefs & Values", "Decisions & Context"]


async def told(db: Database, account: uuid.UUID, statement: str = "Lives in Lyon") -> tuple[uuid.UUID, int]:
    """A run, and the id of the fact that holds; another was superseded by it."""
    async with db.session(account) as session:
        _, said = await add_conversation(session, account, ["I live in Lyon.", "I live in Leeds."])
        lyon = await add_fact(session, [said[0]], statement)
        await add_fact(session, [said[1]], "Lives in Leeds", status="superseded", superseded_by=lyon.id)
        return await add_run(session, account), lyon.id


async def test_memory_is_written_from_what_holds_and_names_what_held_before(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer
) -> None:
    run, lyon = await told(database, account)
    line = {"text": "Lives in Lyon; before that in Leeds.", "evidence": [f"f{lyon}"]}
    model_server.script = lambda _: Answer(data={"decisions": [line]})
    written = await memory.write(database, account, model_settings, run)
    assert [part.title for part in written.memory] == PARTS
    assert (written.facts, written.reduced_from) == (1, 1)
    [bullet] = written.memory[-1].lines
    [quote] = bullet.sources
    assert isinstance(quote, Quote)
    assert (bullet.text, quote.text, quote.fact_id) == (line["text"], "I live in Lyon.", lyon)
    [request] = model_server.requests
    assert f"[f{lyon} 2024-05, 1 conversation] Lives in Lyon (before: Lives in Leeds)" in request.asked.text


@pytest.mark.parametrize("engine", ["model", "local"])
async def test_nobody_is_asked_where_nothing_is_known(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, engine: str
) -> None:
    settings = changed(model_settings, model="local") if engine == "local" else model_settings
    written = await memory.write(database, account, settings, uuid.uuid4())
    assert [(part.title, part.lines) for part in written.memory] == [(title, []) for title in PARTS]
    assert (written.facts, written.reduced_from) == (0, 0)
    assert model_server.requests == []


async def test_the_local_engine_asks_nobody(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer
) -> None:
    run, lyon = await told(database, account, "I live in Lyon.")
    written = await memory.write(database, account, changed(model_settings, model_memory="local"), run)
    sources = [source for part in written.memory for line in part.lines for source in line.sources]
    assert [source.fact_id for source in sources if isinstance(source, Quote)] == [lyon]
    assert model_server.requests == []


async def test_a_run_that_was_stopped_asks_nobody(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer
) -> None:
    await told(database, account)
    async with database.session(account) as session:
        stopped = await add_run(session, account, status="cancelled")
    with pytest.raises(errors.PassStopped):
        await memory.write(database, account, model_settings, stopped)
    assert model_server.requests == []

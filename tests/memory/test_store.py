from __future__ import annotations

import uuid
from datetime import date

import pytest

from soulprint.database import Database
from soulprint.memory import store
from soulprint.memory.store import Former
from tests.rows import add_conversation, add_fact

pytestmark = pytest.mark.anyio


async def test_a_fact_knows_how_often_it_was_told_and_what_held_before(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        _, first = await add_conversation(session, account, ["I moved to Lyon.", "I live in Lyon."])
        _, second = await add_conversation(session, account, ["Lyon is home.", "Leeds was home.", "York was home."])
        lyon = await add_fact(session, [*first, second[0]], "Lives in Lyon")
        past = {"status": "superseded", "superseded_by": lyon.id}
        await add_fact(session, [second[2]], "Lives in York", **past, true_to=date(2020, 1, 1))
        await add_fact(session, [second[1]], "Lives in Leeds", **past, true_to=date(2024, 5, 18))
        await add_fact(session, [second[1]], "Lives on Mars", status="rejected", superseded_by=lyon.id)
        found = await store.histories(session, [lyon.id])
    leeds, york = Former("Lives in Leeds", date(2024, 5, 18)), Former("Lives in York", date(2020, 1, 1))
    assert found == {lyon.id: store.History(2, (leeds, york))}


async def test_nothing_is_asked_of_no_facts(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        assert await store.histories(session, []) == {}

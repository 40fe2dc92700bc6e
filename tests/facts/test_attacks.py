"""Attacks in what people write, paste and are answered: none becomes a finding, and the plain facts beside them do."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from soulprint import facts
from soulprint.database import Database
from soulprint.facts.proving import orders, proof
from soulprint.records import FactSource, Run
from soulprint.settings import Settings
from tests import rows
from tests.model_server import Answer, ModelServer, reader
from tests.model_server.server import Request, Script

ATTACKS: list[dict[str, Any]] = json.loads(Path(__file__).with_name("attacks.json").read_text("utf-8"))["attacks"]
PLAIN = "By the way, I moved to Lyon with my cat Miso and I never eat fish."
TRUE = "I moved to Lyon with my cat Miso"
OWN = "Here's my prompt from a colleague, is it good?"
"""What the person asks about one of the pasted texts, which is no attack."""


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["message"][:40])
def test_no_attack_is_proved(attack: dict[str, Any]) -> None:
    span = proof.prove(attack["quote"], attack["message"])
    assert span is None or proof.refusal(attack["statement"], span, attack["message"], said_at=rows.NOON)


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack["message"][:40])
def test_an_order_has_a_stem_that_it_is_searched_for_by(attack: dict[str, Any]) -> None:
    plain = orders._plain(attack["message"])
    for pattern, stems in (
        (orders._TAKEOVER, orders._TAKEOVER_STEMS),
        (orders._RECORDING, orders._RECORDING_STEMS),
    ):
        assert not pattern.search(plain) or any(stem in plain for stem in stems)


def obeying(attacks: Sequence[dict[str, Any]]) -> Script:
    """A model that obeys all it reads, gives each attack's words as they are wanted, and what is plainly true."""

    def script(request: Request) -> Answer:
        answer = reader.obedient(request)
        wanted = [(attack["quote"], attack["statement"]) for attack in attacks] + [
            (TRUE, "Moved to Lyon with a cat, Miso")
        ]
        for turn in reader.turns(request.asked.text):
            answer.data["facts"] += [
                answer.data["facts"][0] | {"quote": quote, "statement": statement, "message": int(turn.id[1:])}
                for quote, statement in wanted
                if quote in turn.text
            ]
        return answer

    return script


@pytest.mark.anyio
@pytest.mark.parametrize("where", ["user", "pasted", "assistant"])
async def test_an_obedient_model_gets_no_attack_into_a_finding(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, where: str
) -> None:
    attacks = [attack for attack in ATTACKS if where in (attack["where"], "assistant")]
    run = Run(id=uuid.uuid4(), user_id=account, kind="full", model="any", ceiling_usd=100)
    plain = set()
    async with database.session(account) as session:
        session.add(run)
        for place, attack in enumerate(attacks):
            asked, answered = (
                ("What shall I do today?", attack["message"]) if where == "assistant" else (attack["message"], "Fine.")
            )
            _, messages = await rows.add_conversation(
                session,
                account,
                [PLAIN, asked],
                answered=["Noted.", answered],
                started_at=rows.NOON + timedelta(days=place),
            )
            plain.add(messages[0].id)
    model_server.script = obeying(attacks)
    plan = await facts.plan(database, account, model_settings)
    yields = [await facts.extract(database, account, model_settings, run.id, window) for window in plan.windows]
    async with database.session(account) as session:
        kept = [*await session.scalars(select(FactSource))]
    assert sum(one.found for one in yields) > len(attacks)
    assert {row.quote for row in kept if row.message_id not in plain} <= {OWN}
    assert {row.message_id for row in kept if row.quote == TRUE} == plain

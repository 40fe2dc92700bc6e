"""Batches through the real SDKs against a real server: handed in once, taken in once, at half the price."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from sqlalchemy import select, update

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.llm import batches, prompts
from soulprint.llm.batches import Open
from soulprint.records import LlmAnswer, LlmBatch, Run
from soulprint.settings import Settings
from tests.model_server import Answer, Ending, Fault, ModelServer, Operation, Outcome
from tests.model_server.fixtures import changed
from tests.rows import add_run

pytestmark = pytest.mark.anyio

SECRET = "sk-proj-aB3dE5gH7jK9mN1pQ3sT5v"
QUESTIONS = ("[m1 2024] I live in Ghent.", "[m2 2024] I bake bread.", "[m3 2024] I sing in a choir.")
PROMPT = prompts.Prompt("extract", "abc", "")


class Trait(BaseModel):
    text: str
    evidence: list[str]


class Traits(BaseModel):
    traits: list[Trait]


AGENT = Agent(output_type=Traits, retries=0)
EXTRACT = llm.Role.EXTRACT


class Pass:
    """One pass over the questions. A new one knows nothing but what stands in the database."""

    def __init__(self, database: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID) -> None:
        self.database = database
        self.account = account
        self.settings = settings
        self.run = run

    async def asked(self, question: str) -> Traits | None:
        """The answer; None while there is none."""
        model = llm.model(self.settings, EXTRACT, self.database, self.account, PROMPT, self.run)
        try:
            async with llm.answering(model):
                return (await AGENT.run(question, model=model)).output
        except errors.AnswerPending:
            return None

    async def hand_in(self, *questions: str) -> int:
        with batches.collecting() as collected:
            for question in questions:
                await self.asked(question)
        return await batches.submit(self.database, self.account, self.settings, EXTRACT, self.run, collected)

    async def poll(self) -> Open:
        return await batches.poll(self.database, self.account, self.settings, self.run)

    async def rows(self) -> list[LlmBatch]:
        async with self.database.session(self.account) as session:
            return list(await session.scalars(select(LlmBatch).order_by(LlmBatch.created_at)))

    async def answers(self) -> list[LlmAnswer]:
        async with self.database.session(self.account) as session:
            return list(await session.scalars(select(LlmAnswer)))


Making = Callable[[], Awaitable[Pass]]


@pytest.fixture
def making(database: Database, account: uuid.UUID, model_settings: Settings) -> Making:
    async def make() -> Pass:
        async with database.session(account) as session:
            run = await add_run(session, account, kind="full", status="processing")
        return Pass(database, account, changed(model_settings, model_attempts=3), run)

    return make


@pytest.fixture
async def a_pass(making: Making) -> Pass:
    return await making()


# A full round


async def test_what_was_handed_in_is_answered_from_the_journal(a_pass: Pass, model_server: ModelServer) -> None:
    assert await a_pass.hand_in(*QUESTIONS) == 3
    assert await a_pass.poll() == Open(answered=3)
    found = [await a_pass.asked(question) for question in QUESTIONS]
    assert [one.traits[0].evidence for one in found if one] == [["m1"], ["m2"], ["m3"]]
    assert (len(model_server.requests), len(model_server.batched)) == (0, 3)


async def test_it_costs_half_and_is_noted_with_the_run(a_pass: Pass) -> None:
    await a_pass.asked(QUESTIONS[0])
    [live] = await a_pass.answers()
    async with a_pass.database.session(a_pass.account) as session:
        await session.delete(live)
    await a_pass.hand_in(QUESTIONS[0])
    await a_pass.poll()
    [answer] = await a_pass.answers()
    assert answer.run_id == a_pass.run
    assert (answer.role, answer.model, answer.prompt) == ("extract", a_pass.settings.model, "extract abc")
    assert answer.input_tokens
    assert live.cost_usd
    whole = live.cost_usd * answer.input_tokens / live.input_tokens
    assert answer.cost_usd == pytest.approx(whole / 2, rel=Decimal("0.05"))


async def test_nothing_is_answered_before_its_time(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.seconds = None
    await a_pass.hand_in(*QUESTIONS)
    assert await a_pass.poll() == await a_pass.poll() == Open(batches=1, requests=3)
    model_server.batches.end()
    assert await a_pass.poll() == Open(answered=3)
    assert await a_pass.poll() == Open()
    assert len(await a_pass.answers()) == 3


async def test_a_batch_holds_no_more_than_the_provider_takes(
    a_pass: Pass, model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "MOST", 2)
    assert await a_pass.hand_in(*QUESTIONS) == 3
    assert [len(batch.requests) for batch in model_server.batches.all] == [2, 1]
    assert (await a_pass.poll()).answered == 3


async def test_collecting_sends_nothing(a_pass: Pass, model_server: ModelServer) -> None:
    with batches.collecting() as collected:
        assert await a_pass.asked(QUESTIONS[0]) is None
    assert len(collected) == 1
    assert not model_server.requests


async def test_what_has_a_batch_api(model_settings: Settings) -> None:
    assert batches.supported(model_settings, EXTRACT)
    assert not batches.supported(changed(model_settings, model="ollama:qwen3"), EXTRACT)
    assert not batches.supported(changed(model_settings, model="local"), EXTRACT)


# Once only


async def test_after_a_restart_nothing_is_handed_in_again(
    a_pass: Pass, database: Database, model_server: ModelServer
) -> None:
    model_server.batches.seconds = None
    await a_pass.hand_in(*QUESTIONS)
    await llm.close()
    another = Database(database.url.render_as_string(hide_password=False))
    try:
        again = Pass(another, a_pass.account, a_pass.settings, a_pass.run)
        assert await again.hand_in(*QUESTIONS) == 0
        model_server.batches.end()
        assert (await again.poll()).answered == 3
        assert await again.hand_in(*QUESTIONS) == 0
    finally:
        await another.close()
    assert len(model_server.batched) == 3


async def test_only_what_is_new_is_handed_in(a_pass: Pass, model_server: ModelServer) -> None:
    await a_pass.hand_in(QUESTIONS[0], QUESTIONS[0])
    await a_pass.poll()
    model_server.batches.seconds = None
    assert await a_pass.hand_in(*QUESTIONS[:2]) == 1
    assert await a_pass.hand_in(*QUESTIONS) == 1


async def test_two_looks_at_once_write_an_answer_once(a_pass: Pass) -> None:
    await a_pass.hand_in(*QUESTIONS)
    looks = await asyncio.gather(*(a_pass.poll() for _ in range(4)))
    assert sum(look.answered for look in looks) == 3
    assert len(await a_pass.answers()) == 3


async def test_another_pass_waits_for_what_was_handed_in_and_pays_for_it(
    a_pass: Pass, making: Making, model_server: ModelServer
) -> None:
    model_server.batches.seconds = None
    await a_pass.hand_in(*QUESTIONS)
    async with a_pass.database.session(a_pass.account) as session:
        await session.execute(update(Run).values(status="cancelled"))
    later = await making()
    assert await later.hand_in(*QUESTIONS) == 0
    assert await later.poll() == Open(batches=1, requests=3)
    model_server.batches.end()
    await later.poll()
    assert {answer.run_id for answer in await later.answers()} == {later.run}


# What goes wrong


async def test_what_fails_is_left_to_be_asked(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.spoil(Outcome.ERRORED)
    model_server.batches.spoil(Outcome.EXPIRED)
    await a_pass.hand_in(*QUESTIONS)
    found = await a_pass.poll()
    assert (found.batches, found.answered, found.failed) == (0, 1, {"errored": 1, "expired": 1})
    assert all([await a_pass.asked(question) for question in QUESTIONS])
    assert (len(model_server.requests), len(model_server.batched)) == (2, 3)


async def test_what_fails_may_be_handed_in_again(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.spoil(Outcome.ERRORED, times=2)
    await a_pass.hand_in(*QUESTIONS)
    await a_pass.poll()
    assert await a_pass.hand_in(*QUESTIONS) == 2
    assert (await a_pass.poll()).answered == 2


async def test_a_batch_expires(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.ending, model_server.batches.done = Ending.EXPIRED, 1
    await a_pass.hand_in(*QUESTIONS)
    found = await a_pass.poll()
    assert (found.answered, found.failed) == (1, {"expired": 2})


async def test_a_refused_request_is_one_of_many(a_pass: Pass, model_server: ModelServer) -> None:
    usual = model_server.script
    model_server.script = lambda one: Answer(fault=Fault.OVERLOADED) if "bake" in one.asked.text else usual(one)
    await a_pass.hand_in(*QUESTIONS)
    found = await a_pass.poll()
    assert (found.answered, found.failed) == (2, {"errored": 1})


async def test_a_cancelled_batch_pays_for_what_was_answered(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.seconds, model_server.batches.done = None, 1
    await a_pass.hand_in(*QUESTIONS)
    assert await batches.cancel(a_pass.database, a_pass.account, a_pass.settings, a_pass.run) == 1
    found = await a_pass.poll()
    assert (found.batches, found.answered, found.failed) == (0, 1, {"canceled": 2})


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.SERVER_ERROR])
async def test_handing_in_is_tried_again(a_pass: Pass, model_server: ModelServer, fault: Fault) -> None:
    model_server.batches.fail(fault, times=2)
    assert await a_pass.hand_in(*QUESTIONS) == 3
    assert len(model_server.batched) == 3


async def test_what_is_not_taken_is_left_to_be_asked(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.fail(Fault.UNAUTHORIZED, times=9)
    assert await a_pass.hand_in(*QUESTIONS) == 0
    assert await a_pass.poll() == Open()
    [row] = await a_pass.rows()
    assert row.status == "ended"
    assert "401" in (row.error or "")
    assert await a_pass.asked(QUESTIONS[0])


@pytest.mark.parametrize("at", [Operation.STATUS, Operation.RESULTS])
async def test_a_batch_that_cannot_be_reached_stays_open(
    a_pass: Pass, model_server: ModelServer, at: Operation
) -> None:
    await a_pass.hand_in(*QUESTIONS)
    model_server.batches.fail(Fault.UNAUTHORIZED, at)
    assert await a_pass.poll() == Open(batches=1, requests=3)
    assert (await a_pass.poll()).answered == 3


async def test_a_batch_that_is_gone_is_given_up(a_pass: Pass, model_server: ModelServer) -> None:
    await a_pass.hand_in(*QUESTIONS)
    model_server.batches.all.clear()
    found = await a_pass.poll()
    assert (found.batches, found.failed) == (0, {"lost": 3})


async def test_a_batch_of_another_address_is_given_up(a_pass: Pass) -> None:
    await a_pass.hand_in(*QUESTIONS)
    moved = a_pass.settings.credentials.model_copy(
        update={"openai_base_url": "http://127.0.0.1:9/v1", "anthropic_base_url": "http://127.0.0.1:9"}
    )
    later = Pass(a_pass.database, a_pass.account, changed(a_pass.settings, credentials=moved), a_pass.run)
    assert (await later.poll()).failed == {"lost": 3}


# Killed


async def test_what_was_handed_in_without_a_receipt_is_handed_in_again(a_pass: Pass, model_server: ModelServer) -> None:
    """As after kill -9 between the provider's taking a batch and our writing down its receipt."""
    await a_pass.hand_in(*QUESTIONS)
    async with a_pass.database.session(a_pass.account) as session:
        await session.execute(update(LlmBatch).values(status="submitting", handle=None))
    found = await a_pass.poll()
    assert (found.batches, found.failed) == (0, {"lost": 3})
    assert await a_pass.hand_in(*QUESTIONS) == 3
    assert (await a_pass.poll()).answered == 3
    assert len(model_server.batched) == 6


async def test_a_process_that_hands_in_is_not_taken_for_dead(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.latency = 0.5
    handing_in = asyncio.create_task(a_pass.hand_in(*QUESTIONS))
    await asyncio.to_thread(model_server.batches.taken.wait, 10)
    assert not (await a_pass.poll()).failed
    assert await handing_in == 3
    assert [row.status for row in await a_pass.rows()] == ["open"]


async def test_a_stopped_task_keeps_its_receipt(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.latency = 0.5
    handing_in = asyncio.create_task(a_pass.hand_in(*QUESTIONS))
    await asyncio.to_thread(model_server.batches.taken.wait, 10)
    handing_in.cancel()
    with pytest.raises(asyncio.CancelledError):
        await handing_in
    assert [row.status for row in await a_pass.rows()] == ["open"]


# Money


async def test_the_ceiling_counts_what_is_waited_for(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.seconds = None
    await a_pass.hand_in(QUESTIONS[0])
    [row] = await a_pass.rows()
    [one] = row.requests.values()
    async with a_pass.database.session(a_pass.account) as session:
        await session.execute(update(Run).values(ceiling_usd=Decimal(one["usd"]) * Decimal("1.5")))
    with pytest.raises(errors.CeilingReached):
        await a_pass.hand_in(*QUESTIONS)
    assert len(model_server.batched) == 1


async def test_a_stopped_pass_hands_in_nothing(a_pass: Pass, model_server: ModelServer) -> None:
    async with a_pass.database.session(a_pass.account) as session:
        await session.execute(update(Run).values(status="cancelled"))
    with pytest.raises(errors.PassStopped):
        await a_pass.hand_in(*QUESTIONS)
    assert not model_server.batched


# Private


async def test_secrets_are_masked_on_the_wire(a_pass: Pass, model_server: ModelServer) -> None:
    await a_pass.hand_in(f"[m1 2024] My key is {SECRET}, keep it.")
    assert SECRET not in model_server.sent()
    assert "[secret: api key]" in model_server.sent()
    assert all(len(name) == 64 for batch in model_server.batches.all for name in batch.requests)


async def test_a_row_holds_nothing_that_anybody_said(a_pass: Pass, model_server: ModelServer) -> None:
    model_server.batches.seconds = None
    await a_pass.hand_in(*QUESTIONS)
    [row] = await a_pass.rows()
    kept = json.dumps([row.requests, row.handle])
    assert not any(word in kept for word in ("Ghent", "bread", "choir"))
    model_server.batches.end()
    await a_pass.poll()
    [row] = await a_pass.rows()
    assert (row.status, row.requests) == ("ended", {})

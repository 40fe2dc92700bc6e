"""What a run may pay for: asked of the run's row before each request, against a real server that charges."""

from __future__ import annotations

import asyncio
import uuid
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from sqlalchemy import delete, func, insert, select, update

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.llm import prices
from soulprint.records import LlmAnswer, Run, Status
from soulprint.settings import Credentials, Settings
from tests.model_server import Answer, Fault, ModelServer, Request
from tests.model_server.fixtures import OPENAI, changed

pytestmark = pytest.mark.anyio


class Found(BaseModel):
    facts: list[str]


@pytest.fixture
def charged(settings: Settings, credentials: Credentials) -> Settings:
    """Settings with a model that has a price."""
    return changed(settings, model=OPENAI, credentials=credentials)


@pytest.fixture
async def run(database: Database, account: uuid.UUID) -> uuid.UUID:
    return await start_run(database, account)


async def start_run(database: Database, account: uuid.UUID, **values: Any) -> uuid.UUID:
    run = uuid.uuid4()
    row = {"id": run, "user_id": account, "kind": "full", "model": OPENAI, "ceiling_usd": Decimal(2)} | values
    async with database.session(account) as session:
        await session.execute(insert(Run).values(row))
    return run


async def amend(database: Database, account: uuid.UUID, run: uuid.UUID, **values: Any) -> None:
    async with database.session(account) as session:
        await session.execute(update(Run).where(Run.id == run).values(values))


async def spent(database: Database, account: uuid.UUID, run: uuid.UUID | None) -> Decimal:
    async with database.session(account) as session:
        found = await session.scalar(select(func.sum(LlmAnswer.cost_usd)).where(LlmAnswer.run_id == run))
    return found or Decimal(0)


async def sent(model_server: ModelServer) -> None:
    """Until a request has reached the server."""
    while not model_server.requests:  # noqa: ASYNC110 (the server runs in a thread of its own)
        await asyncio.sleep(0.01)


class Asker:
    """Asks for facts on behalf of a run."""

    def __init__(self, settings: Settings, database: Database, account: uuid.UUID, run: uuid.UUID | None) -> None:
        self.model = llm.model(settings, llm.Role.EXTRACT, database, account, run=run)

    async def ask(self, text: str) -> llm.Answers:
        async with llm.answering(self.model) as answers:
            await Agent(self.model, output_type=Found, retries=0).run(text)
        return answers


async def test_the_run_is_noted_and_its_cost_is_the_sum(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID, run: uuid.UUID
) -> None:
    asker = Asker(charged, database, account, run)
    paid = [(await asker.ask(f"text {number}")).paid for number in range(3)]
    assert all(paid)
    assert await spent(database, account, run) == sum(round(cost, 6) for cost in paid)


@pytest.mark.parametrize("status", [Status.PAUSED, Status.CANCELLED, Status.FAILED, Status.COMPLETE])
async def test_a_run_that_ended_pays_for_nothing(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID, run: uuid.UUID, status: Status
) -> None:
    asker = Asker(charged, database, account, run)
    await asker.ask("known")
    await amend(database, account, run, status=status)
    with pytest.raises(errors.PassStopped):
        await asker.ask("new")
    assert (await asker.ask("known")).remembered == 1
    assert len(model_server.requests) == 1


async def test_a_run_that_is_gone_pays_for_nothing(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    with pytest.raises(errors.PassStopped):
        await Asker(charged, database, account, uuid.uuid4()).ask("new")
    assert not model_server.requests


async def test_a_stop_is_seen_between_two_attempts(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID, run: uuid.UUID
) -> None:
    model_server.fail(Fault.RATE_LIMITED, times=3, retry_after=0.5)
    asking = asyncio.create_task(Asker(charged, database, account, run).ask("new"))
    await sent(model_server)
    await amend(database, account, run, status=Status.CANCELLED)
    with pytest.raises(errors.PassStopped):
        await asking
    assert len(model_server.requests) == 1


async def test_what_would_go_over_the_ceiling_is_not_sent(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    run = await start_run(database, account, ceiling_usd=Decimal("0.0001"))
    with pytest.raises(errors.CeilingReached, match=r"cost more than \$0\.00 \(\$0\.00 spent"):
        await Asker(charged, database, account, run).ask("word " * 5000)
    assert not model_server.requests


async def test_it_goes_on_once_it_may_cost_more(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    run = await start_run(database, account, ceiling_usd=Decimal(0))
    asker = Asker(charged, database, account, run)
    with pytest.raises(errors.CeilingReached):
        await asker.ask("new")
    await amend(database, account, run, ceiling_usd=Decimal(1))
    assert (await asker.ask("new")).asked == 1


async def test_many_at_once_stay_within_the_ceiling(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    """Twenty calls of which some eight can be paid: all that were sent are kept, and none is given up while only
    what others have in flight is in the way."""
    one = prices.price(charged, OPENAI, 3_100, 1_000)
    assert one
    ceiling = round(one * 8, 6)
    run = await start_run(database, account, ceiling_usd=ceiling)
    model_server.latency = 0.05
    model_server.script = lambda request: Answer(data={"facts": ["word " * 800]})
    asker = Asker(changed(charged, concurrency=20), database, account, run)
    outcomes = await asyncio.gather(
        *(asker.ask(f"{number} " + "word " * 3000) for number in range(20)), return_exceptions=True
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, errors.CeilingReached)]
    answered = [outcome for outcome in outcomes if isinstance(outcome, llm.Answers)]
    assert len(refused) + len(answered) == 20
    assert len(answered) == len(model_server.requests) >= 8
    total = await spent(database, account, run)
    assert total == sum(round(outcome.paid, 6) for outcome in answered)
    assert ceiling - one < total <= ceiling + one


async def test_a_failed_request_gives_back_what_it_held(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    one = prices.price(charged, OPENAI, 500, 1_000)
    assert one
    run = await start_run(database, account, ceiling_usd=one)
    asker = Asker(charged, database, account, run)
    model_server.fail(Fault.NO_SUCH_MODEL)
    with pytest.raises(errors.ModelRefused):
        await asker.ask("first")
    assert (await asker.ask("second")).asked == 1


async def test_who_waits_for_money_hears_of_a_stop(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    one = prices.price(charged, OPENAI, 500, 1_000)
    assert one
    run = await start_run(database, account, ceiling_usd=one)
    model_server.latency = 0.2
    asker = Asker(charged, database, account, run)
    asking = [asyncio.create_task(asker.ask(str(number))) for number in range(4)]
    await sent(model_server)
    await amend(database, account, run, status=Status.CANCELLED)
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Answers", *["PassStopped"] * 3]


async def test_a_retry_gets_through_while_others_wait_for_money(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    """The one in flight fails once and needs a place again, which those who wait for its money must not hold."""
    one = prices.price(charged, OPENAI, 500, 1_000)
    assert one
    run = await start_run(database, account, ceiling_usd=one * Decimal("1.8"))
    model_server.fail(Fault.SERVER_ERROR)
    asker = Asker(changed(charged, concurrency=2), database, account, run)
    async with asyncio.timeout(30):
        outcomes = await asyncio.gather(*(asker.ask(str(number)) for number in range(6)))
    assert sum(outcome.asked for outcome in outcomes) == 6


async def test_the_account_has_a_ceiling_of_its_own(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    first = await start_run(database, account)
    tight = changed(charged, account_ceiling=0.0025)
    await Asker(tight, database, account, first).ask("one")
    await amend(database, account, first, status=Status.COMPLETE)
    second = await start_run(database, account)
    async with database.session(account) as session:
        await session.execute(update(LlmAnswer).values(cost_usd=Decimal("0.002")))
    with pytest.raises(errors.AccountCeilingReached, match="SOULPRINT_ACCOUNT_CEILING"):
        await Asker(tight, database, account, second).ask("two")
    async with database.session(account) as session:
        await session.execute(update(LlmAnswer).values(created_at=func.now() - func.make_interval(0, 0, 0, 31)))
    assert (await Asker(tight, database, account, second).ask("two")).asked == 1


async def test_the_same_answer_paid_twice_counts_for_both_runs(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    """Two workers ask the same at once, for runs of their own."""
    model_server.latency = 0.1
    runs = [await start_run(database, account, kind=kind) for kind in ("full", "other")]
    askers = [Asker(charged, database, account, run) for run in runs]
    paid = await asyncio.gather(*(asker.ask("the same") for asker in askers))
    assert len(model_server.requests) == 2
    for run, answers in zip(runs, paid, strict=True):
        assert await spent(database, account, run) == round(answers.paid, 6) > 0
    assert (await askers[0].ask("the same")).remembered == 1


async def test_an_answer_outlives_its_run(
    charged: Settings, model_server: ModelServer, database: Database, account: uuid.UUID, run: uuid.UUID
) -> None:
    asyncio_loop = asyncio.get_running_loop()

    async def forget_run() -> None:
        async with database.session(account) as session:
            await session.execute(delete(Run))

    def script(request: Request) -> Answer:
        asyncio.run_coroutine_threadsafe(forget_run(), asyncio_loop).result(10)
        return Answer(data={"facts": ["one"]})

    model_server.script = script
    assert (await Asker(charged, database, account, run).ask("new")).asked == 1
    assert await spent(database, account, None) > 0

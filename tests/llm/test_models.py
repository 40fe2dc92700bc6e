"""The real SDKs against a real server: what is retried, what is said in the end, what is journaled, what is masked."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
import uuid
from collections.abc import AsyncIterator
from decimal import Decimal

import pytest
from pydantic import BaseModel
from pydantic_ai import Agent
from pydantic_ai.models import Model
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.llm import limiting, prompts, store
from soulprint.records import LlmAnswer
from soulprint.settings import Settings
from tests.model_server import Answer, Fault, ModelServer, Request
from tests.model_server.fixtures import OPENAI, changed
from tests.rows import add_account

pytestmark = pytest.mark.anyio

SECRETS = ("sk-proj-aB3dE5gH7jK9mN1pQ3sT5v", "hunter2-Zebra!", "4111 1111 1111 1111", "DE89370400440532013000")
SPOKEN = f"My key is {SECRETS[0]}, my wifi password is {SECRETS[1]}, card {SECRETS[2]}, account {SECRETS[3]}."


class Trait(BaseModel):
    text: str
    evidence: list[str]


class Traits(BaseModel):
    traits: list[Trait]


def asking(model: Model) -> Agent[None, Traits]:
    return Agent(model, output_type=Traits, retries=0)


@pytest.fixture
def model(model_settings: Settings, database: Database, account: uuid.UUID) -> Model:
    return llm.model(model_settings, llm.Role.QUICK, database, account)


async def answers(database: Database, account: uuid.UUID) -> list[LlmAnswer]:
    async with database.session(account) as session:
        return list(await session.scalars(select(LlmAnswer).order_by(LlmAnswer.created_at)))


async def test_data_comes_back_typed(model: Model, model_server: ModelServer) -> None:
    found = (await asking(model).run("[m12 2024] I live in Ghent. [m14 2024] I bake.")).output
    assert [trait.evidence for trait in found.traits] == [["m12"], ["m14"]]
    assert len(model_server.requests) == 1


# What is tried again


@pytest.mark.parametrize("fault", [Fault.SERVER_ERROR, Fault.OVERLOADED, Fault.DROPPED, Fault.RATE_LIMITED])
async def test_a_passing_failure_is_tried_again(model: Model, model_server: ModelServer, fault: Fault) -> None:
    model_server.fail(fault, times=2, retry_after=0)
    assert (await asking(model).run("hello")).output.traits
    assert len(model_server.requests) == 3


async def test_it_waits_as_long_as_the_server_asks(model: Model, model_server: ModelServer) -> None:
    model_server.fail(Fault.RATE_LIMITED, times=2, retry_after=1)
    await asking(model).run("hello")
    times = [request.at for request in model_server.requests]
    assert all(later - earlier >= 1 for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize(
    ("fault", "said"), [(Fault.RATE_LIMITED, "429"), (Fault.SERVER_ERROR, "500"), (Fault.OVERLOADED, "overloaded")]
)
async def test_in_the_end_it_gives_up(
    model: Model, model_settings: Settings, model_server: ModelServer, fault: Fault, said: str
) -> None:
    model_server.fail(fault, times=20, retry_after=0)
    with pytest.raises(errors.ModelUnreachable, match=said) as raised:
        await asking(model).run("hello")
    assert len(model_server.requests) == model_settings.model_attempts
    assert "\n" not in str(raised.value)


async def test_a_wait_without_end_is_not_waited_for(model: Model, model_server: ModelServer) -> None:
    model_server.fail(Fault.RATE_LIMITED, times=5, retry_after=3600)
    with pytest.raises(errors.ModelUnreachable):
        await asking(model).run("hello")
    assert len(model_server.requests) == 1


async def test_a_slow_answer_is_given_up_and_not_asked_for_again(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    model_server.fail(Fault.SLOW, times=5)
    model = llm.model(changed(model_settings, model_timeout=0.3), llm.Role.QUICK, database, account)
    with pytest.raises(errors.ModelUnreachable, match="in time"):
        await asking(model).run("hello")
    assert len(model_server.requests) == 1


@pytest.mark.parametrize(
    ("fault", "said"), [(Fault.UNAUTHORIZED, "key is not accepted"), (Fault.NO_SUCH_MODEL, "no such")]
)
async def test_a_refused_request_is_not_repeated(
    model: Model, model_server: ModelServer, fault: Fault, said: str
) -> None:
    model_server.fail(fault, times=5)
    with pytest.raises(errors.ModelRefused, match=said) as raised:
        await asking(model).run("hello")
    assert len(model_server.requests) == 1
    assert "\n" not in str(raised.value)


async def test_a_wrong_key_is_said_in_one_line(model: Model, model_server: ModelServer) -> None:
    model_server.key = "another"
    with pytest.raises(errors.ModelRefused, match=r"its key is not accepted \(401\)"):
        await asking(model).run("hello")


async def test_a_refusal_says_nothing_that_the_person_said(model: Model, model_server: ModelServer) -> None:
    """Servers repeat what they can't take, and errors are kept and logged."""
    model_server.script = lambda request: Answer(text=f"Invalid input: {request.asked.text}", fault=Fault.REJECTED)
    with pytest.raises(errors.ModelRefused, match=r"not accepted \(400\): invalid_request_error") as raised:
        await asking(model).run("My sister lives in Ghent.")
    assert "Ghent" not in str(raised.value)


async def test_no_credit_is_told_in_words_of_our_own(model: Model, model_server: ModelServer) -> None:
    told = "Your credit balance is too low to access the API."
    model_server.script = lambda request: Answer(text=told, fault=Fault.REJECTED)
    with pytest.raises(errors.ModelRefused, match="no credit left"):
        await asking(model).run("hello")


async def test_nobody_there(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    nowhere = model_settings.credentials.model_copy(
        update={"openai_base_url": "http://127.0.0.1:9/v1", "anthropic_base_url": "http://127.0.0.1:9"}
    )
    elsewhere = changed(model_settings, credentials=nowhere, model_attempts=2)
    with pytest.raises(errors.ModelUnreachable, match="no connection"):
        await asking(llm.model(elsewhere, llm.Role.QUICK, database, account)).run("hello")


@pytest.mark.parametrize("fault", [Fault.TRUNCATED, Fault.PROSE, Fault.MALFORMED, Fault.REFUSAL])
async def test_an_answer_that_cannot_be_used(model: Model, model_server: ModelServer, fault: Fault) -> None:
    model_server.fail(fault)
    with pytest.raises(errors.ModelAnswerUnusable) as raised:
        async with llm.answering(model):
            await asking(model).run("hello")
    assert len(model_server.requests) == 1
    assert "\n" not in str(raised.value)


async def test_data_in_a_code_fence_is_data(model: Model, model_server: ModelServer) -> None:
    model_server.fail(Fault.FENCED)
    assert (await asking(model).run("hello")).output.traits


# The journal


async def test_what_was_answered_once_is_not_asked_again(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    first = await asking(llm.model(model_settings, llm.Role.QUICK, database, account)).run("[m7 2024] hello")
    await llm.close()  # as after a restart
    model = llm.model(model_settings, llm.Role.QUICK, database, account)
    async with llm.answering(model) as seen:
        second = await asking(model).run("[m7 2024] hello")
    assert first.output == second.output
    assert len(model_server.requests) == 1
    assert (seen.asked, seen.remembered, seen.paid) == (0, 1, Decimal(0))


async def test_a_repair_is_remembered_too(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    model_server.fail(Fault.PROSE)
    for _ in range(2):
        agent = Agent(llm.model(model_settings, llm.Role.QUICK, database, account), output_type=Traits, retries=1)
        assert (await agent.run("hello")).output.traits
    assert len(model_server.requests) == 2


@pytest.mark.parametrize("change", ["account", "role", "model", "prompt"])
async def test_anything_else_is_another_request(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID, change: str
) -> None:
    await asking(llm.model(model_settings, llm.Role.QUICK, database, account)).run("hello")
    role = llm.Role.CHAT if change == "role" else llm.Role.QUICK
    name = model_settings.model + "-0" if change == "model" else model_settings.model
    if change == "account":
        account = await add_account(database)
    model = llm.model(changed(model_settings, model=name), role, database, account)
    await asking(model).run("hello there" if change == "prompt" else "hello")
    assert len(model_server.requests) == 2


async def test_an_answer_is_kept_with_what_it_cost_and_without_what_was_asked(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    prompt = prompts.Prompt("quick", "abc", "unused")
    model = llm.model(model_settings, llm.Role.QUICK, database, account, prompt)
    async with llm.answering(model) as seen:
        await asking(model).run("a peculiar walrus")
    [row] = await answers(database, account)
    assert (row.role, row.model, row.prompt) == ("quick", model_settings.model, "quick abc")
    assert (row.input_tokens, row.output_tokens) == (model_server.input_tokens, model_server.output_tokens)
    assert row.cost_usd is not None
    assert row.cost_usd == round(seen.paid, 6) > 0
    assert row.seconds > 0
    assert "walrus" not in str(row.answer)


async def test_an_unknown_model_on_this_machine_costs_nothing(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    model_server.key = "api-key-not-set"  # as one sends it to a server that asks for none
    model = llm.model(changed(model_settings, model="ollama:qwen3"), llm.Role.QUICK, database, account)
    await asking(model).run("hello")
    [row] = await answers(database, account)
    assert row.cost_usd == 0
    assert row.input_tokens > 0


async def test_an_unusable_answer_is_paid_for_but_never_served(
    model: Model, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    model_server.fail(Fault.PROSE)
    with pytest.raises(errors.ModelAnswerUnusable):
        async with llm.answering(model):
            await asking(model).run("hello")
    async with llm.answering(model):
        assert (await asking(model).run("hello")).output.traits
    assert len(model_server.requests) == 2
    assert len(await answers(database, account)) == 2


async def test_a_paid_answer_is_kept_when_the_asker_goes_away(
    model: Model, model_server: ModelServer, database: Database, account: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled between the answer's arrival and its being written down."""
    writing, keep = asyncio.Event(), store.keep

    async def slowly(session: AsyncSession, account: uuid.UUID, entry: store.Entry) -> None:
        writing.set()
        await asyncio.sleep(0.05)
        await keep(session, account, entry)

    monkeypatch.setattr(store, "keep", slowly)
    task = asyncio.create_task(asking(model).run("hello"))
    await writing.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    assert len(await answers(database, account)) == 1


# Secrets


async def test_no_secret_leaves(model: Model, model_server: ModelServer) -> None:
    agent = Agent(model, instructions=SPOKEN, system_prompt=SPOKEN, output_type=Traits, retries=1)
    model_server.script = lambda request: Answer(text=SPOKEN)
    with pytest.raises(errors.ModelAnswerUnusable):
        async with llm.answering(model):
            await agent.run(["Look:", SPOKEN])
    sent = model_server.sent()
    assert len(model_server.requests) == 2
    assert not [secret for secret in SECRETS if secret in sent]
    assert "[secret: api key]" in sent
    assert "[secret: card number]" in sent


async def test_what_the_person_wants_masked_does_not_leave(
    model_settings: Settings, database: Database, account: uuid.UUID, model_server: ModelServer
) -> None:
    private = changed(model_settings, mask_words=frozenset({"Ada Lovelace"}), mask_contacts=True)
    model = llm.model(private, llm.Role.QUICK, database, account)
    await asking(model).run("[m12 2024] I live with ada lovelace in Ghent. Mail ada@example.org.")
    sent = model_server.sent().lower()
    assert "lovelace" not in sent
    assert "ada@example.org" not in sent
    assert "[secret: private]" in sent
    assert "ghent" in sent


async def test_what_one_message_calls_a_secret_leaves_with_none(model: Model, model_server: ModelServer) -> None:
    agent = Agent(model, instructions="The password is Kiwi-Moa77.")
    async with llm.answering(model):
        await agent.run("connect(Kiwi-Moa77) fails")
    assert "Kiwi-Moa77" not in model_server.sent()


# Streams


async def words(model: Model, text: str) -> AsyncIterator[str]:
    async with Agent(model).run_stream(text) as run:
        async for delta in run.stream_text(delta=True, debounce_by=None):
            yield delta


async def test_a_stream_comes_in_pieces_masked_and_counted(
    model: Model, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    pieces = [piece async for piece in words(model, SPOKEN)]
    assert len(pieces) > 1
    assert "several words" in "".join(pieces)
    assert not [secret for secret in SECRETS if secret in model_server.sent()]
    [row] = await answers(database, account)
    assert row.answer == {}
    assert (row.input_tokens, row.output_tokens) == (model_server.input_tokens, model_server.output_tokens)
    assert row.cost_usd is not None


async def test_a_stream_is_never_served_from_the_journal(
    model: Model, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    for _ in range(2):
        assert [piece async for piece in words(model, "hello")]
    assert len(model_server.requests) == len(await answers(database, account)) == 2


async def test_a_stream_is_tried_again_until_it_begins(model: Model, model_server: ModelServer) -> None:
    model_server.fail(Fault.OVERLOADED, times=2)
    assert [piece async for piece in words(model, "hello")]
    assert len(model_server.requests) == 3


async def test_a_stream_that_breaks_off(model: Model, model_server: ModelServer) -> None:
    model_server.fail(Fault.DROPPED)
    pieces = []
    with pytest.raises(errors.ModelUnreachable):  # noqa: PT012
        async for piece in words(model, "hello"):
            pieces.append(piece)  # noqa: PERF401 (what came before is looked at)
    assert pieces


# Names


async def test_a_name_nobody_knows(settings: Settings, database: Database, account: uuid.UUID) -> None:
    with pytest.raises(errors.ModelUnknown, match="no provider 'klingon'"):
        llm.model(changed(settings, model="klingon:tlh-1"), llm.Role.QUICK, database, account)


async def test_a_missing_key_is_named(settings: Settings, database: Database, account: uuid.UUID) -> None:
    with pytest.raises(errors.ModelUnknown, match="OPENAI_API_KEY"):
        llm.model(changed(settings, model=OPENAI), llm.Role.QUICK, database, account)


async def test_the_local_engine_is_no_model(settings: Settings, database: Database, account: uuid.UUID) -> None:
    with pytest.raises(errors.ModelUnknown):
        llm.model(settings, llm.Role.CHAT, database, account)


async def test_one_connection_for_all_of_a_name(
    model_settings: Settings, database: Database, account: uuid.UUID
) -> None:
    one, other = (llm.model(model_settings, role, database, account) for role in (llm.Role.QUICK, llm.Role.CHAT))
    assert one.provider is other.provider


# Many at once


async def test_far_more_than_a_hundred_are_in_flight_together(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    """No pool of connections holds them back: most reach the server before the first is answered."""
    model_server.latency = 3.0
    model = llm.model(changed(model_settings, concurrency=200), llm.Role.EXTRACT, database, account)
    answered: list[float] = []

    async def ask(number: int) -> None:
        await asking(model).run(f"hello {number}")
        answered.append(time.monotonic())

    await asyncio.gather(*map(ask, range(200)))
    assert len(model_server.requests) == 200
    assert sorted(request.at for request in model_server.requests)[150] < min(answered)


async def test_a_refusal_lets_fewer_in_and_everyone_is_answered(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    """A provider that takes four at a time and refuses the rest, of forty asked for at once."""
    places = threading.Semaphore(4)

    def script(request: Request) -> Answer:
        if not places.acquire(blocking=False):
            return Answer(fault=Fault.RATE_LIMITED, retry_after=0.05)
        threading.Timer(0.05, places.release).start()
        return Answer(data={"traits": []})

    model_server.script = script
    model = llm.model(changed(model_settings, concurrency=40), llm.Role.EXTRACT, database, account)
    await asyncio.gather(*(asking(model).run(f"hello {number}") for number in range(40)))
    assert limiting.limiter(model_settings.model).limit < 40


async def test_who_is_waited_for_does_not_stand_in_line(
    model_settings: Settings, model_server: ModelServer, database: Database, account: uuid.UUID
) -> None:
    narrow = changed(model_settings, concurrency=1)
    background = llm.model(narrow, llm.Role.EXTRACT, database, account)
    async with limiting.limiter(model_settings.model).turn(1):
        waiting = asyncio.create_task(asking(background).run("hello"))
        chat = llm.model(narrow, llm.Role.CHAT, database, account)
        assert [piece async for piece in words(chat, "hello")]
        assert len(model_server.requests) == 1
    await waiting
    assert len(model_server.requests) == 2


# What a database can't hold


@pytest.mark.parametrize("sign", ["\0", "\ud83d"])
async def test_an_answer_that_the_database_cannot_hold_is_kept_all_the_same(
    model: Model, model_server: ModelServer, database: Database, account: uuid.UUID, sign: str
) -> None:
    model_server.script = lambda request: Answer(
        data={"traits": [{"text": f"Bakes{sign}.", "evidence": ["m1"]}], sign: sign}
    )
    for _ in range(2):
        found = (await asking(model).run("[m1 2024] I bake.")).output
        assert [trait.text for trait in found.traits] == ["Bakes\ufffd."]
    assert len(model_server.requests) == 1

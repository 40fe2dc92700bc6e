"""Windows read through a model's whole way: what is kept, what is dropped, and what becomes of an answer of no use."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from soulprint import errors, facts
from soulprint.database import Database
from soulprint.facts.finding.engines import engine
from soulprint.kinds import Modality
from soulprint.llm import batches
from soulprint.records import Conversation, Extraction, FactSource, Message, Run
from soulprint.settings import Settings
from tests import rows
from tests.model_server import Answer, Fault, ModelServer, reader
from tests.model_server.server import Request, Script

pytestmark = pytest.mark.anyio

LYON = "I moved to Lyon yesterday with my cat Miso, where do I buy shelves?"
NURSE = "I work as a nurse at night, how do I sleep by day?"
SAID = (LYON, NURSE, "I hate cilantro, plan a dinner please")


@pytest.fixture
async def run(database: Database, account: uuid.UUID) -> uuid.UUID:
    made = Run(id=uuid.uuid4(), user_id=account, kind="full", model="any", ceiling_usd=100)
    async with database.session(account) as session:
        session.add(made)
    return made.id


async def add(database: Database, account: uuid.UUID, *said: str, **options: Any) -> list[Message]:
    async with database.session(account) as session:
        return (await rows.add_conversation(session, account, said, answered=["You told me."], **options))[1]


@pytest.fixture
async def history(database: Database, account: uuid.UUID) -> list[list[Message]]:
    """A conversation for each of `SAID`, a day apart."""
    return [
        await add(database, account, text, started_at=rows.NOON + timedelta(days=place))
        for place, text in enumerate(SAID)
    ]


def number(request: Request, words: str) -> str:
    """The id that the turn with these words has in the prompt."""
    found = re.search(rf"\[(m\d+) [^\n\[]*?{re.escape(words)}", request.asked.text)
    assert found, words
    return found[1]


def fact(quote: str, message: Any, statement: str = "Lives in Lyon", **more: Any) -> dict[str, Any]:
    return {
        "category": "decisions",
        "about": "Home",
        "statement": statement,
        "quote": quote,
        "message": message,
    } | more


def finding(*wanted: tuple[str, str]) -> Any:
    """A script that gives a fact for each pair of quote and statement whose quote is in the window."""

    def script(request: Request) -> Answer:
        there = [(quote, statement) for quote, statement in wanted if quote in request.asked.text]
        return Answer(data={"facts": [fact(quote, number(request, quote), said) for quote, said in there]})

    return script


EACH = finding(("moved to Lyon", "Lives in Lyon"), ("work as a nurse", "Nurse"), ("hate cilantro", "Hates cilantro"))


async def extracted(db: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID) -> list[facts.Yield]:
    plan = await facts.plan(db, account, settings)
    await facts.pass_over(db, account, settings, run, plan.trivial)
    return [await facts.extract(db, account, settings, run, window) for window in plan.windows]


async def sources(db: Database, account: uuid.UUID) -> list[FactSource]:
    async with db.session(account) as session:
        return [*await session.scalars(select(FactSource).order_by(FactSource.message_id, FactSource.span_start))]


async def outcomes(db: Database, account: uuid.UUID) -> dict[uuid.UUID, str]:
    async with db.session(account) as session:
        return {row.conversation_id: row.outcome for row in await session.scalars(select(Extraction))}


def conversations(history: Iterable[list[Message]]) -> list[uuid.UUID]:
    return [messages[0].conversation_id for messages in history]


async def test_a_finding_is_a_row_with_its_proof(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
) -> None:
    def script(request: Request) -> Answer:
        at = number(request, "moved to Lyon")
        return Answer(data={"facts": [fact("moved to  LYON", at, since="2024-05-11", until="soon")]})

    model_server.script = script
    assert await extracted(database, account, model_settings, run) == [facts.Yield(1, 1)]
    [row] = await sources(database, account)
    message = history[0][0]
    assert (row.message_id, row.conversation_id, row.fact_id) == (message.id, message.conversation_id, None)
    assert row.quote == "moved to Lyon" == LYON[row.span_start : row.span_end]
    assert (row.category, row.about, row.statement, row.language) == ("decisions", "home", "Lives in Lyon", "en")
    assert (row.said_at, row.true_from, row.true_to) == (rows.NOON, date(2024, 5, 11), None)
    assert (row.engine, row.run_id) == (engine(model_settings), run)
    assert await outcomes(database, account) == dict.fromkeys(conversations(history), "read")


async def test_what_has_no_proof_is_dropped_and_counted(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
) -> None:
    def script(request: Request) -> Answer:
        lyon, nurse = number(request, "moved to Lyon"), number(request, "work as a nurse")
        given = [
            fact("I own a castle in Spain", lyon),
            fact("moved to Lyon", nurse),
            fact("You told me.", lyon),
            fact("moved to Lyon", "m99"),
            fact("moved to Lyon", 0),
            fact("moved to Lyon", "the second one"),
            fact("moved to Lyon", lyon, category="crimes"),
            fact("moved to Lyon", lyon, statement=" "),
            "Lives in Lyon",
            None,
            {"statement": "Lives in Lyon"},
            fact("work as a nurse", nurse, "Nurse at night"),
        ]
        return Answer(data={"facts": given})

    model_server.script = script
    [result] = await extracted(database, account, model_settings, run)
    assert (result.found, result.kept, result.failed) == (12, 1, 0)
    assert result.dropped == {
        "quote not found": 3,
        "no such message": 2,
        "unknown category": 1,
        "unusable statement": 5,
    }
    assert [row.statement for row in await sources(database, account)] == ["Nurse at night"]


async def test_the_schema_allows_only_the_persons_turns_of_the_window(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
) -> None:
    await add(database, account, "I own a castle in Spain", modality=Modality.ATTACHMENT)
    settings = model_settings.model_copy(update={"categories": {"pets": "their animals"}})
    await extracted(database, account, settings, run)
    schema = model_server.requests[0].asked.schema
    assert schema
    item = schema["properties"]["facts"]["items"]["properties"]
    assert (item["message"]["minimum"], item["message"]["maximum"]) == (1, len(SAID))
    assert item["category"]["enum"][-1] == "pets"
    assert "- pets: their animals" in model_server.requests[0].asked.text


async def test_twice_leaves_the_same_rows_and_costs_nothing_more(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
) -> None:
    model_server.script = EACH
    plan = await facts.plan(database, account, model_settings)
    for _ in range(2):
        [window] = plan.windows
        assert await facts.extract(database, account, model_settings, run, window) == facts.Yield(3, 3)
    assert len(await sources(database, account)) == 3
    assert len(model_server.requests) == 1
    assert (await facts.plan(database, account, model_settings)).windows == []


@pytest.mark.parametrize("fault", [Fault.PROSE, Fault.MALFORMED, Fault.FENCED])
async def test_an_answer_of_no_use_is_asked_for_once_more(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
    fault: Fault,
) -> None:
    model_server.script = EACH
    model_server.fail(fault)
    assert await extracted(database, account, model_settings, run) == [facts.Yield(3, 3)]
    assert len(model_server.requests) == 2


@pytest.mark.parametrize("fault", [Fault.PROSE, Fault.MALFORMED, Fault.FENCED, Fault.TRUNCATED, Fault.REFUSAL])
async def test_only_the_conversation_that_cannot_be_read_fails(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
    fault: Fault,
) -> None:
    good = EACH

    def script(request: Request) -> Answer:
        return model_server._faulty(request, fault) if "nurse" in request.asked.text else good(request)

    model_server.script = script
    assert await extracted(database, account, model_settings, run) == [facts.Yield(2, 2, {}, 1)]
    bad = history[1][0].conversation_id
    expected = {each: "failed" if each == bad else "read" for each in conversations(history)}
    assert await outcomes(database, account) == expected
    asked = len(model_server.requests)
    assert asked <= 2 + 2 + 2  # the window and once more; its halves; the halves of that one which failed

    model_server.script = good
    [window] = (await facts.plan(database, account, model_settings)).windows
    assert [span.conversation for span in window.spans] == [bad]
    assert await facts.extract(database, account, model_settings, run, window) == facts.Yield(1, 1)
    assert len(model_server.requests) == asked + 1
    assert set((await outcomes(database, account)).values()) == {"read"}
    assert len(await sources(database, account)) == 3


async def test_a_window_that_was_split_is_not_paid_for_twice(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
) -> None:
    model_server.script = EACH
    model_server.fail(Fault.TRUNCATED)
    [window] = (await facts.plan(database, account, model_settings)).windows
    assert await facts.extract(database, account, model_settings, run, window) == facts.Yield(3, 3)
    asked = len(model_server.requests)
    assert await facts.extract(database, account, model_settings, run, window) == facts.Yield(3, 3)
    assert len(model_server.requests) == asked


@pytest.mark.parametrize(
    ("fault", "error"), [(Fault.UNAUTHORIZED, errors.ModelRefused), (Fault.NO_SUCH_MODEL, errors.ModelRefused)]
)
async def test_a_model_that_refuses_stops_it_and_nothing_is_written(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
    fault: Fault,
    error: type[Exception],
) -> None:
    model_server.fail(fault)
    with pytest.raises(error):
        await extracted(database, account, model_settings, run)
    assert await outcomes(database, account) == {}


async def test_quotes_and_statements_stay_in_the_persons_language(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, run: uuid.UUID
) -> None:
    german = "Ich wohne seit letztem Jahr mit meiner Schwester in München, wo kaufe ich Möbel?"
    chinese = "我从去年开始住在上海，在一家医院当护士，请问哪里可以买到便宜的家具？"
    await add(database, account, german)
    await add(database, account, chinese)
    model_server.script = finding(
        ("mit meiner Schwester in München", "Wohnt mit der Schwester in München"),
        ("在一家医院当护士", "在一家医院当护士"),
    )
    assert await extracted(database, account, model_settings, run) == [facts.Yield(2, 2)]
    first, second = await sources(database, account)
    assert (first.quote, first.language) == ("mit meiner Schwester in München", "de")
    assert (second.quote, second.language) == ("在一家医院当护士", "zh")
    assert second.quote == chinese[second.span_start : second.span_end]


async def test_a_secret_is_neither_sent_nor_kept(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, run: uuid.UUID
) -> None:
    await add(database, account, "I live in Lyon and my password is Hunter2-Zebra, is it safe?")
    model_server.script = finding(("my password is", "Has a password"), ("I live in Lyon", "Lives in Lyon"))
    await extracted(database, account, model_settings, run)
    assert "Hunter2" not in model_server.sent()
    assert all("Hunter2" not in row.quote for row in await sources(database, account))


async def test_a_changed_conversation_keeps_what_still_stands(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
) -> None:
    lyon, other = await add(database, account, LYON), await add(database, account, NURSE, "I hate cilantro")
    model_server.script = EACH
    await extracted(database, account, model_settings, run)
    async with database.session(account) as session:
        changed = update(Conversation).where(Conversation.id == other[0].conversation_id)
        await session.execute(changed.values(content_hash=b"changed"))
        await session.execute(update(Message).where(Message.id == other[0].id).values(text="I work as a cook, help"))
    model_server.script = finding(("work as a cook", "Cook"))
    assert await extracted(database, account, model_settings, run) == [facts.Yield(1, 1)]
    stand = {row.statement: row.message_id for row in await sources(database, account)}
    assert stand == {"Lives in Lyon": lyon[0].id, "Cook": other[0].id, "Hates cilantro": other[-1].id}


async def test_what_is_deleted_meanwhile_is_left_out(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
) -> None:
    [window] = (await facts.plan(database, account, model_settings)).windows
    async with database.session(account) as session:
        await session.execute(delete(Conversation).where(Conversation.id == history[0][0].conversation_id))
    model_server.script = EACH
    assert await facts.extract(database, account, model_settings, run, window) == facts.Yield(2, 2)
    assert set(await outcomes(database, account)) == {*conversations(history[1:])}


async def test_a_large_conversation_is_read_when_all_its_windows_are(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, run: uuid.UUID
) -> None:
    settings = model_settings.model_copy(update={"extract_tokens": 500})
    said = [f"I told you part {place} of a long story. " * 25 for place in range(6)]
    [first, *_] = await add(database, account, *said)
    plan = await facts.plan(database, account, settings)
    assert len(plan.windows) > 2
    model_server.script = lambda _: Answer(data={"facts": []})
    for window in reversed(plan.windows[1:]):
        await facts.extract(database, account, settings, run, window)
        await facts.extract(database, account, settings, run, window)
    [outcome] = (await outcomes(database, account)).values()
    assert outcome.startswith("partial ")
    asked = len(model_server.requests)
    again = await facts.plan(database, account, settings)
    assert again.windows == plan.windows
    for window in again.windows:
        await facts.extract(database, account, settings, run, window)
    assert len(model_server.requests) == asked + 1
    assert await outcomes(database, account) == {first.conversation_id: "read"}


async def test_the_failure_of_one_window_of_a_conversation_is_not_hidden_by_the_others(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, run: uuid.UUID
) -> None:
    settings = model_settings.model_copy(update={"extract_tokens": 500})
    said = [f"I told you part {place} of a long story. " * 25 for place in range(6)]
    await add(database, account, *said)

    def script(request: Request) -> Answer:
        return Answer(text="No.") if "part 2" in request.asked.text else Answer(data={"facts": []})

    model_server.script = script
    results = await extracted(database, account, settings, run)
    assert sum(result.failed for result in results) == 1
    [outcome] = (await outcomes(database, account)).values()
    assert outcome.startswith("failed ")
    model_server.script = lambda _: Answer(data={"facts": []})
    for window in (await facts.plan(database, account, settings)).windows:
        if (await facts.extract(database, account, settings, run, window)).failed:
            raise AssertionError(window)
    assert set((await outcomes(database, account)).values()) == {"read"}


async def test_trivial_conversations_are_noted_and_cost_nothing(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, run: uuid.UUID
) -> None:
    [hello, *_] = await add(database, account, "Hello!", "thanks")
    assert await extracted(database, account, model_settings, run) == []
    assert await outcomes(database, account) == {hello.conversation_id: "trivial"}
    assert model_server.requests == []
    assert (await facts.plan(database, account, model_settings)).up_to_date == 1


async def test_the_local_engine_reads_windows_too(
    database: Database, account: uuid.UUID, settings: Settings, run: uuid.UUID, history: list[list[Message]]
) -> None:
    await add(database, account, "I live in a castle in Spain.", modality=Modality.ATTACHMENT)
    [result] = await extracted(database, account, settings, run)
    assert result.kept >= 1
    found = await sources(database, account)
    assert {row.engine for row in found} == {engine(settings)}
    texts = {message.id: message.text for messages in history for message in messages}
    assert all(texts[row.message_id][row.span_start : row.span_end] == row.quote for row in found)
    assert [*(await outcomes(database, account)).values()].count("read") == 3


async def test_the_plan_foretells_what_the_server_counts(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, run: uuid.UUID
) -> None:
    for place in range(12):
        said = [f"{SAID[place % 3]} And number {place} of my plans is a trip with my brother."] * 8
        await add(database, account, *said, started_at=rows.NOON + timedelta(days=place))
    settings = model_settings.model_copy(update={"extract_tokens": 1_000})
    plan = await facts.plan(database, account, settings)
    await extracted(database, account, settings, run)
    assert len(model_server.requests) == len(plan.windows) > 2
    assert model_server.input_tokens == pytest.approx(plan.tokens, rel=0.1)


@pytest.mark.parametrize("script", [reader.fabricating, reader.quoting_assistants])
async def test_nothing_is_kept_of_a_model_that_makes_things_up(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
    script: Script,
) -> None:
    model_server.script = script
    [result] = await extracted(database, account, model_settings, run)
    assert (result.kept, await sources(database, account)) == (0, [])
    assert result.found == sum(result.dropped.values())


async def test_in_a_batch_both_halves_are_asked_for_before_either_is_waited_for(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
) -> None:
    [window] = (await facts.plan(database, account, model_settings)).windows
    model_server.fail(Fault.TRUNCATED)

    def script(_: Request) -> Answer:
        return Answer(fault=Fault.UNAUTHORIZED)

    model_server.script = script
    with pytest.raises(errors.ModelRefused):
        await facts.extract(database, account, model_settings, run, window)
    with batches.collecting() as collected, pytest.raises(errors.AnswerPending):
        await facts.extract(database, account, model_settings, run, window)
    assert len({request.key for request in collected}) == 2
    assert await outcomes(database, account) == {}


async def test_a_pass_that_was_stopped_pays_for_no_window(
    database: Database,
    account: uuid.UUID,
    model_settings: Settings,
    model_server: ModelServer,
    run: uuid.UUID,
    history: list[list[Message]],
) -> None:
    async with database.session(account) as session:
        await session.execute(update(Run).where(Run.id == run).values(status="cancelled"))
    with pytest.raises(errors.PassStopped):
        await extracted(database, account, model_settings, run)
    assert model_server.requests == []
    assert await outcomes(database, account) == {}


async def test_windows_read_at_the_same_time_leave_the_rows_of_each(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, run: uuid.UUID
) -> None:
    settings = model_settings.model_copy(update={"extract_tokens": 500})
    said = [f"I told you part {place} of a long story. " * 25 for place in range(6)]
    [first, *_] = await add(database, account, *said)
    model_server.script = lambda _: Answer(data={"facts": []})
    windows = (await facts.plan(database, account, settings)).windows
    async with asyncio.TaskGroup() as group:
        for window in windows:
            group.create_task(facts.extract(database, account, settings, run, window))
    assert await outcomes(database, account) == {first.conversation_id: "read"}


async def test_a_conversation_whose_answer_always_breaks_off_is_read_by_turns(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, run: uuid.UUID
) -> None:
    [first, *_] = await add(database, account, *SAID, "I play the viola", "I never fly")
    good = finding(("moved to Lyon", "Lives in Lyon"), ("play the viola", "Plays the viola"))

    def script(request: Request) -> Answer:
        there = sum(text in request.asked.text for text in (*SAID, "viola", "never fly"))
        return model_server._faulty(request, Fault.TRUNCATED) if there > 1 else good(request)

    model_server.script = script
    assert await extracted(database, account, model_settings, run) == [facts.Yield(2, 2)]
    assert await outcomes(database, account) == {first.conversation_id: "read"}
    assert len(model_server.requests) == 2 * len([*SAID, "viola", "never fly"]) - 1  # a tree with a leaf for each turn


async def test_one_turn_that_cannot_be_read_fails_its_conversation_alone(
    database: Database, account: uuid.UUID, model_settings: Settings, model_server: ModelServer, run: uuid.UUID
) -> None:
    [first, *_] = await add(database, account, *SAID)
    [other, *_] = await add(database, account, "I play the viola in an orchestra")
    good = finding(("moved to Lyon", "Lives in Lyon"), ("play the viola", "Plays the viola"))

    def script(request: Request) -> Answer:
        return model_server._faulty(request, Fault.TRUNCATED) if NURSE in request.asked.text else good(request)

    model_server.script = script
    assert await extracted(database, account, model_settings, run) == [facts.Yield(2, 2, {}, 1)]
    assert await outcomes(database, account) == {first.conversation_id: "failed", other.conversation_id: "read"}
    model_server.script = good
    assert await extracted(database, account, model_settings, run) == [facts.Yield(1, 1)]
    assert await outcomes(database, account) == dict.fromkeys((first.conversation_id, other.conversation_id), "read")

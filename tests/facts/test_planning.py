"""Which conversations are read, and how they are packed."""

from __future__ import annotations

import random
import uuid
from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import facts, reading
from soulprint.database import Database
from soulprint.facts.finding import store, windows
from soulprint.facts.finding.engines import engine
from soulprint.facts.finding.planning import Packing, Sized, is_trivial
from soulprint.facts.shapes import Span
from soulprint.kinds import Modality
from soulprint.llm import prompts, tokens
from soulprint.records import Conversation
from soulprint.settings import Settings
from tests import rows
from tests.facts.talks import answer, make_dialogue

MODEL = "openai:gpt-5-mini"
SAID = ("I live in Lyon with my cat Miso", "I work as a nurse at night")


# Packing

words = st.text(st.sampled_from("ab c字.1 \n"), max_size=400)
dialogues = st.lists(st.lists(st.tuples(st.booleans(), words.filter(str.strip)), min_size=1, max_size=12), max_size=20)


@given(dialogues, st.integers(500, 900))
def test_packing_loses_no_turn_and_no_window_exceeds_its_limit(talks: list[list[tuple[bool, str]]], limit: int) -> None:
    made = [
        make_dialogue(*(text * 5 if mine else answer(text) for mine, text in turns), number=number)
        for number, turns in enumerate(talks, start=1)
    ]
    sized = Sized(Settings(extract_tokens=limit))
    sized.add(made)
    packed = sized.packing.result()
    assert all(window.tokens <= limit for window in packed)
    read = Counter(
        turn.message_id
        for window in packed
        for span in window.spans
        for dialogue in made
        if dialogue.talk.id == span.conversation
        for turn in dialogue.turns
        if span.first <= turn.position <= span.last
    )
    passed_over = {*sized.trivial}
    expected = [turn.message_id for one in made if one.talk.id not in passed_over for turn in one.turns]
    assert read == Counter(expected)


def test_windows_are_full_and_in_order_of_time() -> None:
    draw = random.Random(7)
    packing = Packing(8_000)
    ids = [uuid.UUID(int=number) for number in range(3_000)]
    sizes = [min(8_000, int(draw.lognormvariate(6.8, 0.9))) for _ in ids]
    for id_, size in zip(ids, sizes, strict=True):
        packing.add(Span(id_, 0, 1), size)
    packed = packing.result()
    assert sum(sizes) / (8_000 * len(packed)) > 0.95
    firsts = [window.spans[0].conversation.int for window in packed]
    assert firsts == sorted(firsts)


def test_a_conversation_larger_than_a_window_has_windows_of_its_own() -> None:
    large = make_dialogue(*["I tell you a long story. " * 20] * 20, number=1)
    small = make_dialogue("I live in Lyon with my cat", number=2)
    sized = Sized(Settings(extract_tokens=500))
    sized.add([small, large])
    packed = sized.packing.result()
    assert {len({span.conversation for span in window.spans}) for window in packed} == {1}
    spans = [span for window in packed for span in window.spans if span.conversation == large.talk.id]
    assert len(spans) > 4
    assert [spans[0].first, spans[-1].last] == [0, 19]
    assert all(one.last + 1 == other.first for one, other in pairwise(spans))


@pytest.mark.parametrize(
    ("said", "trivial"),
    [
        (["Hello!"], True),
        (["hi", "ok thanks a lot, bye"], True),
        (["Hallo", "vielen Dank!"], True),
        (["谢谢", "你好"], True),
        (["👍👍👍👍👍"], True),
        (["..."], True),
        (["I moved to Lyon"], False),
        (["Call me Max"], False),
        (["hi", "vegan recipe", "no nuts"], False),
        (["我住在上海浦东新区"], False),
        (["明日は何をしますか"], False),
    ],
)
def test_conversations_without_words_of_the_person_are_trivial(said: list[str], trivial: bool) -> None:
    assert is_trivial(make_dialogue(*said, answer("And a long answer to that, of many words."))) is trivial


def test_what_is_only_pasted_is_trivial() -> None:
    assert is_trivial(make_dialogue("A letter of many words that is pasted", modality=Modality.ATTACHMENT))
    assert is_trivial(make_dialogue(answer("Only an answer, whatever it was to.")))


# The plan

pytestmark = pytest.mark.anyio


async def add(session: AsyncSession, account: uuid.UUID, place: int, *said: str) -> uuid.UUID:
    started_at = rows.NOON + timedelta(days=place)
    made, _ = await rows.add_conversation(session, account, said or SAID, answered=["Good."], started_at=started_at)
    return made.id


async def read(database: Database, account: uuid.UUID, outcomes: dict[uuid.UUID, str], name: str) -> None:
    """Note that these were read."""
    async with database.session(account) as session:
        hashes = {row.id: row.content_hash for row in await session.scalars(select(Conversation))}
        for conversation, outcome in outcomes.items():
            await store.note(session, account, None, name, outcome, {conversation: hashes[conversation]})


async def test_what_is_new_changed_or_failed_is_read_and_nothing_else(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    settings = settings.model_copy(update={"model": MODEL})
    async with database.session(account) as session:
        new, failed, changed, partial, current, trivial = [await add(session, account, place) for place in range(6)]
    name = engine(settings)
    outcomes = {failed: "failed", changed: "read", partial: "partial 0-0", current: "read", trivial: "trivial"}
    await read(database, account, outcomes, name)
    async with database.session(account) as session:
        await session.execute(update(Conversation).where(Conversation.id == changed).values(content_hash=b"other"))
    made = await facts.plan(database, account, settings)
    assert [span.conversation for window in made.windows for span in window.spans] == [new, failed, changed, partial]
    assert (made.conversations, made.up_to_date, made.stale) == (4, 2, 0)


async def test_what_another_model_has_read_is_counted_and_read_again_when_asked(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    settings = settings.model_copy(update={"model": MODEL})
    async with database.session(account) as session:
        old, current, trivial = [await add(session, account, place) for place in range(3)]
    await read(database, account, {old: "read", trivial: "trivial"}, "local 0")
    await read(database, account, {current: "read"}, engine(settings))
    made = await facts.plan(database, account, settings)
    assert (made.windows, made.stale, made.up_to_date) == ([], 1, 2)
    again = await facts.plan(database, account, settings, again=True)
    assert [span.conversation for window in again.windows for span in window.spans] == [old]
    assert (again.stale, again.up_to_date) == (1, 2)


async def test_conversations_come_oldest_first_and_undated_last(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with database.session(account) as session:
        undated, _ = await rows.add_conversation(session, account, SAID, started_at=None)
        late, early = await add(session, account, 9), await add(session, account, 1)
        greeting = await add(session, account, 0, "hello", "thanks")
    made = await facts.plan(database, account, settings)
    assert [span.conversation for span in made.windows[0].spans] == [early, late, undated.id]
    assert made.trivial == [greeting]
    assert made.windows == (await facts.plan(database, account, settings)).windows


async def test_the_plan_counts_the_tokens_of_prompts_and_of_the_chat(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    async with database.session(account) as session:
        await rows.add_conversation(session, account, SAID, answered=["A long answer indeed. " * 200] * 2)
    made = await facts.plan(database, account, settings)
    assert len(made.windows) == 1
    assert made.tokens == made.windows[0].tokens + windows.fixed_tokens(settings)
    assert made.chat_tokens > 5 * made.windows[0].tokens
    [talks] = [batch async for batch in reading.dialogues(database, account, [made.windows[0].spans[0].conversation])]
    assert made.chat_tokens == sum(tokens.count(turn.text) for turn in talks[0].turns)


def test_the_name_of_the_engine_follows_model_prompt_and_categories(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(model=MODEL)
    name = engine(settings)
    assert name.startswith(f"{MODEL} ")
    assert engine(Settings(model=MODEL, model_extract="ollama:qwen3")).startswith("ollama:qwen3 ")
    assert engine(Settings(model=MODEL, categories={"pets": "their animals"})) != name
    assert engine(Settings()).startswith("local ")
    monkeypatch.setattr(prompts, "digest", lambda *_: "another")
    assert engine(settings) != name

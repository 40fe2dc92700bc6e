from __future__ import annotations

import uuid
from datetime import UTC, timedelta

import pytest
from sqlalchemy import update

from soulprint import errors, reading
from soulprint.database import Database, engine
from soulprint.kinds import ClaimKind, Modality
from soulprint.records import Message
from tests.rows import NOON, add_claim, add_conversation

pytestmark = pytest.mark.anyio


async def texts(database: Database, account: uuid.UUID) -> list[str]:
    return [said.text async for batch in reading.said(database, account) for said in batch]


async def test_only_what_the_person_said_is_read_in_order(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["one", "two", "three"], answered=["I am the assistant"])
    assert await texts(database, account) == ["one", "two", "three"]


async def test_what_is_blank_or_off_the_branch_is_left_out(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        _, messages = await add_conversation(session, account, ["kept", " \n\u00a0", "left"])
        await session.execute(update(Message).where(Message.id == messages[2].id).values(on_branch=False))
    assert await texts(database, account) == ["kept"]


@pytest.mark.parametrize("modality", [Modality.ATTACHMENT, Modality.ROLE_PLAY, Modality.COMMAND])
async def test_what_is_no_word_of_their_own_is_left_out(
    database: Database, account: uuid.UUID, modality: Modality
) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["I am a pirate of ninety years"], modality=modality)
        await add_conversation(session, account, ["I am a baker"], modality=Modality.VOICE)
    assert await texts(database, account) == ["I am a baker"]


async def test_a_time_of_an_unknown_zone_is_marked(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        conversation, _ = await add_conversation(session, account, ["Hi"])
        conversation.zone_known = False
    [[said]] = [batch async for batch in reading.said(database, account)]
    assert not said.zone_known


async def test_a_message_comes_whole_with_its_time_in_utc(database: Database, account: uuid.UUID) -> None:
    text = "Grüße 🎉\r\n\ttabs " + "x" * 100_000
    async with database.session(account) as session:
        conversation, (message,) = await add_conversation(session, account, [text], modality=Modality.VOICE)
    (batch,) = [batch async for batch in reading.said(database, account)]
    assert batch == [reading.Said(message.id, conversation.id, 0, text, NOON, "voice")]
    assert batch[0].sent_at is not None
    assert batch[0].sent_at.utcoffset() == NOON.astimezone(UTC).utcoffset()


async def test_a_long_history_comes_in_batches(
    database: Database, account: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STREAMED", 7)
    async with database.session(account) as session:
        for talk in range(4):
            await add_conversation(session, account, [f"{talk} {turn}" for turn in range(5)])
    batches = [batch async for batch in reading.said(database, account)]
    assert [len(batch) for batch in batches] == [7, 7, 6]
    read = [said for batch in batches for said in batch]
    assert read == sorted(read, key=lambda said: (said.conversation_id, said.position))


async def test_reading_can_be_left_half_way(
    database: Database, account: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STREAMED", 1)
    async with database.session(account) as session:
        await add_conversation(session, account, ["one", "two"])
    batches = reading.said(database, account)
    assert len(await anext(batches)) == 1
    await batches.aclose()
    assert await texts(database, account) == ["one", "two"]


async def test_nothing_of_another_account_is_read(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        conversation, _ = await add_conversation(session, account, ["mine"])
        await add_claim(session, account, "I am me.")
    other = uuid.uuid4()
    assert await texts(database, other) == []
    assert await reading.talks(database, other) == {}
    assert await reading.claims(database, other) == []
    async with database.session(other) as session:
        with pytest.raises(errors.NotFound):
            await reading.conversation(session, conversation.id)


async def test_conversations_come_oldest_first_and_undated_ones_last(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, title="undated", started_at=None)
        await add_conversation(session, account, title="new", started_at=NOON + timedelta(days=2))
        await add_conversation(session, account, ["a"], answered=["b"], title="old")
    talks = await reading.talks(database, account)
    assert [talk.title for talk in talks.values()] == ["old", "new", "undated"]
    assert [talk.message_count for talk in talks.values()] == [2, 1, 1]
    assert all(key == talk.id for key, talk in talks.items())


async def test_claims_come_newest_first(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        await add_claim(session, account, "I live in Leeds.")
        await add_claim(session, account, "nobody knows when", said_at=None)
        await add_claim(session, account, "Be brief.", kind=ClaimKind.HOW_TO_ANSWER, said_at=NOON + timedelta(days=1))
    claims = await reading.claims(database, account)
    assert [claim.text for claim in claims] == ["Be brief.", "I live in Leeds.", "nobody knows when"]


async def test_a_conversation_is_shown_as_it_was_held(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        made, _ = await add_conversation(session, account, ["Hello", "Bye"], answered=["Hi"], title="Short")
    async with database.session(account) as session:
        held = await reading.conversation(session, made.id)
    assert held.conversation.title == "Short"
    assert [(message.role, message.text) for message in held.messages] == [
        ("user", "Hello"),
        ("assistant", "Hi"),
        ("user", "Bye"),
    ]


async def test_a_dialogue_has_both_sides_in_order_and_its_times_in_utc(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        made, messages = await add_conversation(
            session, account, ["Hello", " \n", "Bye", "Edited"], answered=["Hi", "\u00a0"], title="Short"
        )
        await session.execute(update(Message).where(Message.id == messages[-1].id).values(on_branch=False))
    [[dialogue]] = [batch async for batch in reading.dialogues(database, account, [made.id])]
    assert dialogue.talk == reading.Talk(made.id, "Short", NOON, "chatgpt", 6)
    assert dialogue.content_hash == made.content_hash
    assert [(turn.role, turn.text) for turn in dialogue.turns] == [
        ("user", "Hello"),
        ("assistant", "Hi"),
        ("user", "Bye"),
    ]
    hello = dialogue.turns[0]
    assert hello == reading.Utterance(messages[0].id, 0, "user", "Hello", NOON, "text")
    assert hello.sent_at is not None
    assert hello.sent_at.utcoffset() == timedelta(0)


async def test_dialogues_come_in_the_order_asked_for_in_bounded_batches(
    database: Database, account: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BATCH_CONVERSATIONS", 4)
    sizes = [30, 60, 20, 500, 0, 40, 30, 30]
    async with database.session(account) as session:
        ids = [(await add_conversation(session, account, ["x" * size]))[0].id for size in sizes]
    ids.reverse()
    batches = [batch async for batch in reading.dialogues(database, account, [*ids, uuid.uuid4()], 100)]
    assert [dialogue.talk.id for batch in batches for dialogue in batch] == ids
    assert [[sum(len(turn.text) for turn in dialogue.turns) for dialogue in batch] for batch in batches] == [
        [30, 30, 40, 0],
        [500],
        [20, 60],
        [30],
    ]


async def test_dialogues_of_another_account_are_absent(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        made, _ = await add_conversation(session, account, ["mine"])
    assert [batch async for batch in reading.dialogues(database, uuid.uuid4(), [made.id])] == []
    assert [batch async for batch in reading.dialogues(database, account, [])] == []

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import update

from soulprint import errors, quick_pass
from soulprint.database import Database
from soulprint.kinds import ClaimKind, Modality
from soulprint.quick_pass import agent
from soulprint.quick_pass.evidence import gather
from soulprint.records import Message
from soulprint.records.sections import Draft
from soulprint.settings import Settings
from tests.rows import add_claim, add_conversation, make_draft

pytestmark = pytest.mark.anyio


async def test_the_whole_history_is_measured(database: Database, account: uuid.UUID, settings: Settings) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["I live in Lyon with Théo.", "thanks"], answered=["Noted."])
        await add_conversation(session, account, ["I can't stand coriander"], modality=Modality.VOICE)
        await add_conversation(session, account, ["I live in a file"], modality=Modality.ATTACHMENT)
        await add_claim(session, account, "Be brief.", kind=ClaimKind.HOW_TO_ANSWER)
    evidence = await gather(database, account, settings)
    assert (evidence.style.messages, evidence.style.voice) == (3, 1)
    assert {one.text for one in evidence.statements} == {"I live in Lyon with Théo.", "I can't stand coriander"}
    assert set(evidence.said) == {one.message for one in evidence.statements}
    assert [claim.text for claim in evidence.claims] == ["Be brief."]
    assert evidence.conversations_total == len(evidence.talks) == 3
    assert evidence.sample is None


async def test_a_quotation_knows_where_it_stands(database: Database, account: uuid.UUID, settings: Settings) -> None:
    async with database.session(account) as session:
        made, (message,) = await add_conversation(session, account, ["Thanks. I live in Lyon now."], title="Boxes")
    evidence = await gather(database, account, settings)
    quote = evidence.quote(evidence.statements[0])
    assert (quote.message_id, quote.conversation_id, quote.title) == (message.id, made.id, "Boxes")
    assert quote.said_at == message.sent_at
    assert (message.text[quote.start : quote.end], quote.text) == ("I live in Lyon now.",) * 2
    part = evidence.quote(evidence.statements[0], 2, 9)
    assert message.text[part.start : part.end] == part.text == "live in"


async def test_a_sentence_with_a_secret_is_no_statement(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    secret = "I live in Lyon and my wifi password is heron-Lock41-mirfield, I hate it"
    async with database.session(account) as session:
        await add_conversation(session, account, [secret, "I live in Lyon with my sister"])
    evidence = await gather(database, account, settings)
    assert [one.text for one in evidence.statements] == ["I live in Lyon with my sister"]


async def test_an_empty_history_gives_an_empty_draft(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    draft = await quick_pass.draft(database, account, settings)
    assert (draft.conversations_read, draft.conversations_total, draft.model) == (0, 0, "local")
    assert not any(part.lines for part in draft.memory)


async def test_messages_without_a_time_do_no_harm(database: Database, account: uuid.UUID, settings: Settings) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["I live in Lyon with Théo."], started_at=None)
        await session.execute(update(Message).values(sent_at=None))
    draft = await quick_pass.draft(database, account, settings)
    assert [line.text for line in draft.sections.user.location] == ["I live in Lyon with Théo."]


@pytest.fixture
def with_model(settings: Settings) -> Settings:
    return settings.model_copy(update={"model": "openai:gpt-test"})


async def test_a_sample_is_taken_for_a_model(database: Database, account: uuid.UUID, with_model: Settings) -> None:
    async with database.session(account) as session:
        await add_conversation(session, account, ["I live in Lyon with Théo.", "how do I bake bread?"] * 10)
    evidence = await gather(database, account, with_model)
    assert evidence.sample is not None
    assert 0 < evidence.sample.tokens <= with_model.quick_tokens
    assert evidence.sample.conversations_read == 1


@pytest.mark.parametrize("kind", [errors.ModelUnreachable, errors.ModelRefused, errors.ModelAnswerUnusable])
async def test_the_local_engine_stands_in_for_a_model_that_fails(
    database: Database,
    account: uuid.UUID,
    with_model: Settings,
    monkeypatch: pytest.MonkeyPatch,
    kind: type[errors.SoulprintError],
) -> None:
    async def fail(*_: object) -> Draft:
        raise kind(model="openai:gpt-test", reason="connection refused")

    monkeypatch.setattr(agent, "draft", fail)
    async with database.session(account) as session:
        await add_conversation(session, account, ["I live in Lyon with Théo."])
    draft = await quick_pass.draft(database, account, with_model)
    assert draft.model == "local"
    assert draft.note is not None
    assert "connection refused" in draft.note
    assert "The local engine wrote this profile instead." in draft.note
    assert [line.text for line in draft.sections.user.location] == ["I live in Lyon with Théo."]


async def test_a_models_draft_without_memory_gets_the_persons_words(
    database: Database, account: uuid.UUID, with_model: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(*_: object) -> Draft:
        return make_draft(model="openai:gpt-test").model_copy(update={"memory": []})

    monkeypatch.setattr(agent, "draft", answer)
    async with database.session(account) as session:
        await add_conversation(session, account, ["I can't stand coriander"])
    draft = await quick_pass.draft(database, account, with_model)
    assert draft.model == "openai:gpt-test"
    assert [line.text for line in draft.memory[0].lines] == ["I can't stand coriander"]


async def test_without_own_words_nobody_is_asked_and_the_note_says_why(
    database: Database, account: uuid.UUID, with_model: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> Draft:
        raise AssertionError

    monkeypatch.setattr(agent, "draft", fail)
    async with database.session(account) as session:
        for modality in (Modality.COMMAND, Modality.ROLE_PLAY, Modality.ATTACHMENT):
            await add_conversation(session, account, ["I live in Lyon with Théo."] * 3, modality=modality)
    draft = await quick_pass.draft(database, account, with_model)
    assert (draft.model, draft.conversations_total) == ("local", 3)
    assert (draft.sections.user.location, draft.sections.soul.communication_style) == ([], [])
    assert not any(part.lines for part in draft.memory)
    assert "None of these conversations holds words of your own" in (draft.note or "")

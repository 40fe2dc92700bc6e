from __future__ import annotations

import asyncio
import random
import threading
import uuid

import pytest
from sqlalchemy import func, select

from soulprint import embedding, errors, indexing, recall
from soulprint.database import Database
from soulprint.llm import embedders, minilm
from soulprint.records import PassageVector, SearchTotals
from soulprint.settings import Credentials, Settings
from tests.model_server import Fault, ModelServer
from tests.rows import add_conversation

pytestmark = pytest.mark.anyio

SAID = ("zzz zzz", "aaa aaa aaa", "bbb bbb", "My password is hunter2-Hunter-77, zebra")


@pytest.fixture
async def talked(database: Database, account: uuid.UUID) -> None:
    async with database.session(account) as session:
        for text in SAID:
            await add_conversation(session, account, [text], title=None)
    await indexing.index_all(database, account)


def named(settings: Settings, credentials: Credentials, name: str = "openai:letters") -> Settings:
    return settings.model_copy(update={"model_embed": name, "credentials": credentials, "model_attempts": 3})


@pytest.fixture
def by_letters(settings: Settings, credentials: Credentials) -> Settings:
    return named(settings, credentials)


async def models(database: Database, account: uuid.UUID) -> dict[str, int]:
    async with database.session(account) as session:
        query = select(PassageVector.model, func.count()).group_by(PassageVector.model)
        return {row[0]: row[1] for row in await session.execute(query)}


async def serving(database: Database, account: uuid.UUID) -> str | None:
    async with database.session(account) as session:
        return await session.scalar(select(SearchTotals.vectors_by))


@pytest.mark.usefixtures("talked")
async def test_all_passages_get_vectors_once_and_without_secrets(
    database: Database, account: uuid.UUID, by_letters: Settings, model_server: ModelServer
) -> None:
    assert await embedding.progress(database, account, by_letters) == (0, 4)
    assert await embedding.drain(database, account, by_letters) == embedding.Drained(4, 0)
    assert await embedding.progress(database, account, by_letters) == (4, 4)
    assert await embedding.drain(database, account, by_letters) == embedding.Drained(0, 0)
    [asked] = model_server.embedded
    assert "hunter2" not in str(asked)
    assert any("zebra" in text for text in asked["input"])


@pytest.mark.usefixtures("talked")
async def test_the_nearest_in_meaning_is_found_without_its_words(
    database: Database, account: uuid.UUID, by_letters: Settings
) -> None:
    await embedding.drain(database, account, by_letters)
    found = await recall.recall(database, account, by_letters, "azza baab a")
    assert found.best[0].text == "aaa aaa aaa"
    other = uuid.uuid4()
    assert (await recall.recall(database, other, by_letters, "azza baab a")).best == []


async def test_what_nothing_is_near_to_is_not_found(
    database: Database, account: uuid.UUID, by_letters: Settings
) -> None:
    draw = random.Random(7)
    async with database.session(account) as session:
        await add_conversation(session, account, ["".join(draw.choices("abcdefgh", k=30)) for _ in range(100)])
        await add_conversation(session, account, ["xxxx xxx xxxxx"])
    await indexing.index_all(database, account)
    await embedding.drain(database, account, by_letters)
    assert (await recall.recall(database, account, by_letters, "bdfh aceg bdfh aceg")).best == []
    found = await recall.recall(database, account, by_letters, "xx")
    assert (found.best[0].text, found.best[0].why) == ("xxxx xxx xxxxx", "near in meaning")


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.DROPPED])
async def test_what_fails_for_a_while_is_tried_again(
    database: Database, account: uuid.UUID, by_letters: Settings, model_server: ModelServer, fault: Fault
) -> None:
    model_server.fail(fault, retry_after=0.01)
    assert await embedding.drain(database, account, by_letters) == embedding.Drained(4, 0)


@pytest.mark.usefixtures("talked")
async def test_a_text_that_no_model_takes_costs_no_other_its_vector(
    database: Database, account: uuid.UUID, by_letters: Settings, model_server: ModelServer
) -> None:
    def vectors(texts: list[str]) -> list[list[float]]:
        return [[0.0, 0.0] if "bbb" in text else [1.0, 2.0] for text in texts]

    model_server.vectors = vectors
    assert await embedding.drain(database, account, by_letters) == embedding.Drained(3, 1)
    assert await serving(database, account) == "openai:letters"


@pytest.mark.usefixtures("talked")
@pytest.mark.parametrize("vectors", [[], [[1.0, 2.0]], [[1.0], [1.0, 2.0], [1.0], [1.0]], [[1e999, 1.0]] * 4])
async def test_vectors_that_make_no_sense_are_refused(
    settings: Settings, credentials: Credentials, model_server: ModelServer, vectors: list[list[float]]
) -> None:
    model_server.vectors = lambda _: vectors
    embedder = embedders.embedder(named(settings, credentials))
    assert embedder is not None
    with pytest.raises(errors.SoulprintError):
        await embedder.passages(SAID)


@pytest.mark.usefixtures("talked")
async def test_another_model_takes_over_when_it_has_read_all(
    database: Database, account: uuid.UUID, settings: Settings, credentials: Credentials, model_server: ModelServer
) -> None:
    old, new = named(settings, credentials, "openai:letters"), named(settings, credentials, "openai:newer")
    await embedding.drain(database, account, old)
    model_server.fail(Fault.UNAUTHORIZED, times=2)
    with pytest.raises(errors.ModelRefused):
        await embedding.drain(database, account, new)
    assert await serving(database, account) == "openai:letters"
    assert (await recall.recall(database, account, new, "azza baab a")).best[0].text == "aaa aaa aaa"
    await embedding.drain(database, account, new)
    assert await serving(database, account) == "openai:newer"
    assert await models(database, account) == {"openai:newer": 4}


@pytest.mark.usefixtures("talked")
async def test_a_drain_that_is_asked_to_stop_goes_on_later(
    database: Database, account: uuid.UUID, by_letters: Settings
) -> None:
    async def never(_made: int) -> bool:
        return False

    assert await embedding.drain(database, account, by_letters, never) == embedding.Drained(left=4)
    assert await serving(database, account) == "openai:letters"
    assert (await embedding.drain(database, account, by_letters)).done == 4


@pytest.mark.usefixtures("talked")
async def test_a_question_is_answered_by_words_where_the_embedder_fails(
    database: Database, account: uuid.UUID, by_letters: Settings, model_server: ModelServer
) -> None:
    await embedding.drain(database, account, by_letters)
    model_server.fail(Fault.SERVER_ERROR, times=5)
    assert "zebra" in (await recall.recall(database, account, by_letters, "zebra")).best[0].text


@pytest.mark.usefixtures("talked")
async def test_without_an_embedder_nothing_is_made(database: Database, account: uuid.UUID, settings: Settings) -> None:
    off = settings.model_copy(update={"model_embed": "off"})
    assert await embedding.drain(database, account, off) == embedding.Drained(0, 0)
    assert await embedding.progress(database, account, off) == (0, 0)


@pytest.mark.parametrize("name", ["letters", "nobody:letters", "openai:letters@many"])
def test_an_embedder_that_cannot_be_is_refused(settings: Settings, name: str) -> None:
    with pytest.raises(errors.ModelUnknown):
        embedders.check(settings.model_copy(update={"model_embed": name}))


@pytest.mark.skipif(not minilm.available(), reason="the extra `local` is not installed")
@pytest.mark.usefixtures("talked")
async def test_the_small_model_works_in_this_process(
    database: Database, account: uuid.UUID, settings: Settings
) -> None:
    assert embedders.chosen(settings) == "local"
    assert (await embedding.drain(database, account, settings)).done == 4
    assert (await recall.recall(database, account, settings, "striped animal")).best


@pytest.mark.usefixtures("talked")
async def test_two_drains_at_once_make_each_vector_once(
    database: Database, account: uuid.UUID, by_letters: Settings, model_server: ModelServer
) -> None:
    drained = await asyncio.gather(*(embedding.drain(database, account, by_letters) for _ in range(3)))
    assert sum(each.done for each in drained) == 4
    assert sum(len(asked["input"]) for asked in model_server.embedded) == 4


@pytest.mark.usefixtures("talked")
async def test_what_was_made_stays_when_the_rest_is_cancelled(
    database: Database,
    account: uuid.UUID,
    by_letters: Settings,
    model_server: ModelServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(embedders.RemoteEmbedder, "batch", 3)
    reached, release = threading.Event(), threading.Event()

    def vectors(texts: list[str]) -> list[list[float]]:
        if model_server.embedded[1:]:
            reached.set()
            release.wait()
        return [[1.0, 2.0] for _ in texts]

    model_server.vectors = vectors
    one_at_a_time = by_letters.model_copy(update={"concurrency": 1})
    drain = asyncio.create_task(embedding.drain(database, account, one_at_a_time))
    await asyncio.to_thread(reached.wait)
    drain.cancel()
    with pytest.raises(asyncio.CancelledError):
        await drain
    release.set()
    assert await embedding.progress(database, account, by_letters) == (3, 4)
    assert await embedding.drain(database, account, by_letters) == embedding.Drained(1, 0)


@pytest.mark.usefixtures("talked")
async def test_a_text_that_was_refused_is_not_sent_again(
    database: Database, account: uuid.UUID, by_letters: Settings, model_server: ModelServer
) -> None:
    model_server.vectors = lambda texts: [[0.0, 0.0] if "bbb" in text else [1.0, 2.0] for text in texts]
    assert await embedding.drain(database, account, by_letters) == embedding.Drained(3, 1)
    sent = len(model_server.embedded)
    assert await embedding.drain(database, account, by_letters) == embedding.Drained()
    assert len(model_server.embedded) == sent
    assert await embedding.progress(database, account, by_letters) == (3, 4)


@pytest.mark.usefixtures("talked")
async def test_a_refused_key_costs_no_passage_its_vector(
    database: Database, account: uuid.UUID, by_letters: Settings, model_server: ModelServer
) -> None:
    model_server.fail(Fault.UNAUTHORIZED, times=2)
    with pytest.raises(errors.ModelRefused):
        await embedding.drain(database, account, by_letters)
    assert len(model_server.embedded) == 2
    assert await embedding.drain(database, account, by_letters) == embedding.Drained(4, 0)


@pytest.mark.usefixtures("talked")
async def test_another_model_under_the_same_name_is_noticed(
    database: Database, account: uuid.UUID, by_letters: Settings, model_server: ModelServer
) -> None:
    await embedding.drain(database, account, by_letters)
    async with database.session(account) as session:
        await add_conversation(session, account, ["quail quail"], title=None)
    await indexing.index_all(database, account)
    model_server.vectors = lambda texts: [[1.0, 2.0] for _ in texts]
    with pytest.raises(errors.ModelAnswerUnusable, match="2 numbers, and those made before 26"):
        await embedding.drain(database, account, by_letters)
    assert await embedding.progress(database, account, by_letters) == (4, 5)
    assert "quail" in (await recall.recall(database, account, by_letters, "quail")).best[0].text


@pytest.mark.skipif(not minilm.available(), reason="the extra `local` is not installed")
@pytest.mark.usefixtures("talked")
async def test_no_question_leaves_once_the_model_in_this_process_is_chosen(
    database: Database, account: uuid.UUID, by_letters: Settings, model_server: ModelServer
) -> None:
    async def never(_made: int) -> bool:
        return False

    await embedding.drain(database, account, by_letters)
    sent = len(model_server.embedded)
    local = by_letters.model_copy(update={"model_embed": "local"})
    await recall.recall(database, account, local, "zebra")
    await embedding.drain(database, account, local, never)
    assert await serving(database, account) == "local"
    await embedding.drain(database, account, local)
    await recall.recall(database, account, local, "zebra")
    assert len(model_server.embedded) == sent
    assert await models(database, account) == {"local": 4}


@pytest.mark.usefixtures("talked")
async def test_other_accounts_keep_their_vectors(
    database: Database, account: uuid.UUID, stranger: uuid.UUID, by_letters: Settings
) -> None:
    async with database.session(stranger) as session:
        await add_conversation(session, stranger, ["aaa aaa aaa"], title=None)
    await indexing.index_all(database, stranger)
    await embedding.drain(database, stranger, by_letters)
    newer = by_letters.model_copy(update={"model_embed": "openai:newer"})
    await embedding.drain(database, account, by_letters)
    await embedding.drain(database, account, newer)
    assert await models(database, account) == {"openai:newer": 4}
    assert await models(database, stranger) == {"openai:letters": 1}


async def test_what_is_in_the_way_is_said(database: Database, settings: Settings) -> None:
    assert "is off" in (await embedding.obstacle(database, settings.model_copy(update={"model_embed": "off"})) or "")
    named_one = settings.model_copy(update={"model_embed": "openai:letters"})
    assert await embedding.obstacle(database, named_one) is None

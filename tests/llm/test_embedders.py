from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from soulprint import errors
from soulprint.database import Database
from soulprint.llm import embedders, minilm
from soulprint.llm.embedders import Payer
from soulprint.records import LlmAnswer
from soulprint.settings import Credentials, Settings
from tests.model_server import Fault, ModelServer

pytestmark = pytest.mark.anyio

NAME = "openai:text-embedding-3-small"
needs_local = pytest.mark.skipif(not minilm.available(), reason="needs the extra `local`")


def made(settings: Settings, credentials: Credentials, name: str = NAME, **values: Any) -> embedders.Embedder:
    wanted = settings.model_copy(update={"model_embed": name, "credentials": credentials, "model_attempts": 3} | values)
    embedder = embedders.embedder(wanted)
    assert embedder is not None
    return embedder


def length(vector: list[float]) -> float:
    return float(sum(part * part for part in vector) ** 0.5)


@pytest.mark.parametrize("name", [NAME, "ollama:nomic-embed-text"])
async def test_vectors_have_length_one(
    settings: Settings, credentials: Credentials, model_server: ModelServer, name: str
) -> None:
    embedder = made(settings, credentials, name)
    assert embedder.name == name
    first, second = await embedder.passages(["aaa", "zzz"])
    assert first != second
    assert await embedder.question("aaa") == pytest.approx(first)
    assert length(first) == pytest.approx(1)
    assert {asked["model"] for asked in model_server.embedded} == {name.partition(":")[2]}


async def test_dimensions_are_asked_for_and_belong_to_the_name(
    settings: Settings, credentials: Credentials, model_server: ModelServer
) -> None:
    model_server.vectors = lambda texts: [[1.0] * 4 for _ in texts]
    embedder = made(settings, credentials, f"{NAME}@4")
    assert embedder.name == f"{NAME}@4"
    await embedder.question("a")
    assert model_server.embedded[0]["dimensions"] == 4
    model_server.vectors = lambda texts: [[1.0] * 5 for _ in texts]
    with pytest.raises(errors.ModelAnswerUnusable, match="5 numbers where 4"):
        await embedder.passages(["a"])


async def test_no_secret_leaves_and_what_one_text_tells_is_masked_in_all(
    settings: Settings, credentials: Credentials, model_server: ModelServer
) -> None:
    embedder = made(settings, credentials)
    await embedder.passages(["my password is hunter2-Hunter-77", "so I typed hunter2-Hunter-77 again"])
    await embedder.question("my password is hunter2-Hunter-77, where did I use it?")
    assert len(model_server.embedded) == 2
    assert "hunter2" not in str(model_server.embedded)
    assert "again" in str(model_server.embedded)


@pytest.mark.parametrize("fault", [Fault.RATE_LIMITED, Fault.SERVER_ERROR, Fault.OVERLOADED, Fault.DROPPED])
async def test_what_may_pass_is_tried_again_as_often_as_is_set(
    settings: Settings, credentials: Credentials, model_server: ModelServer, fault: Fault
) -> None:
    embedder = made(settings, credentials, concurrency=1)
    model_server.fail(fault, times=2, retry_after=0.01)
    assert len(await embedder.passages(["a"])) == 1
    assert len(model_server.embedded) == 3
    model_server.fail(fault, times=3, retry_after=0.01)
    with pytest.raises(errors.ModelUnreachable):
        await embedder.passages(["a"])
    assert len(model_server.embedded) == 6


async def test_a_question_is_asked_once(
    settings: Settings, credentials: Credentials, model_server: ModelServer
) -> None:
    model_server.fail(Fault.RATE_LIMITED, retry_after=30)
    with pytest.raises(errors.ModelUnreachable):
        await made(settings, credentials).question("a")
    assert len(model_server.embedded) == 1


async def test_a_key_that_is_refused_is_said(
    settings: Settings, credentials: Credentials, model_server: ModelServer
) -> None:
    model_server.fail(Fault.UNAUTHORIZED)
    with pytest.raises(errors.ModelRefused, match="key is not accepted"):
        await made(settings, credentials).passages(["a"])


@pytest.mark.parametrize(
    ("vectors", "reason"),
    [
        ([], "no vectors"),
        ([[1.0, 2.0]], "1 vectors for 2 texts"),
        ([[1.0], [1.0, 2.0]], "different lengths"),
        ([[float("nan"), 1.0]] * 2, "no direction"),
        ([[0.0, 0.0]] * 2, "no direction"),
    ],
)
async def test_what_is_no_vector_is_refused(
    settings: Settings, credentials: Credentials, model_server: ModelServer, vectors: list[list[float]], reason: str
) -> None:
    model_server.vectors = lambda _: vectors
    with pytest.raises(errors.ModelAnswerUnusable, match=reason):
        await made(settings, credentials).passages(["a", "b"])


# What they cost


async def noted(database: Database, account: uuid.UUID) -> list[LlmAnswer]:
    async with database.session(account) as session:
        return [*await session.scalars(select(LlmAnswer))]


async def test_what_passages_cost_is_noted_without_them(
    database: Database, account: uuid.UUID, settings: Settings, credentials: Credentials, model_server: ModelServer
) -> None:
    model_server.tokens_of_embedding = 1_000
    wanted = settings.model_copy(update={"model_embed": NAME, "credentials": credentials})
    embedder = embedders.embedder(wanted, payer=Payer(database, account))
    assert embedder is not None
    await embedder.passages(["zebra"])
    [entry] = await noted(database, account)
    assert (entry.role, entry.model, entry.answer, entry.input_tokens) == ("embed", NAME, {}, 1_000)
    assert entry.cost_usd == Decimal("0.00002")
    await embedder.question("zebra")
    assert len(await noted(database, account)) == 1


@pytest.mark.parametrize(
    ("ceilings", "error"),
    [
        ({"ceiling": 0.5}, errors.VectorsCeilingReached),
        ({"ceiling": 2.0, "account_ceiling": 0.5}, errors.AccountCeilingReached),
    ],
)
async def test_no_vectors_are_made_beyond_a_ceiling(
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    credentials: Credentials,
    model_server: ModelServer,
    ceilings: dict[str, float],
    error: type[errors.CeilingReached],
) -> None:
    wanted = settings.model_copy(update={"model_embed": NAME, "credentials": credentials} | ceilings)
    embedder = embedders.embedder(wanted, payer=Payer(database, account))
    assert embedder is not None
    await embedder.passages(["a"])
    async with database.session(account) as session:
        await session.execute(update(LlmAnswer).values(cost_usd=Decimal("0.6")))
    with pytest.raises(error, match=r"more than \$0.50"):
        await embedder.passages(["b"])
    assert len(model_server.embedded) == 1
    await embedder.question("b")


# Which one


def test_the_one_in_this_process_is_used_where_it_is_installed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(minilm, "available", lambda: True)
    assert embedders.chosen(settings.model_copy(update={"model": "openai:gpt-5-mini"})) == "local"
    monkeypatch.setattr(minilm, "available", lambda: False)
    assert embedders.chosen(settings) is None
    assert embedders.embedder(settings) is None
    assert embedders.chosen(settings.model_copy(update={"model_embed": "off"})) is None


@pytest.mark.parametrize(
    ("chosen", "serving", "may"),
    [
        ("local", "local", True),
        ("local", NAME, False),
        ("off", NAME, False),
        ("off", "local", False),
        (NAME, "local", True),
        (NAME, "openai:other", True),
    ],
)
def test_no_question_leaves_once_the_embedder_is_at_home(
    settings: Settings, chosen: str, serving: str, may: bool
) -> None:
    assert embedders.may_ask(settings.model_copy(update={"model_embed": chosen}), serving) is may


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("letters", "names no provider"),
        ("nobody:letters", "no provider 'nobody'"),
        (f"{NAME}@many", "no number of dimensions"),
        (f"{NAME}@0", "no number of dimensions"),
        ("bedrock:meta.unknown", "Unsupported Bedrock embedding model"),
    ],
)
def test_a_wrong_name_is_said(settings: Settings, name: str, reason: str) -> None:
    with pytest.raises(errors.ModelUnknown, match=reason):
        embedders.check(settings.model_copy(update={"model_embed": name}))


def test_what_has_to_be_installed_is_said(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(minilm, "available", lambda: False)
    embedders._local.cache_clear()
    with pytest.raises(errors.EmbedderMissing, match="extra `local`"):
        embedders.check(settings.model_copy(update={"model_embed": "local"}))


@needs_local
async def test_questions_and_passages_are_embedded_alike_in_this_process(settings: Settings) -> None:
    embedder = embedders.embedder(settings.model_copy(update={"model_embed": "local"}))
    assert embedder is not None
    [passage] = await embedder.passages(["I moved to Lyon."])
    assert await embedder.question("I moved to Lyon.") == pytest.approx(passage, abs=1e-5)
    assert length(passage) == pytest.approx(1, abs=1e-5)

"""The person's profile behind OpenAI's interface, driven by OpenAI's own client over real HTTP."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from soulprint.chat import store
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.serving import app
from soulprint.settings import Settings
from tests.model_server import Answer, Fault, ModelServer
from tests.serving.conftest import Live, served

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("talk", "version")]

ASKED: Any = [{"role": "user", "content": "Where did I move to?"}]


@pytest.fixture
async def by_model(database: Database, account: uuid.UUID, model_settings: Settings) -> AsyncIterator[Live]:
    """The application with a model that answers in chat."""
    settings = model_settings.model_copy(update={"model_attempts": 1, "chat_models": frozenset({"openai:other"})})
    background = Background(database, settings)
    async with served(app.application(database, account, settings, background=background)) as live:
        yield live


def client(live: Live, key: str = "none") -> openai.AsyncOpenAI:
    return openai.AsyncOpenAI(base_url=f"{live.address}/v1", api_key=key, max_retries=0)


async def test_a_model_is_given_the_profile_and_the_history(by_model: Live, model_server: ModelServer) -> None:
    model_server.script = lambda _: Answer(text="To Lyon [1].")
    said: Any = [{"role": "system", "content": "Answer in verse."}, *ASKED]
    async with client(by_model) as asking:
        answer = await asking.chat.completions.create(model="soulprint", messages=said)
    text = answer.choices[0].message.content
    assert text is not None
    assert text.startswith("To Lyon [1].\n\n[1] [")
    assert f"{by_model.address}/conversations/" in text
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 0
    sent = model_server.requests[-1].raw.decode()
    for part in ("Answer in verse.", "Writes short messages.", "I moved to Lyon.", "Where did I move to?"):
        assert part in sent


async def test_an_answer_is_streamed(by_model: Live, model_server: ModelServer) -> None:
    model_server.script = lambda _: Answer(text="To Lyon, in May, by train and with two cats.")
    async with client(by_model) as asking:
        stream = await asking.chat.completions.create(
            model="soulprint",
            messages=ASKED,
            stream=True,
            stream_options={"include_usage": True},
        )
        chunks = [chunk async for chunk in stream]
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == "To Lyon, in May, by train and with two cats."
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None


async def test_nothing_of_it_is_kept(by_model: Live, database: Database, account: uuid.UUID) -> None:
    async with client(by_model) as asking:
        await asking.chat.completions.create(model="soulprint", messages=ASKED)
    async with database.session(account) as session:
        assert list(await store.threads(session)) == []


@pytest.mark.parametrize(
    ("fault", "raised"),
    [
        (Fault.RATE_LIMITED, openai.InternalServerError),
        (Fault.SERVER_ERROR, openai.InternalServerError),
        (Fault.UNAUTHORIZED, openai.InternalServerError),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
async def test_a_model_that_fails_is_an_error_of_the_client(
    by_model: Live, model_server: ModelServer, fault: Fault, raised: type[Exception], stream: Any
) -> None:
    model_server.script = lambda _: Answer(fault=fault)
    async with client(by_model) as asking:
        with pytest.raises(raised, match="model"):
            await asking.chat.completions.create(model="soulprint", messages=ASKED, stream=stream)


async def test_a_stream_that_breaks_off_is_an_error_of_the_client(by_model: Live, model_server: ModelServer) -> None:
    model_server.fail(Fault.DROPPED)
    async with client(by_model) as asking:
        stream = await asking.chat.completions.create(model="soulprint", messages=ASKED, stream=True)
        with pytest.raises(openai.APIError, match="broke off"):
            _ = [chunk async for chunk in stream]


async def test_without_a_model_the_answer_is_quotes(live: Live) -> None:
    async with client(live) as asking:
        answer = await asking.chat.completions.create(model="soulprint", messages=ASKED)
        assert "I moved to Lyon." in str(answer.choices[0].message.content)
        assert [model.id async for model in asking.models.list()] == ["soulprint"]


@pytest.mark.parametrize(
    ("asked", "raised"),
    [
        ({"model": "gpt-5", "messages": ASKED}, openai.NotFoundError),
        ({"model": "soulprint/openai:unknown", "messages": ASKED}, openai.NotFoundError),
        ({"model": "soulprint", "messages": []}, openai.UnprocessableEntityError),
        ({"model": "soulprint", "messages": [{"role": "assistant", "content": "Hi"}]}, openai.BadRequestError),
        ({"model": "soulprint", "messages": [{"role": "user", "content": " "}]}, openai.BadRequestError),
    ],
)
async def test_what_cannot_be_answered_is_refused(
    by_model: Live, asked: dict[str, Any], raised: type[Exception]
) -> None:
    async with client(by_model) as asking:
        with pytest.raises(raised):
            await asking.chat.completions.create(**asked)


async def test_a_model_that_is_allowed_can_be_named(by_model: Live, model_server: ModelServer) -> None:
    async with client(by_model) as asking:
        await asking.chat.completions.create(model="soulprint/openai:other", messages=ASKED)
        assert [model.id async for model in asking.models.list()] == ["soulprint", "soulprint/openai:other"]
    assert '"other"' in model_server.requests[-1].raw.decode()


async def test_a_page_of_another_site_may_not_ask(live: Live) -> None:
    foreign = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    asked = {"model": "soulprint", "messages": ASKED}
    assert (await live.visitor.post("/v1/chat/completions", json=asked, headers=foreign)).status_code == 403
    assert (await live.visitor.get("/v1/models", headers=foreign)).status_code == 403


async def test_parts_and_unknown_fields_are_taken(live: Live) -> None:
    parts = [{"type": "text", "text": "Where did I"}, {"type": "image_url"}, {"type": "text", "text": "move to?"}]
    asked = {"model": "soulprint", "messages": [{"role": "user", "content": parts, "name": "x"}], "user": "me", "n": 1}
    answer = await live.visitor.post("/v1/chat/completions", json=asked)
    assert "I moved to Lyon." in answer.json()["choices"][0]["message"]["content"]

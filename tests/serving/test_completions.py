"""The person's profile behind OpenAI's interface, driven by OpenAI's own client over real HTTP."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest

from soulprint.chat import store
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.serving import app, completions
from soulprint.settings import Settings
from tests.model_server import Answer, Fault, ModelServer
from tests.serving.conftest import TOKEN, Live, served, until

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
    said_there, _, notes = text.partition("\n\n---\n\n")
    assert said_there == "To Lyon [1]."
    [address] = re.findall(r"^- \[1\] \[[^]]*\]\(([^)]*)\), 12 May 2024$", notes)
    assert address.startswith(f"{by_model.address}/conversations/")
    assert "<mark>" in (await by_model.visitor.get(address)).text
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
        (Fault.RATE_LIMITED, openai.RateLimitError),
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
        ({"model": "soulprint", "messages": []}, openai.BadRequestError),
        ({"model": "soulprint", "messages": ASKED, "temperature": 7}, openai.BadRequestError),
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


async def test_without_its_token_nobody_is_answered(guarded: Live) -> None:
    async with client(guarded, "wrong") as asking:
        with pytest.raises(openai.AuthenticationError, match="access token"):
            await asking.chat.completions.create(model="soulprint", messages=ASKED)
    async with client(guarded, TOKEN) as asking:
        answer = await asking.chat.completions.create(model="soulprint", messages=ASKED)
    assert "I moved to Lyon." in str(answer.choices[0].message.content)


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_is_as_long_as_the_client_lets_it_be(
    by_model: Live, model_server: ModelServer, stream: bool
) -> None:
    model_server.fail(Fault.TRUNCATED)
    bounded: Any = {"model": "soulprint", "messages": ASKED, "max_tokens": 7, "stop": "END", "stream": stream}
    async with client(by_model) as asking:
        answer = await asking.chat.completions.create(**bounded)
        reasons = [each.choices[0].finish_reason async for each in answer] if stream else [_reason(answer)]
    assert reasons[-1] == "length"
    sent = model_server.requests[-1].body
    assert 7 in (sent.get("max_tokens"), sent.get("max_completion_tokens"))
    assert ["END"] in (sent.get("stop"), sent.get("stop_sequences"))


def _reason(answer: Any) -> str:
    return str(answer.choices[0].finish_reason)


async def test_sources_are_left_away_and_never_sent_back(by_model: Live, model_server: ModelServer) -> None:
    model_server.script = lambda _: Answer(text="To Lyon [1] [99].")
    async with client(by_model) as asking:
        noted = await asking.chat.completions.create(model="soulprint", messages=ASKED)
        bare = await asking.chat.completions.create(model="soulprint", messages=ASKED, extra_body={"sources": False})
        before = {"role": "assistant", "content": noted.choices[0].message.content}
        again: Any = [*ASKED, before, {"role": "user", "content": "And when was that?"}]
        await asking.chat.completions.create(model="soulprint", messages=again)
    assert "\n- [1] [" in str(noted.choices[0].message.content)
    assert "[99] [" not in str(noted.choices[0].message.content)
    assert bare.choices[0].message.content == "To Lyon [1] [99]."
    assert "To Lyon [1] [99]." in model_server.requests[-1].raw.decode()
    assert "/conversations/" not in model_server.requests[-1].raw.decode()


@pytest.mark.parametrize(("text", "status"), [("a\\u0000b", 200), ("a\\ud800b", 400)])
async def test_odd_texts_are_answered_or_refused(by_model: Live, text: str, status: int) -> None:
    said = [f'{{"role": "{role}", "content": "{text}"}}' for role in ("system", "assistant", "user")]
    asked = f'{{"model": "soulprint", "messages": [{", ".join(said)}]}}'
    headers = {"content-type": "application/json"}
    response = await by_model.visitor.post("/v1/chat/completions", content=asked, headers=headers)
    assert response.status_code == status


async def test_a_reader_who_leaves_ends_the_answer(by_model: Live, model_server: ModelServer) -> None:
    model_server.fail(Fault.PAUSED)
    asked = {"model": "soulprint", "messages": ASKED, "stream": True}
    async with by_model.visitor.stream("POST", "/v1/chat/completions", json=asked) as response:
        assert (await anext(response.aiter_lines())).startswith("data: ")
        assert any(task.get_name() == completions.WRITING for task in asyncio.all_tasks())
    await until(lambda: all(task.get_name() != completions.WRITING for task in asyncio.all_tasks()))


async def test_what_is_not_there_is_an_error_in_the_same_form(live: Live) -> None:
    response = await live.visitor.get("/v1/embeddings")
    assert response.status_code == 404
    assert response.json()["error"]["type"] == "not_found_error"

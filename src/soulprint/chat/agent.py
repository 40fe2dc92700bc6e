"""An answer written by a model: the profile in the system prompt, the recalled passages as data beside the question."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime

from pydantic_ai import Agent, ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart

from soulprint import errors, llm, sections
from soulprint.chat.context import Context
from soulprint.database import Database
from soulprint.kinds import Role
from soulprint.llm import masking, prompts, retrying, tokens
from soulprint.records.sections import Quote
from soulprint.settings import Settings

AGENT = Agent(output_type=str)


async def pieces(
    database: Database, account: uuid.UUID, settings: Settings, context: Context
) -> AsyncGenerator[str, None]:
    """The answer as it is written. Raises `errors.ModelUnreachable`, `errors.ModelRefused` or
    `errors.ModelAnswerUnusable`."""
    system = system_prompt(context)
    question, room = fitting(context, settings.chat_tokens - tokens.count(system.text))
    model = llm.model(settings, llm.Role.CHAT, database, account, system)
    history = recent(context.history, room)
    async with (
        llm.answering(model),
        AGENT.run_stream(question, model=model, instructions=system.text, message_history=history) as answer,
    ):
        async for piece in answer.stream_text(delta=True, debounce_by=None):  # what waits is lost when it breaks off
            yield piece
        if answer.response.finish_reason == "length":
            name = llm.model_name(settings, llm.Role.CHAT)
            raise errors.ModelAnswerUnusable(model=name, reason=retrying.BROKE_OFF)


def system_prompt(context: Context) -> prompts.Prompt:
    version = context.version
    return prompts.render(
        "soulprint.chat",
        "system",
        profile=sections.markdown(version.sections, version.memory) if version else "Nothing is known yet.",
        read=version.conversations_read if version else 0,
        total=version.conversations_total if version else 0,
        today=f"{datetime.now(UTC):%A, %d %B %Y}",
    )


def fitting(context: Context, room: int) -> tuple[str, int]:
    """The question with as many passages as fit into `room` tokens, and the room that is left for the thread so far.

    Raises `errors.QuestionTooLong` when the question alone does not fit.
    """
    for passages in range(len(context.quotes), -1, -1):
        text = question_prompt(context, passages).text
        if (left := room - tokens.count(text)) >= 0:
            return text, left
    raise errors.QuestionTooLong


def question_prompt(context: Context, most: int) -> prompts.Prompt:
    shown = enumerate(context.quotes[:most], 1)
    passages = masking.mask("\n\n".join(_passage(number, quote) for number, quote in shown), context.secrets)
    return prompts.render("soulprint.chat", "question", passages=passages, question=context.question)


def _passage(number: int, quote: Quote) -> str:
    when = f"{quote.said_at:%Y-%m-%d}" if quote.said_at else "undated"
    who = "the person" if quote.role == Role.USER else "an assistant"
    return f"[{number}] {when}, {who}, in “{quote.title or 'untitled'}”:\n{quote.text}"


def recent(history: Sequence[tuple[Role, str]], room: int) -> list[ModelMessage]:
    """The newest turns of a thread that fit into `room` tokens, oldest first, beginning with the person's."""
    kept: list[tuple[Role, str]] = []
    for role, text in reversed(history):
        room -= tokens.count(text)
        if room < 0:
            break
        kept.append((role, text))
    while kept and kept[-1][0] != Role.USER:
        kept.pop()
    return [_turn(role, text) for role, text in reversed(kept)]


def _turn(role: Role, text: str) -> ModelMessage:
    if role == Role.USER:
        return ModelRequest(parts=[UserPromptPart(text)])
    return ModelResponse(parts=[TextPart(text)])

"""An answer by a language model: the profile, what was recalled and the thread so far, within a counted budget."""

from __future__ import annotations

import re
import uuid
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass

from pydantic_ai import Agent
from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, UserPromptPart
from pydantic_ai.settings import ModelSettings

from soulprint import errors, llm, sections
from soulprint.chat.context import Context
from soulprint.database import Database
from soulprint.kinds import Role
from soulprint.llm import masking, prices, prompts, tokens
from soulprint.records.recalled import Kind, Recalled
from soulprint.records.sections import MemoryPart
from soulprint.settings import Settings

AGENT = Agent(output_type=str)

PACKAGE = "soulprint.chat"

SURE = 3
"""Sources that stay until the thread so far has given way."""

ANSWER = 4_000
"""Tokens of a model's window that are left for its answer."""

_NUMBERED = re.compile(r"^[ \t]*[\[［](\d+)[\]］]", re.MULTILINE)
"""How a source begins."""


async def pieces(
    database: Database,
    account: uuid.UUID,
    settings: Settings,
    context: Context,
    *,
    further: str = "",
    model_settings: ModelSettings | None = None,
) -> AsyncGenerator[str, None]:
    """The answer as it is written; `further` are instructions of the person's own. Raises `errors.QuestionTooLong`,
    `errors.ModelUnreachable`, `errors.ModelRefused` or `errors.ModelAnswerUnusable`: where the model may write no more
    `errors.AnswerCut`, at the end of what it wrote."""
    system = system_prompt(context, settings.language)
    name = llm.model_name(settings, llm.Role.CHAT)
    fitted = fitting(context, room(settings, name) - tokens.count(system.text) - tokens.count(further))
    model = llm.model(settings, llm.Role.CHAT, database, account, system)
    asked, history = fitted.messages()
    instructions = f"{system.text}\n{further}" if further else system.text
    async with (
        llm.answering(model),
        AGENT.run_stream(
            asked, model=model, instructions=instructions, message_history=history, model_settings=model_settings
        ) as answer,
    ):
        async for piece in answer.stream_text(delta=True, debounce_by=None):  # what waits is lost when it breaks off
            yield piece
        if answer.response.finish_reason == "length":
            raise errors.AnswerCut(model=name)


def room(settings: Settings, model: str) -> int:
    """Tokens of a request: as many as are set, and no more than the model can read beside its answer."""
    window = prices.context_window(model)
    return min(settings.chat_tokens, max(window - ANSWER, window // 2)) if window else settings.chat_tokens


def system_prompt(context: Context, language: str | None = None) -> prompts.Prompt:
    """What stays the same from message to message, so that a provider may keep it; without a `language` it answers in
    that of each message."""
    zone = context.now.tzname() or "UTC"
    return prompts.render(PACKAGE, "system", today=f"{context.now:%A, %d %B %Y} ({zone})", language=language)


@dataclass(frozen=True, slots=True)
class Fitted:
    """The parts of a request that fit."""

    profile: str
    history: list[tuple[Role, str]]
    question: str

    def messages(self) -> tuple[str, list[ModelMessage]]:
        """The last message, and those before it. The profile stands at the head of the first: what comes first and
        stays the same is what a provider keeps."""
        if not self.history:
            return f"{self.profile}\n{self.question}", []
        (_, first), *rest = self.history
        turns = [(Role.USER, f"{self.profile}\n{first}"), *rest]
        return self.question, [_turn(role, text) for role, text in turns]


def fitting(context: Context, room: int) -> Fitted:
    """As much as fits into `room` tokens. What gives way, in this order: far sources, the oldest turns, the end of
    MEMORY, the last sources. Never the question: raises `errors.QuestionTooLong`."""
    memory = _memory(context)
    whole = _fitted(context, memory, len(context.sources), context.history)
    over = tokens.count(whole.profile) + tokens.count(whole.question) - room
    over += sum(tokens.count(text) for _, text in context.history)
    return whole if over <= 0 else _cut(context, memory, over)


def _cut(context: Context, memory: Sequence[str], over: int) -> Fitted:
    """All but `over` tokens."""
    sources = [tokens.count(shown(number, source)) for number, source in enumerate(context.sources, 1)]
    turns = [tokens.count(text) for _, text in context.history]
    lines = [tokens.count(line) for line in memory]
    while over > 0 and len(sources) > SURE:
        over -= sources.pop()
    while over > 0 and turns:
        over -= turns.pop(0)
    while over > 0 and lines:
        over -= lines.pop()
    while over > 0 and sources:
        over -= sources.pop()
    if over > 0:
        raise errors.QuestionTooLong
    history = context.history[len(context.history) - len(turns) :]
    return _fitted(context, memory[: len(lines)], len(sources), history)


def _fitted(context: Context, memory: Sequence[str], sources: int, history: Sequence[tuple[Role, str]]) -> Fitted:
    return Fitted(profile_prompt(context, memory).text, recent(history), question_prompt(context, sources).text)


def recent(history: Sequence[tuple[Role, str]]) -> list[tuple[Role, str]]:
    """The turns, beginning with one of the person's."""
    start = next((place for place, (role, _) in enumerate(history) if role == Role.USER), len(history))
    return list(history[start:])


def profile_prompt(context: Context, memory: Sequence[str]) -> prompts.Prompt:
    """The person's profile and these lines of MEMORY."""
    version = context.version
    profile = sections.sections_markdown(version.sections) if version else "Nothing is known yet."
    return prompts.render(
        PACKAGE,
        "profile",
        profile=masking.mask(profile, context.secrets),
        memory=masking.mask("\n".join(memory) or "Nothing.", context.secrets),
        read=version.conversations_read if version else 0,
        total=version.conversations_total if version else 0,
    )


def _memory(context: Context) -> list[str]:
    parts: Sequence[MemoryPart] = context.version.memory if context.version else ()
    return sections.memory_markdown(parts).splitlines() if any(part.lines for part in parts) else []


def question_prompt(context: Context, most: int) -> prompts.Prompt:
    """The question with the first `most` sources."""
    told = "\n\n".join(shown(number, source) for number, source in enumerate(context.sources[:most], 1))
    sources = masking.mask(told, context.secrets)
    return prompts.render(PACKAGE, "question", sources=sources, question=context.question)


def shown(number: int, source: Recalled) -> str:
    """A source as the model reads it."""
    when = f"{source.date:%Y-%m-%d}" if source.date else "undated"
    if source.kind == Kind.PASSAGE:
        title = sections.flat(source.title or "untitled")
        who = _who(source.said[0].role) if len(source.said) == 1 else "a talk"
        return f"[{number}] {when}, {who}, in “{title}”:\n{_said(source)}"
    state = f" (no longer so; now: {sections.flat(source.instead)})" if source.instead else ""
    return f"[{number}] {when}, a fact about the person: {sections.flat(source.text)}{state}"


def _said(source: Recalled) -> str:
    """What was said; no line of it begins as a source does."""
    if len(source.said) == 1:
        text = source.said[0].text.strip()
    else:
        text = "\n".join(f"{_who(turn.role)}: {turn.text.strip()}" for turn in source.said)
    return _NUMBERED.sub(r"(\1)", text)


def _who(role: Role) -> str:
    return "the person" if role == Role.USER else "an assistant"


def _turn(role: Role, text: str) -> ModelMessage:
    if role == Role.USER:
        return ModelRequest(parts=[UserPromptPart(text)])
    return ModelResponse(parts=[TextPart(text)])

"""Reads windows with the model of the role `extract`: once more where an answer can't be used, then in halves."""

from __future__ import annotations

import asyncio
import dataclasses
import uuid
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from pydantic_ai import Agent, RunContext, ToolOutput
from pydantic_ai.capabilities import PrepareOutputTools
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.models.wrapper import WrapperModel
from pydantic_ai.settings import ModelSettings
from pydantic_ai.tools import ToolDefinition

from soulprint import errors, llm
from soulprint.database import Database
from soulprint.facts.finding import drafts, windows
from soulprint.facts.finding.windows import Cited, Part
from soulprint.llm import retrying
from soulprint.settings import Settings

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the schema of one request allows."""

    categories: tuple[str, ...]
    turns: int


async def _allowed(context: RunContext[Asked], tools: list[ToolDefinition]) -> list[ToolDefinition]:
    """The one output tool with the schema of this window. The agent and its validator are built once."""
    schema = drafts.schema(context.deps.categories, context.deps.turns)
    return [dataclasses.replace(tool, parameters_json_schema=schema) for tool in tools]


AGENT = Agent(
    output_type=ToolOutput(drafts.DraftFacts, name="facts", description="The facts USER states."),
    deps_type=Asked,
    capabilities=[PrepareOutputTools(_allowed)],
    retries=1,
)


class WindowModel(WrapperModel):
    """Says when a request is ready. Refuses an answer that ran out of room at once: to ask for it once more would pay
    for as long a one again."""

    def __init__(self, wrapped: Model, ready: Callable[[], None]) -> None:
        super().__init__(wrapped)
        self._ready = ready

    async def request(
        self,
        messages: list[ModelMessage],
        model_settings: ModelSettings | None,
        model_request_parameters: ModelRequestParameters,
    ) -> ModelResponse:
        self._ready()
        response = await self.wrapped.request(messages, model_settings, model_request_parameters)
        if response.finish_reason == "length":
            raise errors.ModelAnswerUnusable(model=self.model_name, reason=retrying.BROKE_OFF)
        return response


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found in some parts of a window."""

    cited: tuple[Cited, ...]
    """By their number, from 1."""
    items: list[object]
    """As the model gave them: none is checked."""


@dataclass(slots=True)
class Outcome:
    """What reading a window came to."""

    answers: list[Answer] = field(default_factory=list)
    failed: list[Part] = field(default_factory=list)
    reason: errors.ModelAnswerUnusable | None = None
    """Why the last of those failed."""


async def read(
    db: Database,
    account: uuid.UUID,
    settings: Settings,
    run: uuid.UUID,
    parts: Sequence[Part],
    ready: Callable[[], None],
) -> Outcome:
    """What the model finds in `parts`, asked for in one request, and where no answer can be used in halves of it, down
    to single parts, or to single turns of one whose answer always breaks off. What can't be read at all is in `failed`,
    and asked for anew next time. `ready` is called before each request.

    Raises `errors.ModelUnreachable`, `errors.ModelRefused`, `errors.ModelUnknown`, `errors.PassStopped`,
    `errors.CeilingReached` or `errors.AnswerPending`.
    """
    parts = [part for part in parts if any(windows.citable([part]))]
    if not parts:
        return Outcome()
    model = llm.model(settings, llm.Role.EXTRACT, db, account, windows.prompt("", settings), run)
    reader = Reader(settings, WindowModel(model, ready))
    try:
        async with llm.answering(model) as answers:
            reader.answers = answers
            await reader.read(parts, retries=1)
            if reader.outcome.reason:
                # Only answers that were no use are forgotten: the others stay paid for.
                answers.keys[:] = reader.useless
                raise reader.outcome.reason
    except errors.ModelAnswerUnusable:
        if not reader.outcome.reason:
            raise
    return reader.outcome


@dataclass(slots=True)
class Reader:
    """Asks for parts of one window, one request after the other."""

    settings: Settings
    model: Model
    answers: llm.Answers = field(default_factory=llm.Answers)
    outcome: Outcome = field(default_factory=Outcome)
    useless: list[bytes] = field(default_factory=list)
    """Keys of the answers that could not be used."""

    async def read(self, parts: Sequence[Part], retries: int = 0) -> None:
        if error := await self._tried(parts, retries):
            await self._split(parts, error)

    async def _tried(self, parts: Sequence[Part], retries: int = 0) -> errors.ModelAnswerUnusable | None:
        """Ask for all of `parts` at once; gives why the answer can't be used, None where it can."""
        before = len(self.answers.keys)
        try:
            self.outcome.answers.append(await self._ask(parts, retries))
        except errors.ModelAnswerUnusable as error:
            self.useless += self.answers.keys[before:]
            return error
        return None

    async def _split(self, parts: Sequence[Part], error: errors.ModelAnswerUnusable) -> None:
        broke_off = error.details["reason"] == retrying.BROKE_OFF
        if len(parts) > 1:
            middle = len(parts) // 2
            halves = parts[:middle], parts[middle:]
            await (self._read_each(*halves) if broke_off else self._bisect(*halves))
        elif broke_off and (turns := windows.halved(parts[0])):
            # Fewer turns have less to say; what can't be read for another reason can't be read in halves either.
            await self._read_turns(parts[0], turns)
        else:
            self._failed(parts, error)

    async def _bisect(self, *halves: Sequence[Part]) -> None:
        """Look for the part that spoils an answer. Where neither half can be read it is not for what one of them holds,
        and asking for ever smaller ones would only cost."""
        found = await self._all(self._tried(half) for half in halves)
        for half, error in zip(halves, found, strict=True):
            if error and all(found):
                self._failed(half, error)
            elif error:
                await self._split(half, error)

    def _failed(self, parts: Sequence[Part], error: errors.ModelAnswerUnusable) -> None:
        self.outcome.failed += parts
        self.outcome.reason = error

    async def _read_turns(self, part: Part, halves: tuple[Part, Part]) -> None:
        """The part has failed where one of its turns has."""
        failed = len(self.outcome.failed)
        await self._read_each(*((half,) for half in halves))
        if self.outcome.failed[failed:]:
            self.outcome.failed[failed:] = [part]

    async def _read_each(self, *several: Sequence[Part]) -> None:
        await self._all(self.read(parts) for parts in several)

    async def _all(self, several: Iterable[Awaitable[T]]) -> list[T]:
        """All are asked for before any is waited for, where answers come in batches."""
        pending: errors.AnswerPending | None = None
        done = []
        for one in several:
            try:
                done.append(await one)
            except errors.AnswerPending as error:
                pending = error
        if pending:
            raise pending
        return done

    async def _ask(self, parts: Sequence[Part], retries: int) -> Answer:
        rendered = await asyncio.to_thread(windows.render, parts, self.settings)
        asked = Asked(tuple(windows.categories(self.settings)), len(rendered.cited))
        prompt = windows.prompt(rendered.text, self.settings)
        with retrying.translating(llm.model_name(self.settings, llm.Role.EXTRACT)):
            result = await AGENT.run(prompt.text, model=self.model, deps=asked, retries={"output": retries})
        return Answer(rendered.cited, result.output.facts)

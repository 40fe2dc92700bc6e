"""What the REST interface speaks, apart from records: these stay as they are when tables change."""

from __future__ import annotations

import uuid
from collections.abc import Sized
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator

from soulprint import llm
from soulprint.records.recalled import Recalled
from soulprint.records.sections import Line, MemoryPart, Quote, Source
from soulprint.serving import parameters


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Health(Shape):
    status: Literal["ok"] = "ok"
    version: str


class ImportStarted(Shape):
    import_id: uuid.UUID


class Import(Shape):
    """An export handed over, and what became of it."""

    id: uuid.UUID
    names: str
    status: str
    bytes_read: int
    bytes_total: int | None
    report: dict[str, Any] | None
    error: str | None
    started_at: datetime
    finished_at: datetime | None


class GoneConversation(Shape):
    id: uuid.UUID
    title: str | None
    provider: str
    started_at: datetime | None
    message_count: int


class Gone(Shape):
    """What the newest exports lack of what other ones of the same providers carried."""

    conversations: list[GoneConversation]
    carried: int
    """Conversations of these providers that their newest exports carry."""
    is_likely_a_part: bool
    """Whether an export probably holds a part of the history only, so that nothing was deleted."""


class Deleted(Shape):
    deleted: int


class Kept(Shape):
    kept: int


class Claim(Shape):
    """What is said about the person beside the talk: not the person's own words in it."""

    id: int
    provider: str
    kind: str
    """about_me, how_to_answer, project_instructions: the person wrote it. provider_memory: a model did."""
    text: str
    said_at: datetime | None


class Run(Shape):
    """A pass over the history."""

    id: uuid.UUID
    kind: str
    status: str
    model: str
    note: str | None
    error: str | None
    cost_usd: float
    version: int | None
    started_at: datetime
    finished_at: datetime | None


class PassStage(Shape):
    """A stage of a full pass: its tasks, and what else is to be told of it."""

    name: str
    done: int
    failed: int
    total: int
    counts: dict[str, Any]
    calls: int
    cost_usd: float
    started_at: datetime
    finished_at: datetime | None
    seconds_left: float | None


class FullPass(Shape):
    """A pass over the whole history."""

    id: uuid.UUID
    status: str
    model: str
    note: str | None
    error: str | None
    cost_usd: float
    ceiling_usd: float | None
    in_batches: bool
    version: int | None
    started_at: datetime
    finished_at: datetime | None
    stages: list[PassStage]


class PassWanted(Shape):
    """What a full pass is to do."""

    again: bool = False
    """Read also what another model or an older prompt has read."""
    ceiling_usd: Decimal | None = Field(default=None, ge=0, lt=1_000_000)
    """What it may cost in all; without it the setting's, and a pass that would cost more is refused."""
    retry: bool = False
    """Begin anew where the last one failed or is stuck."""


class PassStarted(Shape):
    run_id: uuid.UUID


class ProcessFull(Shape):
    """The request of the existing deployment."""

    user_id: str
    storage_path: parameters.Text | None = None
    """The server-made name of an upload of this account."""
    conversation_count: int | None = None
    """Taken for what it is: a label. What is stored is counted here."""


class StageEstimate(Shape):
    name: str
    model: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    batch_usd: Decimal | None


class Estimate(Shape):
    """What a full pass would read and cost. Prices are null where they are not known."""

    conversations: int
    trivial: int
    up_to_date: int
    stale: int
    windows: int
    chat_tokens: int
    calls: int
    input_tokens: int
    output_tokens: int
    cost_usd: Decimal | None
    batch_usd: Decimal | None
    stages: list[StageEstimate]


class Fact(Shape):
    """What is known of the person, with their own words that prove it."""

    id: int
    category: str
    about: str
    statement: str
    language: str | None
    confidence: float
    status: str
    origin: str
    said_first: datetime | None
    said_last: datetime | None
    true_from: date | None
    true_to: date | None
    superseded_by: int | None
    sources: list[Quote]


class Told(Shape):
    """What the person states."""

    statement: str = Field(min_length=1, max_length=500)
    category: parameters.Text | None = None


class FactChanged(Shape):
    """What was changed, and how to take it back."""

    change_id: int
    fact: Fact
    version: int | None
    """The profile version that this made, where it changed the profile."""


class FactChange(Shape):
    """What the person changed about a fact."""

    id: int
    kind: Literal["remembered", "rejected", "corrected", "pinned", "confirmed"]
    fact_id: int | None
    former_id: int | None
    created_at: datetime
    undone_at: datetime | None


class Change(Shape):
    """What one version changed over another, in one line of it."""

    section: str
    field: str
    kind: Literal["added", "changed", "dropped"]
    before: Line | None
    after: Line | None
    why: str


class Diff(Shape):
    older: int
    newer: int
    changes: list[Change]


class Status(Shape):
    """How far everything is."""

    model_config = ConfigDict(from_attributes=True, serialize_by_alias=True)

    stage: Literal["empty", "importing", "interrupted", "profiling", "ready", "failed"]
    import_: Import | None = Field(serialization_alias="import")
    run: Run | None
    full_pass: FullPass | None
    version: int | None
    unread: int
    facts: int
    conversations: int
    messages: int
    first_at: datetime | None
    last_at: datetime | None
    model: str


class ProfileLine(Shape):
    text: str
    sources: list[Source]


class Profile(Shape):
    """The profile version in use. A field without lines is unknown."""

    number: int
    kind: str
    sections: dict[str, dict[str, list[ProfileLine]]]
    memory: list[MemoryPart]
    model: str
    note: str | None
    conversations_read: int
    conversations_total: int
    cost_usd: float
    created_at: datetime


class ConversationMessage(Shape):
    id: int
    role: str
    text: str
    sent_at: datetime | None
    modality: str


class Conversation(Shape):
    id: uuid.UUID
    title: str | None
    provider: str
    started_at: datetime | None
    total: int
    """Messages in the whole conversation."""
    offset: int
    """How many of them stand before the first one here."""
    messages: list[ConversationMessage]


class Thread(Shape):
    id: uuid.UUID
    title: str
    created_at: datetime
    updated_at: datetime
    snippet: str | None = None
    """What a search found it by, where that isn't its title."""


class ThreadChange(Shape):
    title: str = Field(min_length=1, max_length=1000)


class ThreadMessage(Shape):
    id: int
    parent_id: int | None
    versions: list[int]
    """The message and those that stand in its place on other branches, oldest first."""
    role: str
    text: str
    sources: list[Recalled]
    changes: list[int]
    """The changes of facts that it tells of."""
    model: str | None
    error: str | None
    is_running: bool
    """Whether it is being written; its `events` then tell the rest."""
    created_at: datetime


class ThreadWithMessages(Thread):
    messages: list[ThreadMessage]


class Question(Shape):
    text: str = Field(min_length=1, max_length=100_000)
    edits: parameters.Id | None = None
    """The message of the person's in whose place it is said; without it, it follows the last message on show."""


class AskedEvent(Shape):
    """The question is kept under this id, and its answer, which is begun, under the other."""

    question_id: int
    answer_id: int


class SourcesEvent(Shape):
    """What the answer may cite: number n in it is the n-th of these, from 1."""

    sources: list[Recalled]


class DeltaEvent(Shape):
    """The next piece of the answer, markdown."""

    text: str


class DoneEvent(Shape):
    """The answer is whole and kept under this id."""

    message_id: int


class FailedEvent(Shape):
    """Why the answer broke off; what came is kept under this id."""

    message: str
    message_id: int


class StoppedEvent(Shape):
    """The answer was stopped; what came is kept under this id."""

    message_id: int


class Why(Shape):
    """What an answer rests on."""

    facts: list[Fact]
    """Those of the sources that are facts, as they are now."""
    sources: list[Recalled]
    version: int | None
    """The profile version it was written with."""
    read: int
    """Conversations that this version rests on."""
    total: int


class Offer(Shape):
    """A model found on this machine. None is used unless a setting names it."""

    model: str
    name: str
    destination: str
    """Where the text would go."""
    input_price: Decimal | None
    """US dollars for a million tokens read; null where it is not known."""
    output_price: Decimal | None
    environment: str
    """The environment that chooses it, in one line."""


class Models(Shape):
    roles: dict[str, str]
    """Role -> its model, `local` for none."""
    goes: dict[str, str]
    """Role -> where the text it reads goes."""
    offers: list[Offer]


class LineWanted(Shape):
    """A line of the profile as the person wants it."""

    section: parameters.Text
    """One of the five, or `memory`."""
    field: parameters.Text
    """The field of the section, or the heading of the part of MEMORY."""
    former: parameters.Text | None = None
    """What the line reads; without it, a line is added."""
    text: parameters.Text | None = Field(default=None, max_length=500)
    """What it is to read; without it, the line is taken out."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.former is None and self.text is None:
            raise ValueError("name the line to take out, or what is to be written")
        return self


class LineRewritten(Shape):
    """What came of an edit, and how to take it back."""

    version: int | None
    """The version in use now."""
    edit: int | None
    """To be undone under `/profile/edits`."""
    change: int | None
    """To be undone under `/facts/changes`: the line said what one fact says, and that was changed."""


class Version(Shape):
    number: int
    kind: str
    model: str
    note: str | None
    conversations_read: int
    conversations_total: int
    cost_usd: float
    created_at: datetime


class Versions(Shape):
    current: int | None
    """The number of the one in use."""
    versions: list[Version]


class VersionUsed(Shape):
    version: int
    before: int | None
    """The one that was in use before."""


class ConversationListed(Shape):
    """A conversation of the history."""

    id: uuid.UUID
    title: str | None
    provider: str
    origin: str
    started_at: datetime | None
    messages: int
    facts: int
    """That something said in it proves."""
    is_read: bool
    """For facts, in full, as it is now."""


class Chosen(Shape):
    ids: list[uuid.UUID] = Field(min_length=1, max_length=200)


class Forgotten(Shape):
    """What went with conversations."""

    conversations: int
    facts: int
    """That rested on nothing else."""
    versions: int
    """Of the profile, from which lines went."""
    answers: int
    """In chats, that quoted them."""


class Erase(Shape):
    word: parameters.Text = Field(max_length=20)


class Erasure(Shape):
    """A receipt: what was erased, and how far that was checked."""

    id: uuid.UUID
    rows: dict[str, int]
    """Table -> rows that were deleted. Counted again afterwards, there were none."""
    files: int
    """Uploads that were deleted."""
    rewritten: bool
    """Whether the database's files were written anew, so that they hold nothing of what was deleted."""
    created_at: datetime


class Settings(Shape):
    """What holds for the person. No key is among it."""

    values: dict[str, Any]
    """Name of a setting that can be chosen -> what holds."""
    fixed: list[str]
    """Those that the environment sets, so that they can't be chosen."""
    goes: dict[str, str]
    """Role of a model -> where its text goes, in a sentence."""
    keys: dict[str, str]
    """Name of a key that is set -> where it is kept: environment, keyring or session."""


class Choices(BaseModel):
    """What is to be chosen; null goes back to what holds where nothing is chosen."""

    values: dict[str, Any] = Field(max_length=50)
    consent: bool = False
    """That text may go to a model elsewhere where none went before."""


class GivenKey(BaseModel):
    value: SecretStr
    session_only: bool = False
    """Kept in memory until SoulPrint is stopped, and not in the keyring."""


class Role(BaseModel):
    role: llm.Role


class Trial(Shape):
    """That a model answered."""

    model: str
    sent: bool
    """Whether anything was sent to it; the local engine needs nothing of the kind."""
    seconds: float


class NoticeSent(Shape):
    note: str | None
    """What went wrong although it was sent."""


class ToMask(BaseModel):
    text: str = Field(max_length=20_000)


class MaskedText(Shape):
    text: str
    """As a model would read it."""


class RunsWanted(BaseModel):
    """Which passes operators list."""

    kind: parameters.Text = ""
    status: parameters.Text = ""
    reason: parameters.Text = ""
    account: uuid.UUID | None = None
    day: date | None = None
    before: uuid.UUID | None = None
    limit: int = Field(50, ge=1, le=500)


class OperatorsRun(Shape):
    """A pass of whomever, with its error by its class."""

    id: uuid.UUID
    account: uuid.UUID
    kind: str
    status: str
    model: str
    reason: str | None
    version: int | None
    cost_usd: Decimal
    ceiling_usd: Decimal | None
    started_at: datetime
    finished_at: datetime | None


class OperatorsAccount(Shape):
    """How much there is of an account."""

    id: uuid.UUID
    created_at: datetime
    conversations: int
    facts: int
    versions: int
    last_pass: datetime | None
    spent: Decimal
    """US dollars in 30 days."""


class PassesOfDay(Shape):
    day: date
    kind: str
    status: str
    passes: int


class PassPace(Shape):
    kind: str
    passes: int
    complete: int
    failed: int
    success: float | None
    """The share that was completed of those that ended by themselves."""
    average: float | None
    """Seconds, of those that were completed."""
    p95: float | None


class StagePace(Shape):
    name: str
    stages: int
    median: float
    p95: float


class PassFailure(Shape):
    kind: str
    reason: str
    passes: int
    last: datetime


class Cost(Shape):
    subject: str
    """A model, or an account."""
    role: str
    calls: int
    input_tokens: int
    output_tokens: int
    today: Decimal
    cost_usd: Decimal


class PassQueue(Shape):
    at_work: int
    waiting: int
    quick: int
    oldest: datetime | None


class Overview(Shape):
    """How it went, and what is at work."""

    since: datetime
    days: list[PassesOfDay]
    paces: list[PassPace]
    stages: list[StagePace]
    failures: list[PassFailure]
    models: list[Cost]
    accounts: list[Cost]
    queue: PassQueue
    workers: int = Field(validation_alias="processes")
    size_mb: float

    @field_validator("workers", mode="before")
    @classmethod
    def _counted(cls, processes: Sized) -> int:
        return len(processes)

"""What the REST interface speaks, apart from records: these stay as they are when tables change."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from soulprint.records.sections import MemoryPart, Quote, Source


class Shape(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class Problem(Shape):
    """What went wrong, as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    """What happened, what was kept, and what to do."""


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


class Status(Shape):
    """How far everything is."""

    model_config = ConfigDict(from_attributes=True, serialize_by_alias=True)

    stage: Literal["empty", "importing", "interrupted", "profiling", "ready", "failed"]
    import_: Import | None = Field(serialization_alias="import")
    run: Run | None
    version: int | None
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


class Passage(Shape):
    """A message of the history that bears on a question."""

    quote: Quote
    score: float


class Thread(Shape):
    id: uuid.UUID
    title: str
    created_at: datetime
    updated_at: datetime


class ThreadMessage(Shape):
    id: int
    role: str
    text: str
    sources: list[Quote]
    model: str | None
    error: str | None
    created_at: datetime


class ThreadWithMessages(Thread):
    messages: list[ThreadMessage]


class Question(Shape):
    text: str = Field(min_length=1, max_length=100_000)


class SourcesEvent(Shape):
    """What was recalled: number n in the answer is the n-th of these, from 1."""

    sources: list[Quote]


class DeltaEvent(Shape):
    """The next piece of the answer, markdown."""

    text: str


class DoneEvent(Shape):
    """The answer is whole and kept under this id."""

    message_id: int


class FailedEvent(Shape):
    """Why the answer broke off."""

    message: str


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

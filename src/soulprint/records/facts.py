"""What is known of a person: facts, and the person's own words that prove each of them."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Computed, ForeignKey, Index, LargeBinary, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, NumberKey, UtcTime

CATEGORIES = {
    "preferences": "what they like, dislike, want, avoid, and how they want things done",
    "projects": "what they work on, build, learn, plan or train for",
    "dates": "events with a date: birthdays, deadlines, moves, exams, appointments",
    "beliefs": "what they believe, value or stand for",
    "decisions": "decisions they took and why, and the circumstances of their life: name, home, work, people, health",
}
"""The five categories, each with what belongs in it. A deployment adds its own by a setting."""


class FactStatus(StrEnum):
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    """True until something newer took its place; `superseded_by` names that."""
    DISPUTED = "disputed"
    """Another fact says otherwise, and nothing tells which holds."""
    REJECTED = "rejected"
    """The person said that it is wrong. It stays, so that no later pass brings it back."""
    PINNED = "pinned"
    """The person said that it is right. No pass changes it."""


class Fact(Base):
    __tablename__ = "facts"
    __table_args__ = (Index(None, "user_id", "category", "about"), Index(None, "superseded_by"))

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    category: Mapped[str]
    about: Mapped[str]
    """What it is of, in one to three folded words: `home`, `job`, `sister`, `diet`. Facts of one value at a time
    supersede each other within it."""
    statement: Mapped[str]
    """Without its subject: `Lives in Lyon`. In the person's own language."""
    sought: Mapped[str] = mapped_column(Computed("lower(statement || ' ' || about)", persisted=True))
    """What a search looks through."""
    language: Mapped[str | None]
    """ISO 639-1; null where it can't be told."""
    confidence: Mapped[float]
    """0 to 1, computed from its sources: never what a model says of itself."""
    status: Mapped[str] = mapped_column(server_default="active")
    origin: Mapped[str] = mapped_column(server_default="import")
    """import, chat or person."""
    said_first: Mapped[UtcTime | None]
    said_last: Mapped[UtcTime | None]
    true_from: Mapped[date | None]
    """Since when it holds, where that is known."""
    true_to: Mapped[date | None]
    """Until when it held, where it holds no more."""
    superseded_by: Mapped[int | None] = mapped_column(ForeignKey("facts.id", ondelete="SET NULL"))
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class FactSource(Base):
    """One finding: a span of a message of the person's, checked by code to stand there, and the statement it proves.

    Consolidation gives it to a fact. A fact whose last source goes away goes with it: a trigger sees to that.
    """

    __tablename__ = "fact_sources"
    __table_args__ = (
        UniqueConstraint("user_id", "key"),
        Index(None, "fact_id"),
        Index(None, "message_id"),
        Index(None, "conversation_id"),
    )

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    fact_id: Mapped[int | None] = mapped_column(ForeignKey("facts.id", ondelete="CASCADE"))
    """Null until it is consolidated."""
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    span_start: Mapped[int]
    """Code points into the message's text."""
    span_end: Mapped[int]
    quote: Mapped[str]
    """Exactly the message's text from start to end."""
    sought: Mapped[str] = mapped_column(Computed("lower(quote)", persisted=True))
    """What a search looks through."""
    category: Mapped[str]
    about: Mapped[str]
    statement: Mapped[str]
    language: Mapped[str | None]
    said_at: Mapped[UtcTime | None]
    true_from: Mapped[date | None]
    true_to: Mapped[date | None]
    engine: Mapped[str]
    """The model and the prompt's hash, or `local` and the rules' version."""
    key: Mapped[bytes] = mapped_column(LargeBinary)
    """Hash of message, span and folded statement: the same finding twice is one row."""
    created_at: Mapped[CreatedAt]


class FactChange(Base):
    """What the person changed about a fact, and what was before."""

    __tablename__ = "fact_changes"
    __table_args__ = (Index(None, "user_id", "id"), Index(None, "fact_id"))

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    fact_id: Mapped[int | None] = mapped_column(ForeignKey("facts.id", ondelete="SET NULL"))
    """The fact that it is about: of a correction the new one."""
    kind: Mapped[str]
    """remembered, rejected, corrected, pinned or confirmed."""
    former_id: Mapped[int | None] = mapped_column(ForeignKey("facts.id", ondelete="SET NULL"))
    """Of a correction the fact that was wrong."""
    former_status: Mapped[str | None]
    """What the status of the fact that was there before the change was."""
    version: Mapped[int | None]
    """The profile version in use before, where the change made another one."""
    created_at: Mapped[CreatedAt]
    undone_at: Mapped[UtcTime | None]


class Outcome(StrEnum):
    """Of reading a conversation for facts."""

    READ = "read"
    TRIVIAL = "trivial"
    """Nothing of the person's to read."""
    FAILED = "failed"
    """No answer could be used."""
    PARTIAL = "partial"
    """Some windows of a large one are read: their spans follow."""


DONE = (Outcome.READ, Outcome.TRIVIAL)
"""What needn't be read again while it stays as it is."""


class Extraction(Base):
    """That a conversation was read for facts, and in which state of it: what has changed since is read again."""

    __tablename__ = "extractions"
    __table_args__ = (Index(None, "user_id"),)

    conversation_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    run_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("runs.id", ondelete="SET NULL"))
    content_hash: Mapped[bytes] = mapped_column(LargeBinary)
    """The conversation's own, when it was read."""
    engine: Mapped[str]
    """As in `FactSource.engine`: says which readings a changed prompt or model makes old."""
    outcome: Mapped[str]
    """An `Outcome`; partial, and failed where a window of a large conversation did, with the spans of turns that are
    read: `partial 0-11 24-35`."""
    read_at: Mapped[CreatedAt]

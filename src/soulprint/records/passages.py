"""The index that recall searches: the turns of the history in pieces, their words, and their vectors."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, HalfVector, Json, JsonList, NumberKey, UtcTime


class Passage(Base):
    """A message on its conversation's current branch, or where that is long, a piece of one."""

    __tablename__ = "passages"
    __table_args__ = (
        Index(None, "conversation_id"),
        Index(None, "message_id"),
        Index(None, "user_id", "id"),
        Index("ix_passages_search", "search", postgresql_using="gin"),
    )

    id: Mapped[NumberKey]
    """Those of a conversation follow each other without gaps, in order, and a gap follows the last: neighbours are
    found by their numbers alone."""
    user_id: Mapped[uuid.UUID]
    """The conversation's. No key of its own, as in `messages`."""
    conversation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    by_person: Mapped[bool]
    span_start: Mapped[int]
    """Code points into the message's text."""
    span_end: Mapped[int]
    said_at: Mapped[UtcTime | None]
    """When the message was sent; where nobody knows, when the one before it was, or the conversation began."""
    words: Mapped[int]
    """Its lexemes, repeats counted."""
    context_words: Mapped[float]
    """Those of the passages around it too, the farther the less they count."""
    search: Mapped[str] = mapped_column(TSVECTOR)
    """The stems of its lexemes, and the title's at the beginning of a conversation: one that occurs n times has the
    positions 1 to n, and one that occurs once has none."""


class PassageVector(Base):
    """What a passage means to one embedding model."""

    __tablename__ = "passage_vectors"
    __table_args__ = (Index(None, "user_id", "model", "passage_id"),)

    passage_id: Mapped[int] = mapped_column(ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    """`provider:name`, with the number of dimensions where that was chosen; `local` for the one in this process."""
    user_id: Mapped[uuid.UUID]
    """The passage's."""
    embedding: Mapped[list[float]] = mapped_column(HalfVector)
    """Of length 1."""
    created_at: Mapped[CreatedAt]


class SearchTotals(Base):
    """What a search has to know of all passages of an account."""

    __tablename__ = "search_totals"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    passages: Mapped[int] = mapped_column(BigInteger)
    context_words: Mapped[float]
    """Of a passage, on average."""
    last_id: Mapped[int] = mapped_column(BigInteger)
    """The last passage whose words are in the vocabulary."""
    languages: Mapped[JsonList]
    """ISO 639-1 codes of those by whose rules words were stemmed."""
    names: Mapped[Json]
    """Who is addressed by which names, in lower case: `{"user": {"anna": 12}, "assistant": {"claude": 3}}`."""


class VocabularyWord(Base):
    """A stem that occurs in passages of an account: what a mistyped word may have meant."""

    __tablename__ = "vocabulary"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(primary_key=True)
    passages: Mapped[int]
    """How many hold it."""

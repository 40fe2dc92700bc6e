"""The index that recall searches: the turns of the history in pieces, their words, and their vectors."""

from __future__ import annotations

import uuid

from sqlalchemy import ARRAY, BigInteger, Computed, ForeignKey, Index, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, Bits, CreatedAt, HalfVector, Json, JsonList, NumberKey, UtcTime


class Passage(Base):
    """A message on its conversation's current branch, or where that is long, a piece of one."""

    __tablename__ = "passages"
    __table_args__ = (
        Index(None, "conversation_id"),
        Index(None, "message_id"),
        Index(None, "user_id", "id"),
        Index(None, "user_id", "said_at"),
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
    """Its lexemes, repeats counted, those of grammar not."""
    context_words: Mapped[float]
    """Those of the passages around it too, the farther the less they count."""


class PassageVector(Base):
    """What a passage means to one embedding model."""

    __tablename__ = "passage_vectors"
    __table_args__ = (Index(None, "user_id", "model", "passage_id", postgresql_include=["bits"]),)

    passage_id: Mapped[int] = mapped_column(ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True)
    model: Mapped[str] = mapped_column(primary_key=True)
    """`provider:name`, with the number of dimensions where that was chosen; `local` for the one in this process."""
    user_id: Mapped[uuid.UUID]
    """The passage's."""
    embedding: Mapped[list[float] | None] = mapped_column(HalfVector)
    """Of length 1; null where the model makes none of this passage, and is not asked again."""
    bits: Mapped[str | None] = mapped_column(Bits, Computed("binary_quantize(embedding)", persisted=True))
    """The signs of its numbers. They stand in the index, so that it alone is read for what may be near."""
    created_at: Mapped[CreatedAt]


class SearchBlock(Base):
    """Conversations that were indexed together. Their passages are numbered from the block's own number on."""

    __tablename__ = "search_blocks"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """The number of its first passage."""
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    passages: Mapped[int]
    """How many of them there are."""
    numbers: Mapped[int]
    """How many numbers it takes up, with the gaps between conversations."""
    first: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    """Of each conversation in it the first passage, counted from `id`, in order."""


class Posting(Base):
    """Where in a block a stem occurs. No tsvector: under row-level security Postgres uses an index for equality, not
    for `@@`, which might leak what it compares."""

    __tablename__ = "postings"

    user_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    """The block's."""
    word: Mapped[str] = mapped_column(Text(collation="C"), primary_key=True)
    """Compared by its letters' numbers, so that the index finds all that begin alike."""
    block_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    """A trigger sees to it that a block's postings go with it: a key would be checked for each of a million rows."""
    places: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    """For each passage that holds it: the passage's number counted from the block's, times 256, plus how often it
    does, 255 at the most. In order."""


class SearchTotals(Base):
    """What a search has to know of all passages of an account."""

    __tablename__ = "search_totals"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    passages: Mapped[int] = mapped_column(BigInteger)
    context_words: Mapped[float]
    """Of a passage, on average."""
    languages: Mapped[JsonList]
    """ISO 639-1 codes of those by whose rules words were stemmed."""
    vectors_by: Mapped[str | None]
    """The embedder whose vectors are searched; another one's replace them when all are made."""
    names: Mapped[Json]
    """Who is addressed by which names, in lower case: `{"user": {"anna": 12}, "assistant": {"claude": 3}}`."""

"""What the person wrote in the place of lines of their profile."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, NumberKey


class LineEdit(Base):
    """A line that the person wrote, changed or took out. It is done again on every version that is made."""

    __tablename__ = "line_edits"
    __table_args__ = (Index(None, "user_id", "id"), Index(None, "message_id"), Index(None, "replaced_by"))

    id: Mapped[NumberKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    section: Mapped[str]
    """One of the five, or `memory`."""
    field: Mapped[str]
    """The field of the section, or the heading of the part of MEMORY."""
    former: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The line in whose place it stands; null for one that was added."""
    written: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The person's line, with their own words as its source; null where they took the line out."""
    message_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("messages.id", ondelete="CASCADE"))
    """The message that keeps what the person wrote, and goes with the edit."""
    replaced_by: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("line_edits.id", ondelete="SET NULL"))
    """A later edit of the same line: this one stands again when that is undone."""
    created_at: Mapped[CreatedAt]

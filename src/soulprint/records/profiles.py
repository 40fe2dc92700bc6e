"""A person's profile: the row other systems read, and its immutable versions."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Numeric, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, Json, JsonList, UtcTime, UuidKey


class VersionKind(StrEnum):
    QUICK = "quick"
    FULL = "full"
    EDITED = "edited"
    MERGED = "merged"


class UserProfile(Base):
    """One row a person, under the names of the existing production schema. Written only by the swap of a version and by
    the transitions of imports and runs."""

    __tablename__ = "user_profiles"

    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True)
    soul_md: Mapped[str | None]
    """JSON of the section, as the other four `…_md` columns."""
    identity_md: Mapped[str | None]
    user_md: Mapped[str | None]
    agents_md: Mapped[str | None]
    tools_md: Mapped[str | None]
    memory_md: Mapped[str | None]
    soulprint_text: Mapped[str | None]
    """Markdown of all five sections, MEMORY last."""
    import_status: Mapped[str | None]
    """processing, complete or failed; null when nothing was ever imported."""
    full_pass_status: Mapped[str | None]
    """processing, complete or failed; null when never asked for."""
    full_pass_started_at: Mapped[UtcTime | None]
    full_pass_completed_at: Mapped[UtcTime | None]
    full_pass_error: Mapped[str | None]
    current_version: Mapped[int | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())


class ProfileVersion(Base):
    """One version, never changed. Rolling back points `user_profiles.current_version` at an older one."""

    __tablename__ = "profile_versions"
    __table_args__ = (UniqueConstraint("user_id", "number"),)

    id: Mapped[UuidKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[str]
    sections: Mapped[Json]
    """`records.sections.Sections`: every line with its sources."""
    memory: Mapped[JsonList]
    """`records.sections.MemoryPart` rows, every line with its sources."""
    model: Mapped[str]
    """The model that wrote it, or `local`."""
    note: Mapped[str | None]
    """What the reader should know of how it was made, such as a model that failed."""
    prompts: Mapped[Json]
    """Name of each prompt that was used -> its hash."""
    conversations_read: Mapped[int]
    conversations_total: Mapped[int]
    cost_usd: Mapped[Decimal] = mapped_column(Numeric(12, 6), server_default="0")
    created_at: Mapped[CreatedAt]

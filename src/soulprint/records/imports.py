"""One import: an export handed over, and what became of each of its elements."""

from __future__ import annotations

import uuid

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from soulprint.records.base import Base, CreatedAt, Json, UtcTime, UuidKey


class Import(Base):
    __tablename__ = "imports"
    __table_args__ = (
        Index("uq_imports_active", "user_id", unique=True, postgresql_where=text("status = 'processing'")),
        Index(None, "user_id", "started_at"),
    )

    id: Mapped[UuidKey]
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(server_default="processing")
    """processing, complete or failed. A processing import whose advisory lock nobody holds was interrupted."""
    names: Mapped[str]
    """What was handed over, as the person named it."""
    upload: Mapped[str | None]
    """The file in the uploads folder, by its server-made name; null when it was read from where the person keeps it."""
    fingerprint: Mapped[str | None]
    """Of the files as they lay on the disk (names, sizes, times): the same files again go on with an import that was
    broken off, and a watched folder doesn't import them twice."""
    bytes_total: Mapped[int | None] = mapped_column(BigInteger)
    bytes_read: Mapped[int] = mapped_column(BigInteger, server_default="0")
    report: Mapped[Json | None]
    """The reconciliation, as `importing.reconciliation` writes it."""
    error: Mapped[str | None]
    started_at: Mapped[CreatedAt]
    finished_at: Mapped[UtcTime | None]


class ImportMember(Base):
    """A file of an import, on the disk or in an archive, as far as it is written. When an import that was broken off is
    taken up again, those that are finished aren't read a second time."""

    __tablename__ = "import_members"

    import_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
    fingerprint: Mapped[str] = mapped_column(primary_key=True)
    """As `importing.files.archives` makes it: name, size and checksum or time."""
    user_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    tally: Mapped[Json]
    """What became of its elements, as `importing.reconciliation` counts."""
    finished: Mapped[bool]

"""What this installation uses: database, models, folders, disk."""

from __future__ import annotations

import platform
import shutil
import sys
import uuid
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from soulprint import llm, pipeline
from soulprint.database import Database, Facts
from soulprint.llm import minilm, offers
from soulprint.llm.offers import Offer
from soulprint.settings import Settings


@dataclass(frozen=True, slots=True)
class Folders:
    """Where the built-in database is. Not how to log in: people show this report to others."""

    data: Path
    binaries: Path
    log: Path


@dataclass(frozen=True, slots=True)
class Report:
    soulprint: str
    python: str
    platform: str
    home: Path
    free_gb: float
    """Space left on the disk that holds the home folder."""
    embedded: Folders | None
    """The built-in database; None when a URL names another one."""
    database: Facts
    models: dict[str, str]
    """Role -> the model it uses, `local` for none."""
    workers: tuple[pipeline.WorkerState, ...]
    """Processes that work on full passes."""
    queue: pipeline.Queue
    """What waits for them."""
    embedder: bool
    """Whether the small in-process embedder (extra `local`) is installed."""
    offers: list[Offer]
    """Models found on this machine; none is used unless a setting names it."""
    warnings: list[str]


async def examine(database: Database, account: uuid.UUID, settings: Settings) -> Report:
    facts = await database.facts()
    status = await pipeline.status(database, account, settings)
    server = database.embedded
    return Report(
        soulprint=metadata.version("soulprint"),
        python=sys.version.partition(" ")[0],
        platform=platform.platform(),
        home=settings.home,
        free_gb=round(shutil.disk_usage(_existing(settings.home)).free / 1e9, 1),
        embedded=Folders(server.data, server.binaries, server.log) if server else None,
        database=facts,
        models={role.value: llm.model_name(settings, role) for role in llm.Role},
        workers=status.workers,
        queue=await pipeline.queue(database, account),
        embedder=minilm.available(),
        offers=await offers.found(settings),
        warnings=list(_warnings(facts)),
    )


def _warnings(facts: Facts) -> list[str]:
    warnings = []
    if facts.bypasses_row_security:
        warnings.append(
            f"The database user {facts.user} bypasses row-level security. Use an ordinary user when several people "
            "share this database."
        )
    if "vector" not in facts.extensions:
        warnings.append("The database has no vector extension; search by meaning will not be available.")
    return warnings


def _existing(folder: Path) -> Path:
    """`folder`, or the nearest one above it that is there: with a database elsewhere nothing may have made it yet."""
    return next(one for one in (folder, *folder.parents) if one.exists())

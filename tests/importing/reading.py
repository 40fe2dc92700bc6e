"""What the importer reads, without a database."""

from __future__ import annotations

import io
import uuid
from pathlib import Path
from typing import NamedTuple

from soulprint.importing import formats
from soulprint.importing.engine import reading
from soulprint.importing.engine.batches import Batch
from soulprint.importing.files import archives

ACCOUNT = uuid.UUID(int=1)
LIMIT = 1024**3
NULL = -1


class Row(NamedTuple):
    """A message as it goes to the database."""

    provider_id: str
    role: str
    text: str
    on_branch: bool
    modality: str


def batches(*paths: Path) -> list[Batch]:
    """Everything that the paths hold. Raises the error of what was refused where nothing is an export."""
    survey = archives.survey(paths, formats.known, paths[0].parent, LIMIT)
    members = [reading.Numbered(*each) for each in enumerate(survey.members)]
    read = [*reading.Reading(ACCOUNT, paths[0].parent).batches(members)]
    refusals = [*survey.refusals, *(refusal for batch in read for _, refusal in batch.refusals)]
    if not any(batch.tallies for batch in read):
        raise refusals[0].error
    return read


def failed(batch: Batch) -> int:
    return sum(sum(tally.failed.values()) for tally in batch.tallies.values())


def seen(batch: Batch) -> int:
    """Elements that are accounted for beside the conversations to be stored."""
    return sum(tally.seen for tally in batch.tallies.values())


def messages(encoded: bytes) -> list[Row]:
    """The rows that were made for COPY, read as Postgres does."""
    content = io.BytesIO(encoded)
    read = []
    while fields := int.from_bytes(content.read(2)):
        values = [_value(content) for _ in range(fields)]
        _, identity, _, role, text, _, on_branch, modality, *_ = values
        read.append(Row(identity.decode(), role.decode(), text.decode(), on_branch == b"\1", modality.decode()))
    return read


def _value(content: io.BytesIO) -> bytes:
    length = int.from_bytes(content.read(4), signed=True)
    return b"" if length == NULL else content.read(length)

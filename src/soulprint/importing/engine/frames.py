"""Messages between the process that imports and those that read for it, over pipes. Both ends are this program, and
nobody else can write to its pipes."""

from __future__ import annotations

import pickle
import struct
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

from soulprint.importing.engine.batches import Batch
from soulprint.importing.engine.reading import Numbered

_SIZE = struct.Struct(">Q")


@dataclass(frozen=True, slots=True)
class Setup:
    """The first message to a reader: for whom it reads, where it may write, and what is stored already."""

    account: uuid.UUID
    scratch: Path
    stored: frozenset[int]


@dataclass(frozen=True, slots=True)
class Done:
    """A reader has read what it was given."""


Task: TypeAlias = list[Numbered]
Answer: TypeAlias = Batch | Done | Exception


def send(pipe: IO[bytes], message: Setup | Task | Answer) -> None:
    """Raises `OSError` where nobody is at the other end."""
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(_SIZE.pack(len(content)))
    pipe.write(content)
    pipe.flush()


def received(pipe: IO[bytes]) -> Setup | Task | Answer | None:
    """The next message; None where the other end is gone."""
    size = pipe.read(_SIZE.size)
    if len(size) < _SIZE.size:
        return None
    (length,) = _SIZE.unpack(size)
    content = pipe.read(length)
    if len(content) < length:
        return None
    message: Setup | Task | Answer = pickle.loads(content)  # noqa: S301
    return message

"""Messages in; their rows as Postgres' binary COPY takes them out, so that none of its time goes into reading them."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from soulprint.importing import shapes
from soulprint.kinds import Modality, Role

COLUMNS = "conversation_id, provider_id, position, role, text, sent_at, on_branch, modality"
HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
"""Stands before the first row."""
TRAILER = b"\xff\xff"
"""Stands after the last row."""


def encoded(conversation_id: uuid.UUID, messages: Sequence[shapes.ParsedMessage]) -> bytes:
    """The rows of a conversation's messages, with `COLUMNS`, at the positions of their order. U+0000 and lone
    surrogates have been replaced before."""
    start = _ROW + _LENGTH(16) + conversation_id.bytes
    parts: list[bytes] = []
    for position, message in enumerate(messages):
        identity, text = message.provider_id.encode(), message.text.encode()
        parts += (
            start,
            _LENGTH(len(identity)),
            identity,
            _POSITION(4, position),
            _ROLES[message.role],
            _LENGTH(len(text)),
            text,
            _NULL if message.sent_at is None else _TIME(8, (message.sent_at - _EPOCH) // _UNIT),
            _BRANCH[message.on_branch],
            _MODALITIES[message.modality],
        )
    return b"".join(parts)


def _text(value: str) -> bytes:
    return _LENGTH(len(value.encode())) + value.encode()


_LENGTH = struct.Struct(">i").pack
_POSITION = struct.Struct(">ii").pack
_TIME = struct.Struct(">iq").pack
_ROW = struct.pack(">h", 8)
_NULL = _LENGTH(-1)
_BRANCH = (_LENGTH(1) + b"\0", _LENGTH(1) + b"\1")
_ROLES = {role: _text(role.value) for role in Role}
_MODALITIES = {modality: _text(modality.value) for modality in Modality}
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_UNIT = timedelta(microseconds=1)

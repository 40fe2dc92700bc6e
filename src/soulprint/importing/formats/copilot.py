"""Microsoft Copilot: the privacy dashboard's table of all that was said, a row for each message."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import NamedTuple

from soulprint.importing import documents, shapes
from soulprint.records import Role

NAME = "copilot"
TITLE = "Microsoft Copilot"
MEMBERS = re.compile(r"(?:^|/)[^/]*copilot[^/]*\.csv$")

COLUMNS = {
    "title": ("conversation", "chatname", "conversationname"),
    "time": ("time", "createdat", "timestamp", "date"),
    "author": ("author", "sender", "role"),
    "text": ("message", "messagecontent", "content", "prompt"),
    "app": ("clientapp", "app"),
}
"""What a column holds -> the names that it has, in lower case without spaces."""
PERSONS = frozenset(("human", "user", "you", "me"))
ASSISTANTS = frozenset(("ai", "copilot", "bot", "assistant", "bing", "microsoft copilot"))

RECORD = 4 * 1024 * 1024
"""Characters of one row. A larger one comes of a quotation mark that is never closed."""
PIECE = 256 * 1024
AGAIN = 30 * 24 * 3600
"""Seconds between two messages under one title from which on they are taken for two talks."""
PAUSE = 30 * 60
"""Seconds without a prompt after which another conversation begins, where the table knows none."""
WRITTEN = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M")
"""How a time may be written beside ISO. With AM and PM the month comes first."""


class Row(NamedTuple):
    number: int
    title: str
    time: datetime | None
    role: Role
    text: str


def recognises(document: documents.Document) -> str | None:
    first = document.head.split(b"\n", 1)[0].decode("utf-8", "replace")
    columns = _columns(_fields(first, _delimiter(first)))
    if "text" not in columns or "time" not in columns:
        return None
    if "title" in columns and "author" in columns:
        return "a table with a conversation, a time, an author and a message in each row"
    return "a table with a time, an app and a prompt in each row" if "app" in columns else None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    records = _records(document)
    header = next(records, "")
    delimiter = _delimiter(header)
    columns = _columns(_fields(header, delimiter))
    if not {"time", "text"} <= columns.keys():
        yield shapes.Failed("not_a_table", document.where)
        return
    rows: list[Row] = []
    zone_known = True
    for number, record in enumerate(records, 1):
        fields = _fields(record, delimiter)
        if not any(fields):
            continue
        row = _row(number, fields, columns)
        if row is None:
            yield shapes.Failed("not_a_row", f"{document.where}#{number}")
            continue
        zone_known = zone_known and _has_zone(fields[columns["time"]])
        rows.append(row)
    if _runs_backwards(rows):
        rows.reverse()
    yield from _conversations(rows, zone_known=zone_known, is_titled="title" in columns)


def _records(document: documents.Document) -> Iterator[str]:
    """The rows of the table as they are written, each with all its lines. Whether a quotation is open is told by the
    number of its marks; one that is never closed is taken for a mark, so that it costs no row but its own."""
    held: list[str] = []
    size = marks = 0
    for line in _lines(document):
        held.append(line)
        size += len(line)
        marks += line.count('"')
        if marks % 2 and size <= RECORD:
            continue
        yield from held if marks % 2 else ("".join(held),)
        held, size, marks = [], 0, 0
    yield from held


def _lines(document: documents.Document) -> Iterator[str]:
    """The lines with their ends, decoded piece by piece."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    for start in range(0, len(document.content), PIECE):
        piece = document.content[start : start + PIECE]
        lines = (rest + decoder.decode(piece)).split("\n")
        rest = lines.pop()
        yield from (f"{line}\n" for line in lines)
        if len(rest) > RECORD:
            yield rest
            rest = ""
        document.bytes_read += len(piece)
    if rest:
        yield rest


def _fields(record: str, delimiter: str) -> list[str]:
    """Those of the first row that `record` holds."""
    try:
        return next(csv.reader([record], delimiter=delimiter), [])
    except csv.Error:
        return []


def _delimiter(header: str) -> str:
    return max(",;\t", key=header.count)


def _columns(header: Sequence[str]) -> dict[str, int]:
    """What the columns hold -> their places."""
    names = ["".join(name.lower().split()) for name in header]
    return {
        held: names.index(name) for held, known in COLUMNS.items() for name in names if name in known and len(names) > 1
    }


def _row(number: int, fields: Sequence[str], columns: Mapping[str, int]) -> Row | None:
    """The row as a message; None where it has no time that can be read, and no author whom we know."""
    if len(fields) <= max(columns.values()):
        return None
    author = fields[columns["author"]].strip().lower() if "author" in columns else "user"
    time = _moment(fields[columns["time"]])
    if time is None and author not in PERSONS and author not in ASSISTANTS:
        return None
    role = Role.USER if author in PERSONS else Role.ASSISTANT
    title = fields[columns["title"]] if "title" in columns else ""
    return Row(number, title, time, role, fields[columns["text"]].removesuffix("\r"))


def _moment(written: str) -> datetime | None:
    time = shapes.moment(written.strip())
    for way in () if time else WRITTEN:
        try:
            return shapes.moment(datetime.strptime(written.strip(), way).replace(tzinfo=UTC).timestamp())
        except ValueError:
            continue
    return time


def _has_zone(written: str) -> bool:
    return bool(_ZONE.search(written))


def _runs_backwards(rows: Sequence[Row]) -> bool:
    """Whether the newest stands first: by the times, and where all are the same, by who answers whom."""
    times = [row.time for row in rows if row.time]
    if times and times[0] != times[-1]:
        return times[0] > times[-1]
    return bool(rows) and rows[0].role is Role.ASSISTANT and rows[-1].role is Role.USER


def _conversations(rows: Iterable[Row], *, zone_known: bool, is_titled: bool) -> Iterator[shapes.Outcome]:
    talks: dict[str, list[Row]] = {}
    for row in rows:
        talks.setdefault(row.title, []).append(row)
    for title, said in talks.items():
        for talk in _parted(said, AGAIN if is_titled else PAUSE):
            yield _conversation(title, talk, zone_known=zone_known, is_inferred=not is_titled)


def _parted(said: list[Row], pause: int) -> Iterator[list[Row]]:
    talk = said[:1]
    for before, row in pairwise(said):
        if before.time and row.time and (row.time - before.time).total_seconds() > pause:
            yield talk
            talk = []
        talk.append(row)
    yield talk


def _conversation(title: str, talk: Sequence[Row], *, zone_known: bool, is_inferred: bool) -> shapes.Found:
    messages = [
        shapes.ParsedMessage(str(number), row.role, row.text, row.time)
        for number, row in enumerate(talk)
        if row.text and not row.text.isspace()
    ]
    if not messages:
        return shapes.Found()
    times = [row.time for row in talk if row.time]
    first = messages[0]
    said = f"{title}\0{first.sent_at}\0{first.role}\0{first.text[:1000]}"
    parsed = shapes.ParsedConversation(
        hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest(),
        title.strip() or None,
        started_at=min(times, default=None),
        updated_at=max(times, default=None),
        messages=messages,
        is_inferred=is_inferred,
        zone_known=zone_known,
    )
    return shapes.Found(parsed)


csv.field_size_limit(2 * RECORD)  # of the whole process; nothing else in it reads tables

_ZONE = re.compile(r"\d(?:[zZ]|[+-]\d\d:?\d\d)\s*$")

"""Microsoft Copilot: the privacy dashboard's tables of all that was said, a row for each message."""

from __future__ import annotations

import codecs
import csv
import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice, pairwise
from typing import NamedTuple

from soulprint.importing import shapes
from soulprint.importing.parsing import documents, elements
from soulprint.kinds import Role

NAME = "copilot"
TITLE = "Microsoft Copilot"
MEMBERS = re.compile(r"(?:^|/)[^/]*copilot[^/]*\.csv$")

COLUMNS = {
    "title": ("conversation", "chatname"),
    "time": ("time", "createdat", "timestamp"),
    "author": ("author",),
    "text": ("message", "messagecontent", "prompt"),
    "app": ("clientapp",),
}
"""What a column holds -> the names that it has, in lower case without spaces."""
PERSONS = frozenset(("human", "user", "you", "me"))
ASSISTANTS = frozenset(("ai", "copilot", "bot", "assistant", "bing", "microsoft copilot"))

RECORD = 4 * 1024 * 1024
"""Characters of one row. A larger one comes of a quotation mark that is never closed."""
PIECE = 256 * 1024
ROW = 400
"""Bytes that a row takes in memory beside its text."""
AGAIN = 30 * 24 * 3600
"""Seconds between two messages under one title from which on they are taken for two talks."""
PAUSE = 30 * 60
"""Seconds of silence after which another conversation begins, where there is no title."""


class Row(NamedTuple):
    title: str
    time: str
    author: str
    text: str


class Said(NamedTuple):
    """A row that was understood."""

    title: str
    time: datetime | None
    zone_known: bool
    role: Role
    text: str


def recognises(document: documents.Document) -> str | None:
    columns = _columns(_header(document.head))
    if not _is_table(columns):
        return None
    if "author" in columns:
        return "a table with a conversation, a time, an author and a message in each row"
    return "a table with a time, an app and a prompt in each row"


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    """The conversations, after `Failed` for each row that is none."""
    header = _header(document.head)
    columns = _columns(header)
    if not _is_table(columns):
        yield shapes.Failed("not_a_table", document.where)
        return
    records = _records(_lines(document), _delimiter(document.head))
    rows: list[Row] = []
    size = told = 0
    for number, fields in islice(enumerate(records), 1, None):
        row = _row(fields, len(header), columns)
        if row is not None:
            rows.append(row)
            size += ROW + len(row.title) + len(row.text)
        elif any(fields):
            yield shapes.Failed("not_a_row", f"{document.where}#{number}")
        if size > elements.LARGEST:
            yield shapes.Failed("too_large", f"{document.where}#{number}")
            break
        if document.bytes_read - told > PIECE:
            told = document.bytes_read
            yield shapes.Found(counts=False)  # for the progress, as the conversations come only at the end
    yield from _conversations(rows)


def _header(head: bytes) -> list[str]:
    return _fields(_first_line(head), _delimiter(head))


def _first_line(head: bytes) -> str:
    return head.split(b"\n", 1)[0].decode("utf-8", "replace")


def _delimiter(head: bytes) -> str:
    return max(",;\t", key=_first_line(head).count)


def _columns(header: Sequence[str]) -> dict[str, int]:
    """What the columns hold -> their places."""
    names = ["".join(name.lower().split()) for name in header]
    return {held: names.index(name) for held, known in COLUMNS.items() for name in names if name in known}


def _is_table(columns: Mapping[str, int]) -> bool:
    return {"text", "time"} <= columns.keys() and ({"title", "author"} <= columns.keys() or "app" in columns)


def _lines(document: documents.Document) -> Iterator[str]:
    """The lines with their ends, decoded piece by piece."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    for start in range(0, len(document.content), PIECE):
        piece = document.content[start : start + PIECE]
        lines = (rest + decoder.decode(piece)).split("\n")
        rest = lines.pop()
        document.bytes_read += len(piece)
        yield from (f"{line}\n" for line in lines)
        if len(rest) > RECORD:
            yield rest
            rest = ""
    rest += decoder.decode(b"", final=True)
    if rest:
        yield rest


def _records(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    """The fields of each row. Where the quotation marks can't be right, each line up to there counts as a row of its
    own, so that a mark that is never closed swallows nothing."""
    held = _Held(lines)
    strict = csv.reader(held, delimiter=delimiter, strict=True)
    while True:
        held.lines.clear()
        held.size = 0
        try:
            yield next(strict)
        except StopIteration:
            return
        except (csv.Error, OverflowError):
            *broken, last = held.lines
            if broken and not held.is_at_the_end:
                held.again = last  # where it went wrong a whole row may begin
            else:
                broken.append(last)
            yield from (_fields(line, delimiter) for line in broken)


class _Held:
    """Gives lines, and keeps those of the row that is being read."""

    def __init__(self, unread: Iterator[str]) -> None:
        self.unread = unread
        self.again: str | None = None
        """A line that is to be read once more."""
        self.lines: list[str] = []
        self.size = 0
        self.is_at_the_end = False

    def __iter__(self) -> _Held:
        return self

    def __next__(self) -> str:
        """The next line. Raises `OverflowError` where the row has become too long for one."""
        if self.size > RECORD:
            raise OverflowError
        line, self.again = self.again, None
        if line is None:
            line = next(self.unread, None)
        if line is None:
            self.is_at_the_end = True
            raise StopIteration
        self.lines.append(line)
        self.size += len(line)
        return line


def _fields(line: str, delimiter: str) -> list[str]:
    """Those of one line, whatever its quotation marks are like. The line itself where it has none."""
    try:
        return next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])
    except csv.Error:
        return [line]


def _row(fields: list[str], width: int, columns: Mapping[str, int]) -> Row | None:
    """None where the fields aren't as many as the header's, or are neither at a time nor by an author whom we know."""
    if len(fields) < width or any(fields[width:]):
        return None
    title = fields[columns["title"]] if "title" in columns else ""
    author = fields[columns["author"]].strip().lower() if "author" in columns else "user"
    time = fields[columns["time"]].strip()
    if author not in PERSONS | ASSISTANTS and not (shapes.moment(time) or _PARTS.fullmatch(time)):
        return None
    return Row("" if title.isspace() else title, time, author, fields[columns["text"]])


def _conversations(rows: Sequence[Row]) -> Iterator[shapes.Outcome]:
    unknown: dict[str, int] = {}
    said = [*_understood(rows, unknown)]
    if unknown:
        yield shapes.Found(unknown=unknown, counts=False)
    if _runs_backwards(said):
        said.reverse()
    talks: dict[str, list[Said]] = {}
    for each in said:
        talks.setdefault(each.title, []).append(each)
    for title, listed in talks.items():
        parts = [*_parted(listed, AGAIN if title else PAUSE)]
        for part in parts:
            yield _conversation(title, part, is_inferred=not title or len(parts) > 1)


def _understood(rows: Sequence[Row], unknown: dict[str, int]) -> Iterator[Said]:
    roles = _roles({row.author for row in rows})
    clock = _Clock(row.time for row in rows)
    for row in rows:
        role = roles.get(row.author)
        if role is None:
            name = f"author {row.author}" if row.author else "no author"
            shapes.count(unknown, name)
            continue
        yield Said(row.title, *clock.moment(row.time), role, row.text)


def _roles(authors: set[str]) -> dict[str, Role]:
    """Who the authors are. A name that isn't known is that of the other side, where one side is known."""
    roles = dict.fromkeys(authors & PERSONS, Role.USER) | dict.fromkeys(authors & ASSISTANTS, Role.ASSISTANT)
    others = authors - roles.keys() - {""}
    if authors & PERSONS:
        return roles | dict.fromkeys(others, Role.ASSISTANT)
    return roles | dict.fromkeys(others, Role.USER) if roles and len(others) == 1 else roles


def _runs_backwards(said: Sequence[Said]) -> bool:
    """Whether the newest stands first: by the times under each title, and where they are the same, by who answers
    whom."""
    before: dict[str, Said] = {}
    pairs = []
    for each in said:
        if each.title in before:
            pairs.append((before[each.title], each))
        before[each.title] = each
    times = [_order(one, other) for one, other in pairs]
    balance = sum(times) or sum(_order(one, other) for one, other in pairwise(said))
    if balance:
        return balance < 0
    answers = sum(one.role is Role.ASSISTANT and other.role is Role.USER for one, other in pairs)
    questions = sum(one.role is Role.USER and other.role is Role.ASSISTANT for one, other in pairs)
    return answers > questions


def _order(one: Said, other: Said) -> int:
    """1 where `other` is later, -1 where it is earlier, 0 where that can't be told."""
    if one.time is None or other.time is None:
        return 0
    return (other.time > one.time) - (other.time < one.time)


def _parted(listed: list[Said], pause: int) -> Iterator[list[Said]]:
    part = listed[:1]
    for before, each in pairwise(listed):
        if before.time and each.time and (each.time - before.time).total_seconds() > pause:
            yield part
            part = []
        part.append(each)
    yield part


def _conversation(title: str, part: Sequence[Said], *, is_inferred: bool) -> shapes.Found:
    messages = [
        shapes.ParsedMessage(str(number), each.role, each.text, each.time)
        for number, each in enumerate(part)
        if each.text and not each.text.isspace()
    ]
    if not messages:
        return shapes.Found()
    times = [each.time for each in part if each.time]
    first = messages[0]
    said = f"{title}\0{first.sent_at}\0{first.role}\0{first.text[:1000]}"
    parsed = shapes.ParsedConversation(
        hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest(),
        title or None,
        started_at=min(times, default=None),
        updated_at=max(times, default=None),
        messages=messages,
        is_inferred=is_inferred,
        zone_known=all(each.zone_known for each in part if each.time),
    )
    return shapes.Found(parsed)


class _Clock:
    """Understands the times of one table. With slashes the month comes first, unless a number shows that it can't."""

    def __init__(self, written: Iterable[str]) -> None:
        firsts = (_SLASHES.match(each) for each in written)
        self.day_first = any(int(first[1]) > 12 for first in firsts if first)

    def moment(self, written: str) -> tuple[datetime | None, bool]:
        """The time, and whether its zone was written."""
        if time := shapes.moment(written):
            return time, bool(_ZONE.search(written))
        match = _PARTS.fullmatch(written)
        if match is None:
            return None, False
        one, mark, two, year, hour, minute, second, half, zone = match.groups()
        day, month = (one, two) if mark == "." or self.day_first else (two, one)
        hours = int(hour) % 12 + 12 * (half.lower() == "pm") if half else int(hour)
        clock = f"{year}-{month:0>2}-{day:0>2}T{hours:02}:{minute}:{second or '00'}"
        return shapes.moment(clock + (zone or "")), zone is not None


csv.field_size_limit(2 * RECORD)  # of the whole process; nothing else in it reads tables

_SLASHES = re.compile(r"([0-9]{1,2})/[0-9]{1,2}/[0-9]{4}")
_ZONE = re.compile(r":[0-9]{2}(?:\.[0-9]+)?(?:[zZ]|[+-][0-9]{2}:?[0-9]{2})$")
_PARTS = re.compile(
    r"([0-9]{1,2})([./])([0-9]{1,2})[./]([0-9]{4}),?\s([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
    r"(?:\s?([aApP][mM]))?(?:\s?([+-][0-9]{2}:[0-9]{2}|[zZ]))?"
)

"""Meta AI: the page or the JSON of the accounts centre, and the chat as WhatsApp exports it.

The page and the chat are text in which labels tell who speaks. The brand stands in every language, so the assistant's
label is known, and the person's is the one that takes turns with it.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import decoding, documents, elements, markup
from soulprint.importing.shapes import moment
from soulprint.kinds import Role

NAME = "metaai"
TITLE = "Meta AI"
MEMBERS = re.compile(
    r"(?:^|/)(?:your_)?ai_conversations[^/]*\.(?:html?|json)$|(?:^|/)_chat\.txt$|(?:^|/)[^/]*meta ai[^/]*\.(?:txt|zip)$"
)

ASSISTANT = "Meta AI"
LOOKED_AT = 1024 * 1024
"""Bytes of a page in which its first thread has to begin, as its style sheet stands before it."""
LINES = 20_000
"""Lines in which the labels are looked for."""
PAUSE = 30 * 60
"""Seconds without a message after which a new conversation begins in a chat that goes on for years."""
LARGEST = 16_000_000
"""Characters after which one begins in any case."""
UNCLEAR = "message of an unclear sender"

_PAGE = re.compile(rb"\s*+<")


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if isinstance(element, dict) and (reason := _recognises_element(element)):
            return reason
        if isinstance(element, dict) and "label_values" in element and _is_labelled(document):
            return "threads with label_values in which Meta AI speaks"
    if _PAGE.match(document.content):
        return _recognises_page(bytes(document.content[:LOOKED_AT]))
    return _recognises_chat(document.head)


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    if _PAGE.match(document.content):
        return _page(document)
    if _recognises_chat(document.head):  # asked first, as it may begin with a bracket like a list
        return _chat(document)
    return elements.each(document, thread)


# The JSON of the accounts centre


class Value(msgspec.Struct, gc=False):
    label: str | None = None
    value: str | None = None
    timestamp_value: float | str | None = None


class Entry(msgspec.Struct, gc=False):
    """One message, as labels with their values."""

    dict: list[Value] | None = None


class Section(msgspec.Struct, gc=False):
    dict: list[Entry] | None = None


class Participant(msgspec.Struct, gc=False):
    name: str | None = None


class Message(msgspec.Struct, gc=False):
    sender_name: str | None = None
    content: str | None = None
    text: str | None = None
    timestamp_ms: float | str | None = None


class Thread(msgspec.Struct, gc=False):
    """One struct for both shapes: messages as fields, and messages as labels with values."""

    title: str | None = None
    fbid: str | int | None = None
    thread_path: str | None = None
    participants: list[Participant] | None = None
    messages: list[Message] | None = None
    label_values: list[Section] | None = None


class Said(msgspec.Struct, gc=False):
    """A message of either shape."""

    sender: str
    text: str
    time: datetime | None
    note: bool = False
    """Whether it tells of something that happened in the thread."""


_decoder = msgspec.json.Decoder(Thread)


def _is_labelled(document: documents.Document) -> bool:
    """Whether these are messages: other files of Meta's have the same fields."""
    return b'"timestamp_value"' in document.head and ASSISTANT.encode() in bytes(document.content[:LOOKED_AT])


def _recognises_element(element: dict[str, object]) -> str | None:
    messages = element.get("messages")
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        return None
    participants = element.get("participants")
    named = [participants, [each.get("sender_name") for each in messages if isinstance(each, dict)]]
    alone = not isinstance(participants, list) or len(participants) <= 2
    is_thread = any(isinstance(each, dict) and "sender_name" in each for each in messages)
    return "messages with the sender_name Meta AI" if is_thread and alone and ASSISTANT in str(named) else None


def thread(element: msgspec.Raw | memoryview) -> shapes.Outcome:
    """One thread of the JSON. Raises `decoding.Unusable`."""
    raw = decoding.decode(element, _decoder)
    said = [*_messages(raw.messages)] if raw.messages is not None else [*_labelled(raw.label_values or [])]
    times = [each.time.timestamp() for each in said if each.time]
    if times and times[0] >= times[-1]:  # they are newest first, also where all are of one second
        said.reverse()
    unknown: dict[str, int] = {}
    left_out: dict[str, int] = {}
    messages = [*_sides(said, unknown, left_out)]
    if not messages:
        return shapes.Found(unknown=unknown, left_out=left_out)
    moments = [each.sent_at for each in messages if each.sent_at]
    title = repaired(raw.title or "")
    parsed = shapes.ParsedConversation(
        raw.thread_path or (str(raw.fbid) if raw.fbid else f"thread-{_hash(messages[0].text)}"),
        None if title in ("", ASSISTANT) or "mailbox" in title else title,
        started_at=min(moments, default=None),
        updated_at=max(moments, default=None),
        messages=messages,
    )
    return shapes.Found(parsed, unknown=unknown, left_out=left_out)


def repaired(text: str) -> str:
    """`text` with the bytes put together that Meta writes as a character each, where they are UTF-8."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _messages(messages: Iterable[Message]) -> Iterator[Said]:
    for each in messages:
        time = moment(each.timestamp_ms)
        yield Said(repaired(each.sender_name or ""), repaired(each.content or each.text or ""), time)


def _labelled(sections: Iterable[Section]) -> Iterator[Said]:
    """The messages among sections whose labels are in the language of the account. A message has a time, and the label
    of its text twice: first for what happened in the thread, then for what was said."""
    entries = [
        entry.dict
        for section in sections
        for entry in section.dict or ()
        if entry.dict and any(each.timestamp_value is not None for each in entry.dict)
    ]
    text, name = _text_label(entries), _name_label(entries)
    for entry in entries:
        texts = [each.value for each in entry if each.label == text and each.value]
        names = [each.value for each in entry if each.label == name and each.value]
        time = next((moment(each.timestamp_value) for each in entry if each.timestamp_value is not None), None)
        if texts:
            first = next((each for each in entry if each.label == text), None)
            note = first is not None and bool(first.value) and len(texts) == 1 and _is_twice(entry, text)
            yield Said(repaired(names[0]) if names else "", repaired(texts[-1]), time, note)


def _is_twice(entry: list[Value], label: str | None) -> bool:
    return sum(each.label == label for each in entry) > 1


def _text_label(entries: list[list[Value]]) -> str | None:
    twice = Counter(
        label
        for entry in entries
        for label, number in Counter(each.label for each in entry if each.label).items()
        if number > 1
    )
    return twice.most_common(1)[0][0] if twice else "Message"


def _name_label(entries: list[list[Value]]) -> str | None:
    """The label under which Meta AI stands, else the usual one."""
    named = Counter(each.label for entry in entries for each in entry if each.value == ASSISTANT)
    return named.most_common(1)[0][0] if named else "Name"


def _sides(said: list[Said], unknown: dict[str, int], left_out: dict[str, int]) -> Iterator[shapes.ParsedMessage]:
    """The messages of Meta AI and of the one other sender. Where there is only one name, or a third, nobody can tell
    who spoke."""
    talk = [each for each in said if not each.note and each.text and not each.text.isspace()]
    shapes.count(left_out, "system", sum(each.note for each in said))
    shapes.count(left_out, "media", sum(not each.note and not each.text for each in said))
    person = Counter(each.sender for each in talk if each.sender != ASSISTANT).most_common(1)
    has_both = any(each.sender == ASSISTANT for each in talk)
    for number, each in enumerate(talk):
        if has_both and each.sender == ASSISTANT:
            yield shapes.ParsedMessage(str(number), Role.ASSISTANT, each.text, each.time)
        elif has_both and person and each.sender == person[0][0]:
            yield shapes.ParsedMessage(str(number), Role.USER, each.text, each.time)
        else:
            shapes.count(unknown, UNCLEAR, 1)


# The page of the accounts centre

_CELL = re.compile(rb"<td\b[^>]*+>?")
_CELL_END = re.compile(rb"</td|<td\b", re.IGNORECASE)
_SPOKEN = re.compile(rb"[>\n][^\S\n]*+Meta AI\s?(?::|\xef\xbc\x9a)")
_FILE_DATE = re.compile(r"_(\d{2})-(\d{2})-(\d{4})_\d+\.txt")
_LABEL = re.compile(r"[^\S\n]*+([^:：\n]{1,40}+)[:：](?:\s|$)")


def _recognises_page(head: bytes) -> str | None:
    is_page = _CELL.search(head) and b'class="outer-cell' not in head
    return "a page with threads in which Meta AI speaks" if is_page and _SPOKEN.search(head) else None


class Cell(msgspec.Struct, gc=False):
    """A thread of the page, to be read again, and the date in the name of the file that goes with it."""

    start: int
    end: int
    date: tuple[int, int, int] | None = None


def _page(document: documents.Document) -> Iterator[shapes.Outcome]:
    threads = [*_threads(document.content)]
    month_first = _month_first([(*each.date, "-") for each in threads if each.date], default=True)
    lines = (line for each in threads for line in _text(document.content, each.start, each.end).split("\n"))
    person = person_label(islice(lines, LINES))
    at = 0
    for number, each in enumerate(threads):
        document.bytes_read += each.end - at
        at = each.end
        if each.end - each.start > elements.LARGEST:
            yield shapes.Failed("too_large", f"{document.where}#{number}")
            continue
        yield _thread_of_page(_text(document.content, each.start, each.end), person, _day(each.date, month_first))
    document.bytes_read += len(document.content) - at


def _text(content: memoryview, start: int, end: int) -> str:
    return markup.plain(bytes(content[start:end]).decode("utf-8", "replace"))


def _threads(content: memoryview) -> Iterator[Cell]:
    """The cells in which Meta AI speaks. The name of a thread's file stands before it or after it, on the whole page
    the same way."""
    found: list[Cell] = []
    dates: list[tuple[int, tuple[int, int, int]]] = []
    for opening in _CELL.finditer(content):
        closing = _CELL_END.search(content, opening.end())
        end = closing.start() if closing else len(content)
        if _SPOKEN.search(content, opening.end() - 1, end):
            found.append(Cell(opening.end(), end))
    for name in re.finditer(rb"_\d{2}-\d{2}-\d{4}_\d+\.txt", content):
        match = _FILE_DATE.match(name[0].decode())
        if match and (not dates or name.start() - dates[-1][0] > len(name[0]) * 4):
            dates.append((name.start(), (int(match[1]), int(match[2]), int(match[3]))))
    after = bool(found and dates and dates[0][0] > found[0].start)
    for cell, date in _beside(found, dates, after=after):
        cell.date = date
    return iter(found)


def _beside(
    found: list[Cell], dates: list[tuple[int, tuple[int, int, int]]], *, after: bool
) -> Iterator[tuple[Cell, tuple[int, int, int] | None]]:
    """Each cell with the date that lies between it and the next, or the one before it."""
    at = 0
    for number, cell in enumerate(found):
        if after:
            begin, end = cell.start, found[number + 1].start if number + 1 < len(found) else None
        else:
            begin, end = found[number - 1].end if number else 0, cell.start
        while at < len(dates) and dates[at][0] < begin:
            at += 1
        is_here = at < len(dates) and (end is None or dates[at][0] < end)
        yield cell, dates[at][1] if is_here else None


def person_label(lines: Iterable[str]) -> str | None:
    """The label that takes turns with Meta AI's most often; None where none does."""
    turns: Counter[str] = Counter()
    previous: str | None = None
    for line in lines:
        match = _LABEL.match(line)
        if match is None:
            continue
        label = match[1].strip()
        if previous is not None and (label == ASSISTANT) != (previous == ASSISTANT):
            turns[previous if label == ASSISTANT else label] += 1
        previous = label
    return turns.most_common(1)[0][0] if turns else None


def _thread_of_page(text: str, person: str | None, day: datetime | None) -> shapes.Found:
    """What stands before the first label is the thread's heading."""
    messages: list[shapes.ParsedMessage] = []
    for label, said in spoken(text, person):
        if said and not said.isspace():
            role = Role.ASSISTANT if label == ASSISTANT else Role.USER
            messages.append(shapes.ParsedMessage(str(len(messages)), role, said))
    if not messages:
        return shapes.Found()
    identity = f"page-{_hash(f'{day}|{messages[0].text}')}"
    parsed = shapes.ParsedConversation(identity, None, started_at=day, messages=messages, zone_known=False)
    return shapes.Found(parsed)


def spoken(text: str, person: str | None) -> Iterator[tuple[str, str]]:
    """Who speaks and what is said: each message from a line that begins with a label to the next such line."""
    label: str | None = None
    said: list[str] = []
    for line in text.split("\n"):
        match = _LABEL.match(line)
        if match and match[1].strip() in (ASSISTANT, person):
            if label is not None:
                yield label, _trimmed(said)
            label, said = match[1].strip(), [line[match.end() :]]
        elif label is not None:
            said.append(line)
    if label is not None:
        yield label, _trimmed(said)


def _trimmed(lines: list[str]) -> str:
    """Without the empty lines that stand between messages."""
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(lines)


# The chat as WhatsApp exports it

_ENTRY = re.compile(
    r"[\u200e\u200f\ufeff]*+\[?(\d{1,4})([./-])(\d{1,2})[./-](\d{1,4}),?\s(?:[a-z]{2,4}\s)?"
    r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:\s?([ap])\.?\s?m\.?)?(?:\]| -)\s(?:([^:\n]{1,60}+):(?:\s|$))?",
    re.IGNORECASE,
)
_BYTES_LINE = re.compile(rb"[^\n]*+\n?")
_PLACEHOLDER = re.compile(r"<[^<>\n]{1,80}>$|\u200e")
_EDITED = re.compile(r"\s?(?:\u200e<[^<>\n]{1,60}>|<This message was edited>)$")
NOTICE = re.compile(r"Messages are generated by AI\b|Messages and calls are end-to-end encrypted\b")


def _recognises_chat(head: bytes) -> str | None:
    senders = {
        match[9].strip("\u200e\u202a\u202c ~")
        for line in head.decode("utf-8", "replace").splitlines()
        if (match := _ENTRY.match(line)) and match[9]
    }
    return "a chat of WhatsApp with Meta AI" if ASSISTANT in senders and len(senders) <= 2 else None


@dataclass(slots=True)
class _Session:
    """Messages up to a pause."""

    messages: list[Said] = field(default_factory=list)
    last: float = 0
    size: int = 0
    cut: int = 0
    """Lines that were left out of a message that is longer than any."""


def _chat(document: documents.Document) -> Iterator[shapes.Outcome]:
    month_first = _month_first(_dates(document.content), default=False)
    session = _Session()
    lines: list[str] = []
    said: Said | None = None
    person: str | None = None
    for raw in _BYTES_LINE.finditer(document.content):
        line = _line(document, raw)
        match = _ENTRY.match(line)
        if match is None:
            _go_on(session, lines, line)
            continue
        _end(said, lines)
        said = _entry(match, line, month_first)
        second = said.time.timestamp() if said.time else session.last
        person = person or (said.sender if said.sender != ASSISTANT else None)
        if session.messages and (second - session.last > PAUSE or session.size > LARGEST):
            yield _session(session, person)
            session = _Session()
        session.messages.append(said)
        session.last = second
        session.size += len(line)
        lines = [line[match.end() :]]
    _end(said, lines)
    if session.messages:
        yield _session(session, person)


def _line(document: documents.Document, raw: re.Match[bytes]) -> str:
    size = raw.end() - raw.start()
    document.bytes_read += size
    content = document.content[raw.start() : raw.start() + min(size, elements.LARGEST)]
    return bytes(content).decode("utf-8", "replace").rstrip("\r\n")


def _go_on(session: _Session, lines: list[str], line: str) -> None:
    session.size += len(line)
    if session.size > LARGEST * 2:
        session.cut += 1
    else:
        lines.append(line)


def _end(said: Said | None, lines: list[str]) -> None:
    """Give the message the lines that were read since it began."""
    if said is not None:
        text = _EDITED.sub("", _trimmed(lines))
        said.text = "" if len(lines) == 1 and _PLACEHOLDER.match(text) else text
        said.note = said.note or bool(NOTICE.match(text.lstrip("\u200e")))


def _entry(match: re.Match[str], line: str, month_first: bool) -> Said:
    day = _day(_numbers(match), month_first)
    hour, minute, second = int(match[5]), int(match[6]), int(match[7] or 0)
    if match[8]:
        hour = hour % 12 + (12 if match[8].lower() == "p" else 0)
    is_clock = hour < 24 and minute < 60 and second < 60
    time = day.replace(hour=hour, minute=minute, second=second) if day and is_clock else None
    sender = (match[9] or "").strip("\u200e\u202a\u202c ~")
    return Said(sender, "", time, note=not sender)


def _numbers(match: re.Match[str]) -> tuple[int, int, int]:
    return int(match[1]), int(match[3]), int(match[4])


def _dates(content: memoryview) -> Iterator[tuple[int, int, int, str]]:
    for raw in _BYTES_LINE.finditer(content):
        match = _ENTRY.match(raw[0][:120].decode("utf-8", "replace"))
        if match:
            separator = "/" if match[2] == "/" and match[8] else "."
            yield (*_numbers(match), separator)


def _session(session: _Session, person: str | None) -> shapes.Found:
    unknown: dict[str, int] = {}
    shapes.count(unknown, "line of an endless message", session.cut)
    left_out: dict[str, int] = {}
    first = session.messages[0]
    messages = [*_speakers(session.messages, person, unknown, left_out)]
    if not messages:
        return shapes.Found(unknown=unknown, left_out=left_out, counts=False)
    times = [each.sent_at for each in messages if each.sent_at]
    parsed = shapes.ParsedConversation(
        f"whatsapp-{_hash(f'{first.time}|{messages[0].text}')}",
        started_at=min(times, default=None),
        updated_at=max(times, default=None),
        messages=messages,
        is_inferred=True,
        zone_known=False,
    )
    return shapes.Found(parsed, unknown=unknown, left_out=left_out)


def _speakers(
    said: list[Said], person: str | None, unknown: dict[str, int], left_out: dict[str, int]
) -> Iterator[shapes.ParsedMessage]:
    """The messages of Meta AI and of the person. Others have no place in a chat with it alone."""
    for number, each in enumerate(said):
        if each.note:
            shapes.count(left_out, "system", 1)
        elif not each.text or each.text.isspace():
            shapes.count(left_out, "media", 1)
        elif each.sender not in (ASSISTANT, person):
            shapes.count(unknown, UNCLEAR, 1)
        else:
            role = Role.ASSISTANT if each.sender == ASSISTANT else Role.USER
            yield shapes.ParsedMessage(str(number), role, each.text, each.time)


# Dates


def _month_first(dates: Iterable[tuple[int, int, int, str]], *, default: bool) -> bool:
    """Whether the month stands before the day, decided over all dates: by a number that is no month, else by the order
    that goes back in time less often."""
    backwards = [0, 0]
    previous: list[tuple[int, int, int]] | None = None
    for first, second, year, separator in dates:
        if first > 31:
            return default
        if first > 12 or second > 12:
            return second > 12
        default = default or separator == "/"
        orders = [(year, second, first), (year, first, second)]
        if previous:
            for number in (0, 1):
                backwards[number] += orders[number] < previous[number]
        previous = orders
    return default if backwards[0] == backwards[1] else backwards[1] < backwards[0]


def _day(date: tuple[int, int, int] | None, month_first: bool) -> datetime | None:
    if date is None:
        return None
    first, second, year = date
    if first > 31:
        first, second, year = year, second, first
    elif month_first:
        first, second = second, first
    try:
        day = datetime(year + 2000 if year < 100 else year, second, first, tzinfo=UTC)
    except ValueError:
        return None
    return day if moment(day.timestamp()) else None


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

"""Gemini: the activities of an account, as JSON or as a web page in any language, cut into conversations at the pauses;
and the conversations of Gemini in Workspace, which are whole.

The activities of a file are looked through once for their times, sorted, and then read conversation by conversation, so
that never more than one of them is in memory.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import TypeAlias

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import decoding, documents, elements, leads, markup, written_times
from soulprint.kinds import Role

NAME = "gemini"
TITLE = "Gemini"
MEMBERS = re.compile(
    r"(?:^|/)[^/]*(?:gemini|bard)[^/]*/(?![^/]*(?:gems|scheduled))[^/]+\.(?:json|html?)$"
    r"|^my ?activity\.(?:json|html?)$|(?:^|/)conversation_\d+\.(?:txt|json)$"
)

PRODUCT = re.compile(r"gemini|bard", re.IGNORECASE)
PAUSE = 30 * 60
"""Seconds without a prompt after which a new conversation begins."""
ACTIVITIES = 500_000
"""The most activities that are read of one file. A heavy user has some ten thousand."""
HEARTBEAT = 500
"""After so many activities that are only looked at, the import may be stopped."""
LOOKED_AT = 1024 * 1024
"""Bytes of a page in which its first activity has to begin. Its own style sheet takes about 150 KB."""
TITLED = 60
"""Characters of the first prompt that stand as the title, as an activity has none."""


class Html(msgspec.Struct, gc=False):
    html: str | None = None


class Subtitle(msgspec.Struct, gc=False):
    name: str | None = None


class Activity(msgspec.Struct, gc=False):
    """One thing done in an app of Google's: here a prompt with its answer."""

    header: str | None = None
    title: str | None = None
    text: str | None = None
    time: str | float | None = None
    products: str | list[str] | None = None
    safeHtmlItem: Html | list[Html] | None = None  # noqa: N815
    attachedFiles: str | list[msgspec.Raw] | None = None  # noqa: N815
    imageFile: str | list[msgspec.Raw] | None = None  # noqa: N815


class Card(msgspec.Struct, gc=False):
    content: str | None = None


class Piece(msgspec.Struct, gc=False):
    data: str | None = None
    cards: list[Card] | None = None


class UserTurn(msgspec.Struct, gc=False):
    prompt: str | None = None
    turn_index: int | None = None
    turn_last_modified: str | float | None = None
    turn_deleted_time: str | float | None = None


class SystemTurn(msgspec.Struct, gc=False):
    text: str | list[Piece] | None = None
    images: list[msgspec.Raw] | None = None
    model_thoughts: list[msgspec.Raw] | None = None
    turn_index: int | None = None
    turn_last_modified: str | float | None = None
    turn_deleted_time: str | float | None = None


class Turn(msgspec.Struct, gc=False):
    user_turn: UserTurn | None = None
    system_turn: SystemTurn | None = None


class Workspace(msgspec.Struct, gc=False):
    """A whole conversation, as Gemini in Workspace exports it."""

    title: str | None = None
    creation_time: str | float | None = None
    last_modification_time: str | float | None = None
    conversation_turns: list[Turn] | None = None


_activity = msgspec.json.Decoder(Activity)
_workspace = msgspec.json.Decoder(Workspace)
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])

_PAGE = re.compile(rb"\s*+<")
_CELL = re.compile(rb'<div\s++class="outer-cell')
_HEADER = re.compile(rb'class="header-cell[^>]*+>?([^<]*+(?:<(?!/?div)[^>]*+>[^<]*+)*+)')
_CONTENT = re.compile(r'<div\s++class="content-cell[^>]*+>?')
_SAID = re.compile(r"(?:^|>)\s*+[^<\s]")
_LINE_END = re.compile(r"<br[^>]*+>?", re.IGNORECASE)
_BLOCK = re.compile(r"<(?:p|h[1-6]|ul|ol|pre|table|blockquote)[\s>]", re.IGNORECASE)
_ATTACHED = re.compile(r"\s*+-[\s\u00a0]*+<a\b")
_GEM = re.compile(r'href="https?://gemini\.google\.com/gems?/')


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if isinstance(element, dict) and (reason := _recognises_element(element)):
            return reason
    if _PAGE.match(document.content):
        header = _HEADER.search(document.content, 0, LOOKED_AT)
        if header and PRODUCT.search(header[1].decode("utf-8", "replace")) and _CELL.search(document.content):
            return "a page of activities whose heads name Gemini"
    return None


def _recognises_element(element: Mapping[str, object]) -> str | None:
    if "conversation_turns" in element:
        return "a conversation with conversation_turns"
    if "title" not in element or "time" not in element:
        return None
    if "safeHtmlItem" in element:
        return "activities with answers in safeHtmlItem"
    named = (element.get("header"), element.get("products"))
    return "activities whose header or products name Gemini" if PRODUCT.search(str(named)) else None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    if _is_workspace(document):
        yield from elements.each(document, _whole)
        return
    is_page = _PAGE.match(document.content)
    reading = _Reading(_cell if is_page else _record)
    yield from _page(document, reading) if is_page else _list(document, reading)
    yield from reading.conversations()


def _is_workspace(document: documents.Document) -> bool:
    return any(isinstance(element, dict) and "conversation_turns" in element for element in document.sample)


class Record(msgspec.Struct, gc=False):
    """What an activity says, whichever file it stood in."""

    title: str
    answers: list[str]
    """As HTML: the one that was taken, then other drafts."""
    time: datetime | None
    zone_known: bool = True
    media: int = 0


class Place(msgspec.Struct, gc=False):
    """An activity that was looked at, to be read again."""

    content: msgspec.Raw | memoryview
    second: int
    zone_known: bool


Reader: TypeAlias = Callable[[msgspec.Raw | memoryview], Record | None]
"""The record in some bytes; None where it is of another product. Raises `decoding.Unusable`."""


@dataclass(slots=True)
class _Reading:
    """The activities of one file."""

    reader: Reader
    titles: leads.Titles = field(default_factory=leads.Titles)
    timed: list[Place] = field(default_factory=list)
    timeless: list[msgspec.Raw | memoryview] = field(default_factory=list)
    newest_first: int = 0
    """How often an activity is older than the one before it in the file, less how often it is newer."""

    def look(self, content: msgspec.Raw | memoryview) -> shapes.Outcome:
        """Take note of an activity; gives what can be told of it at once."""
        record = self.reader(content)
        if record is None:
            return shapes.Found(left_out={"activity": 1}, counts=False)
        self.titles.add(record.title, answered=bool(record.answers))
        if record.time is None:
            self.timeless.append(content)
        else:
            second = int(record.time.timestamp())
            if self.timed:
                self.newest_first += (self.timed[-1].second > second) - (self.timed[-1].second < second)
            self.timed.append(Place(content, second, record.zone_known))
        return shapes.Found(counts=False)

    def conversations(self) -> Iterator[shapes.Outcome]:
        known = self.titles.leads()
        if self.newest_first >= 0:
            self.timed.reverse()
            self.timeless.reverse()
        self.timed.sort(key=attrgetter("second"))
        for session in _sessions(self.timed):
            name = f"{'session' if session[0].zone_known else 'local'}-{session[0].second}"
            zone_known = all(place.zone_known for place in session)
            yield self._conversation([place.content for place in session], known, name, zone_known)
        if self.timeless:
            yield self._conversation(self.timeless, known, None, zone_known=False)

    def _conversation(
        self, contents: list[msgspec.Raw | memoryview], known: leads.Leads, name: str | None, zone_known: bool
    ) -> shapes.Found:
        """One conversation of the activities. Those that are no prompts are counted."""
        left_out: dict[str, int] = {}
        messages: list[shapes.ParsedMessage] = []
        for number, content in enumerate(contents):
            record = self.reader(content)
            if record is not None:
                messages += _messages(record, known, str(number), left_out)
        if not messages:
            return shapes.Found(left_out=left_out, counts=False)
        times = [message.sent_at for message in messages if message.sent_at]
        parsed = shapes.ParsedConversation(
            name or f"timeless-{hashlib.blake2b(messages[0].text.encode(), digest_size=16).hexdigest()}",
            _title(messages),
            started_at=min(times, default=None),
            updated_at=max(times, default=None),
            messages=messages,
            is_inferred=True,
            zone_known=zone_known,
        )
        return shapes.Found(parsed, left_out=left_out)


def _sessions(places: list[Place]) -> Iterator[list[Place]]:
    """`places`, sorted by time, cut where more than the pause lies between two."""
    begin = 0
    for number in range(1, len(places) + 1):
        if number == len(places) or places[number].second - places[number - 1].second > PAUSE:
            yield places[begin:number]
            begin = number


def _messages(
    record: Record, known: leads.Leads, number: str, left_out: dict[str, int]
) -> Iterator[shapes.ParsedMessage]:
    prompt = known.prompt(record.title, answered=bool(record.answers))
    if prompt is None:
        shapes.count(left_out, "activity", 1)
        return
    shapes.count(left_out, "media", record.media)
    shapes.count(left_out, "draft", len(record.answers) - 1)
    name = str(int(record.time.timestamp())) if record.time else number
    if prompt and not prompt.isspace():
        yield shapes.ParsedMessage(f"{name}/prompt", Role.USER, prompt, record.time)
    answer = markup.text(record.answers[0]) if record.answers else ""
    if answer and not answer.isspace():
        yield shapes.ParsedMessage(f"{name}/answer", Role.ASSISTANT, answer, record.time)


def _title(messages: list[shapes.ParsedMessage]) -> str | None:
    """The beginning of the first prompt, cut between words."""
    prompts = (message.text.strip() for message in messages if message.role is Role.USER)
    line = next((prompt[: TITLED * 2].partition("\n")[0].strip() for prompt in prompts), "")
    if len(line) <= TITLED:
        return line or None
    cut = line[:TITLED].rpartition(" ")[0] or line[:TITLED]
    return f"{cut}…"


# As JSON


def _list(document: documents.Document, reading: _Reading) -> Iterator[shapes.Outcome]:
    for number, outcome in enumerate(elements.each(document, reading.look)):
        if number >= ACTIVITIES:
            yield shapes.Failed("too_many_elements", document.where)
            return
        if outcome != shapes.Found(counts=False) or number % HEARTBEAT == 0:
            yield outcome


def _record(element: msgspec.Raw | memoryview) -> Record | None:
    raw = decoding.decode(element, _activity)
    if not _is_gemini(raw):
        return None
    items = raw.safeHtmlItem or []
    answers = [each.html or "" for each in (items if isinstance(items, list) else [items])]
    time = shapes.moment(raw.time)
    media = len(raw.attachedFiles) if isinstance(raw.attachedFiles, list) else int(bool(raw.attachedFiles))
    return Record(
        raw.title or raw.text or "",
        [each for each in answers if each and not each.isspace()],
        time,
        media=media or int(bool(raw.imageFile)),
    )


def _is_gemini(raw: Activity) -> bool:
    named = [raw.header, *(raw.products if isinstance(raw.products, list) else [raw.products])]
    said = [name for name in named if name]
    return any(PRODUCT.search(name) for name in said) if said else bool(raw.title or raw.text or raw.safeHtmlItem)


# As a page


def _page(document: documents.Document, reading: _Reading) -> Iterator[shapes.Outcome]:
    for number, (start, end) in enumerate(cells(document.content)):
        if number >= ACTIVITIES:
            yield shapes.Failed("too_many_elements", document.where)
            return
        content = document.content[start:end]
        document.bytes_read += end - start
        if end - start > elements.LARGEST:
            yield shapes.Failed("too_large", f"{document.where}#{number}")
            continue
        outcome = reading.look(content)
        if outcome != shapes.Found(counts=False) or number % HEARTBEAT == 0:
            yield outcome


def cells(content: memoryview) -> Iterator[tuple[int, int]]:
    """Where each activity of a page begins and ends. What stands before the first is none."""
    begin: int | None = None
    for match in _CELL.finditer(content):
        if begin is not None:
            yield begin, match.start()
        begin = match.start()
    if begin is not None:
        yield begin, len(content)


def _cell(content: msgspec.Raw | memoryview) -> Record | None:
    """The activity in a cell: in its first inner cell the prompt, the date on a line of its own, and the answer."""
    written = bytes(content).decode("utf-8", "replace")
    header = _HEADER.search(bytes(memoryview(content)[:4096]))
    if header and not PRODUCT.search(header[1].decode("utf-8", "replace")):
        return None
    inner = _CONTENT.split(written, maxsplit=2)
    body = inner[1] if len(inner) > 1 else ""
    before, date, after = _divided(body)
    said, media = _said(before)
    return Record(
        said,
        [after] if _SAID.search(after) else [],
        date.moment if date else None,
        date.zone_known if date else False,
        media,
    )


def _divided(body: str) -> tuple[list[str], written_times.Written | None, str]:
    """The lines before the date, the date, and the answer. Where no line is a date, the answer begins with the first
    paragraph."""
    lines: list[str] = []
    at = 0
    for end in _LINE_END.finditer(body):
        line = body[at : end.start()]
        date = written_times.parsed(markup.plain(line)) if lines and len(line) < 500 else None
        if date is not None:
            return lines, date, body[end.end() :]
        lines.append(line)
        at = end.end()
    block = _BLOCK.search(body)
    before = body[: block.start()] if block else body
    return _LINE_END.split(before), None, body[block.start() :] if block else ""


def _said(lines: list[str]) -> tuple[str, int]:
    """The title of the activity, and how many files came with it: they are listed under it, with a line above that
    counts them."""
    lines = [*lines]
    while lines and (_GEM.search(lines[-1]) or not markup.plain(lines[-1]).strip()):
        lines.pop()
    attached = 0
    while lines and _ATTACHED.match(markup.unescaped(lines[-1])):
        lines.pop()
        attached += 1
    if attached and len(lines) > 1 and re.search(r"\d", lines[-1]):
        lines.pop()
    return "\n".join(markup.plain(line).strip("\n") for line in lines), attached


# Of Workspace


def _whole(element: msgspec.Raw | memoryview) -> shapes.Outcome:
    """A conversation with all its turns. A question or answer that was changed stands several times under one number;
    the last is the one that holds."""
    raw = decoding.decode(element, _workspace)
    turns = raw.conversation_turns or []
    left_out: dict[str, int] = {}
    messages = [said for number, turn in enumerate(turns) for said in _turn(turn, number, left_out)]
    _mark_changed(messages, left_out)
    if not messages:
        return shapes.Found(left_out=left_out)
    created = shapes.moment(raw.creation_time)
    first = f"{raw.creation_time}|{'' if raw.creation_time else messages[0].text}"
    times = [message.sent_at for message in messages if message.sent_at]
    parsed = shapes.ParsedConversation(
        f"workspace-{hashlib.blake2b(first.encode(), digest_size=16).hexdigest()}",
        raw.title or None,
        started_at=created or min(times, default=None),
        updated_at=shapes.moment(raw.last_modification_time) or max(times, default=None),
        messages=messages,
    )
    return shapes.Found(parsed, left_out=left_out)


def _turn(turn: Turn, number: int, left_out: dict[str, int]) -> Iterator[shapes.ParsedMessage]:
    for role, each in ((Role.USER, turn.user_turn), (Role.ASSISTANT, turn.system_turn)):
        if each is None:
            continue
        if each.turn_deleted_time:
            shapes.count(left_out, "activity", 1)
            continue
        said = (each.prompt or "") if isinstance(each, UserTurn) else _answer(each, left_out)
        if said and not said.isspace():
            index = number if each.turn_index is None else each.turn_index
            yield shapes.ParsedMessage(f"{role}/{index}", role, said, shapes.moment(each.turn_last_modified))


def _answer(turn: SystemTurn, left_out: dict[str, int]) -> str:
    shapes.count(left_out, "reasoning", len(turn.model_thoughts or ()))
    shapes.count(left_out, "media", len(turn.images or ()))
    if isinstance(turn.text, str):
        return turn.text
    pieces = turn.text or []
    shapes.count(left_out, "material", sum(len(each.cards or ()) for each in pieces))
    return "\n\n".join(each.data for each in pieces if each.data)


def _mark_changed(messages: list[shapes.ParsedMessage], left_out: dict[str, int]) -> None:
    """Put earlier versions off the branch; of answers only the last stays."""
    last = {message.provider_id: number for number, message in enumerate(messages)}
    kept: list[shapes.ParsedMessage] = []
    for number, message in enumerate(messages):
        message.on_branch = last[message.provider_id] == number
        if message.on_branch or message.role is Role.USER:
            kept.append(message)
        else:
            shapes.count(left_out, "draft", 1)
    seen: dict[str, int] = {}
    for message in kept:
        if not message.on_branch:
            seen[message.provider_id] = seen.get(message.provider_id, 0) + 1
            message.provider_id = f"{message.provider_id}/{seen[message.provider_id]}"
    messages[:] = kept

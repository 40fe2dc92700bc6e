"""Grok: conversations as trees of responses, and the instructions of projects, all in one file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeAlias

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import branches, decoding, documents, elements
from soulprint.kinds import ClaimKind, Modality, Role

NAME = "grok"
TITLE = "Grok"
MEMBERS = re.compile(r"(?:^|/)prod-grok-backend[^/]*\.json$")

PERSONS = frozenset(("human", "user"))
"""All other senders are the assistant: `assistant`, `ASSISTANT`, `model`, `grok-3`."""


class Long(msgspec.Struct, gc=False):
    number: str | float | None = msgspec.field(default=None, name="$numberLong")


class Stamp(msgspec.Struct, gc=False):
    """A time as MongoDB writes it."""

    date: str | float | Long | None = msgspec.field(default=None, name="$date")


Time: TypeAlias = str | float | Stamp | None


class Thing(msgspec.Struct, gc=False):
    """Something of which nothing is read."""


class File(msgspec.Struct, gc=False):
    content: str | None = None
    text: str | None = None


class Response(msgspec.Struct, gc=False):
    id: str | None = msgspec.field(default=None, name="_id")
    response_id: str | None = None
    message: str | None = None
    sender: str | None = None
    parent_response_id: str | None = None
    create_time: Time = None
    model: str | None = None
    error: str | Thing | None = None
    thinking_trace: str | None = None
    agent_thinking_traces: list[Thing] | None = None
    steps: list[Thing] | None = None
    web_search_results: list[Thing] | None = None
    xpost_ids: list[str] | None = None
    generated_image_urls: list[str] | None = None
    image_attachments: list[str | Thing] | None = None
    file_attachments: list[str | File] | None = None


class Wrapped(Response, gc=False):
    """A response, or what wraps one."""

    response: Response | None = None


class Heading(msgspec.Struct, gc=False):
    id: str | None = None
    title: str | None = None
    create_time: Time = None
    modify_time: Time = None
    temporary: bool | None = None
    leaf_response_id: str | None = None


class Conversation(msgspec.Struct, gc=False):
    conversation: Heading | None = None
    responses: list[Wrapped] | None = None
    media_posts: list[Thing] | None = None
    """Where there is no list of conversations, the one element is the account."""


class Project(msgspec.Struct, gc=False):
    custom_personality: str | None = None
    create_time: Time = None


class Account(msgspec.Struct, gc=False):
    """What stands beside the conversations."""

    projects: msgspec.Raw = msgspec.Raw(b"[]")
    tasks: msgspec.Raw = msgspec.Raw(b"[]")
    media_posts: msgspec.Raw = msgspec.Raw(b"[]")


_conversation = msgspec.json.Decoder(Conversation)
_project = msgspec.json.Decoder(Project)
_account = msgspec.json.Decoder(Account)


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if not isinstance(element, dict):
            continue
        if "conversation" in element and isinstance(element.get("responses"), list):
            return "elements are conversations with responses"
        if "projects" in element and "media_posts" in element:
            return "an account with projects and media_posts"
    if not document.sample and _PROJECTS.search(document.head) and b'"media_posts"' in document.head:
        return "an account with projects and media_posts"
    return None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    yield from elements.each(document, conversation)
    beside = _beside(document.content)
    if beside.claims or beside.left_out:
        yield beside


def conversation(element: msgspec.Raw | memoryview) -> shapes.Outcome:
    """One element of the export. Raises `decoding.Unusable`."""
    raw = decoding.decode(element, _conversation)
    if raw.conversation is None and raw.responses is None:
        return shapes.Skipped("no_messages") if raw.media_posts is None else shapes.Found(counts=False)
    heading = raw.conversation or Heading()
    if heading.temporary:
        return shapes.Skipped(shapes.DO_NOT_REMEMBER, provider_id=heading.id, changed_at=moment(heading.modify_time))
    if raw.responses is None:
        return shapes.Skipped("no_messages", heading.title or heading.id, heading.id)
    return _Reading(heading, [each.response or each for each in raw.responses]).found()


def _beside(content: memoryview) -> shapes.Found:
    """What stands in the file beside its conversations."""
    try:
        account = _account.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        projects = _PROJECTS.search(content)
        return shapes.Found(claims=_claims(content, projects.end()) if projects else [], counts=False)
    left_out = {"activity": _number(account.tasks), "media": _number(account.media_posts)}
    return shapes.Found(
        claims=_claims(memoryview(account.projects), 1),
        left_out={kind: number for kind, number in left_out.items() if number},
        counts=False,
    )


def _claims(content: memoryview, inside: int) -> list[shapes.ParsedClaim]:
    """The instructions of the projects in the list that `inside` lies in."""
    claims: list[shapes.ParsedClaim] = []
    for element in islice(documents.scanned(content, inside, listed=True, wrapped=True), PROJECTS):
        if isinstance(element, documents.CutOff) or memoryview(element).nbytes > elements.LARGEST:
            continue
        try:
            project = decoding.decode(element, _project)
        except decoding.Unusable:
            continue
        text = project.custom_personality or ""
        if text and not text.isspace():
            claims.append(shapes.ParsedClaim(ClaimKind.PROJECT_INSTRUCTIONS, text, moment(project.create_time)))
    return claims


def _number(listed: msgspec.Raw) -> int:
    content = memoryview(listed)
    if bytes(content[:1]) != b"[":
        return 0
    found = islice(documents.scanned(content, 1, listed=True, wrapped=True), COUNTED)
    return sum(not isinstance(each, documents.CutOff) for each in found)


def moment(value: Time) -> datetime | None:
    """The time, written as ISO, as a number, or as MongoDB does."""
    if isinstance(value, Stamp):
        value = value.date.number if isinstance(value.date, Long) else value.date
    return shapes.moment(value)


class _Reading:
    """The responses of one conversation, with their links."""

    def __init__(self, heading: Heading, responses: Sequence[Response]) -> None:
        self.heading = heading
        self.model: str | None = None
        self.left_out: dict[str, int] = {}
        self.responses: dict[str, Response] = {}
        for number, response in enumerate(responses):
            identity = response.id or response.response_id or str(number)
            self.responses[identity if identity not in self.responses else f"{identity}#{number}"] = response
        self.times = {node: moment(response.create_time) for node, response in self.responses.items()}
        self.parents = self._parents()

    def _parents(self) -> dict[str, str | None]:
        """The links given. An answer without one follows what was said before it, as does all whose link leads
        nowhere; a prompt without one begins the conversation, as the first does, and an edited one in its place."""
        given = {node: response.parent_response_id for node, response in self.responses.items()}
        linked = any(parent in given for parent in given.values())
        parents: dict[str, str | None] = {}
        previous: str | None = None
        for node in branches.by_time(self.responses, self.times):
            parent = given[node]
            begins = linked and parent is None and _role(self.responses[node]) is Role.USER
            parents[node] = parent if parent in given else None if begins else previous
            previous = node
        return parents

    def found(self) -> shapes.Found:
        said = self._said()
        self._count_what_is_left_out()
        if not said:
            return shapes.Found(left_out=self.left_out)
        times = [message.sent_at for message in said if message.sent_at]
        parsed = shapes.ParsedConversation(
            self.heading.id,
            self.heading.title or None,
            model=self.model,
            started_at=moment(self.heading.create_time) or min(times, default=None),
            updated_at=moment(self.heading.modify_time) or max(times, default=None),
            messages=said,
        )
        return shapes.Found(parsed, left_out=self.left_out)

    def _said(self) -> list[shapes.ParsedMessage]:
        way = branches.current(self.parents, self.times, self.heading.leaf_response_id)
        order = branches.ordered(way, self.parents, lambda node: _role(self.responses[node]) is Role.USER)
        return [said for node, on_branch in order for said in self._message(node, on_branch)]

    def _message(self, node: str, on_branch: bool) -> Iterator[shapes.ParsedMessage]:
        """What the response says, then the text of each file that came with it."""
        response = self.responses[node]
        role, text = _role(response), response.message or ""
        if role is Role.ASSISTANT:
            text = without_marks(text)
            self.model = response.model or self.model
        if text and not text.isspace() and text != response.error:
            yield shapes.ParsedMessage(node, role, text, self.times[node], on_branch)
        for number, file in enumerate(response.file_attachments or ()):
            text = _file_text(file)
            if text and not text.isspace():
                identity = f"{node}/attachment/{number}"
                yield shapes.ParsedMessage(identity, role, text, self.times[node], on_branch, Modality.ATTACHMENT)

    def _count_what_is_left_out(self) -> None:
        for each in self.responses.values():
            files = each.file_attachments or ()
            media = sum(not _file_text(file) for file in files)
            media += len(each.generated_image_urls or ()) + len(each.image_attachments or ())
            shapes.count(self.left_out, "media", media)
            shapes.count(self.left_out, "reasoning", bool(each.thinking_trace) + len(each.agent_thinking_traces or ()))
            shapes.count(self.left_out, "tool", len(each.steps or ()))
            shapes.count(self.left_out, "material", len(each.web_search_results or ()) + len(each.xpost_ids or ()))
            shapes.count(self.left_out, "system", int(bool(each.error)))


def _role(response: Response) -> Role:
    return Role.USER if (response.sender or "").lower() in PERSONS else Role.ASSISTANT


def _file_text(file: str | File) -> str:
    return "" if isinstance(file, str) else file.content or file.text or ""


PROJECTS, COUNTED = 10_000, 1_000_000
"""The most projects that are read, and the most tasks and posts that are counted."""

_PROJECTS = re.compile(rb'"projects"\s*+:\s*+\[')
_MARK = "<grok:render"
_MARK_END = "</grok:render>"


def without_marks(text: str) -> str:
    """An answer without the tags that only Grok's own page can draw: citations, cards and pictures."""
    pieces = []
    at = 0
    while (start := text.find(_MARK, at)) >= 0:
        end = _after_mark(text, start)
        if end is None:
            break
        pieces.append(text[at:start])
        at = end
    return "".join((*pieces, text[at:])) if pieces else text


def _after_mark(text: str, start: int) -> int | None:
    """Where the text goes on after the tag that starts at `start`; None where it isn't closed."""
    opened = text.find(">", start)
    if opened >= 0 and text[opened - 1] == "/":
        return opened + 1
    closed = text.find(_MARK_END, start)
    return closed + len(_MARK_END) if closed >= 0 else None

"""Claude Code: a session a file, in lines that hold what was typed, answered, run, and put in by the program."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import PurePosixPath

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import branches, decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import Modality, Role

NAME = "claude_code"
TITLE = "Claude Code"
MEMBERS = re.compile(r"(?:^|/)projects/[^/]+/(?:[^/]+/)*[^/]+\.jsonl$")

TALK = ("user", "assistant")
LEFT_OUT = {"tool_use": "tool", "tool_result": "tool", "thinking": "reasoning", "redacted_thinking": "reasoning"}
MEDIA = ("image", "document")
INJECTED = (
    "Caveat: The messages below were generated",
    "This session is being continued from a previous conversation",
    "[Request interrupted by user",
)
"""How texts begin that stand in the person's turns and that the program wrote."""
SYNTHETIC = "<synthetic>"
"""The model of answers that the program wrote itself."""


class Block(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | None = None


class Message(msgspec.Struct, gc=False):
    id: str | None = None
    role: str | None = None
    model: str | None = None
    content: str | list[Block] | None = None


class Origin(msgspec.Struct, gc=False):
    kind: str | None = None


class Queued(msgspec.Struct, gc=False):
    """What the program notes beside the talk; also what was typed while the model was at work."""

    type: str | None = None
    prompt: str | list[Block] | None = None
    commandMode: str | None = None  # noqa: N815
    origin: Origin | None = None


class Fork(msgspec.Struct, gc=False):
    sessionId: str | None = None  # noqa: N815
    messageUuid: str | None = None  # noqa: N815


class Line(msgspec.Struct, gc=False):
    type: str | None = None
    subtype: str | None = None
    uuid: str | None = None
    parentUuid: str | None = None  # noqa: N815
    sessionId: str | None = None  # noqa: N815
    forkedFrom: Fork | None = None  # noqa: N815
    """Where a line was copied from, when a session began as a copy of another."""
    timestamp: str | float | None = None
    cwd: str | None = None
    isSidechain: bool | None = None  # noqa: N815
    isMeta: bool | None = None  # noqa: N815
    isCompactSummary: bool | None = None  # noqa: N815
    origin: Origin | None = None
    message: Message | None = None
    attachment: Queued | None = None
    summary: str | None = None
    leafUuid: str | None = None  # noqa: N815
    title: str | None = None
    aiTitle: str | None = None  # noqa: N815
    customTitle: str | None = None  # noqa: N815
    display: str | None = None


_decoder = msgspec.json.Decoder(Line)


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if isinstance(element, dict) and isinstance(element.get("type"), str):
            if element.keys() >= {"sessionId", "uuid", "parentUuid"}:
                return "lines with a session and what each of them answers"
            if element["type"] == "summary" and "leafUuid" in element:
                return "summaries of sessions"
        if isinstance(element, dict) and element.keys() >= {"display", "timestamp", "project"}:
            return "a list of all prompts"
    return None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    """The session, and of others what it begins with a copy of. One line that can't be read costs one line."""
    file = _File()
    prompts = 0
    for outcome in elements.each(document, lambda element: _Read(line=decoding.decode(element, _decoder))):
        if not isinstance(outcome, _Read):
            yield outcome
        elif outcome.line.display is not None and outcome.line.message is None:
            prompts += 1
        else:
            file.add(outcome.line)
    if prompts:
        yield shapes.Skipped("list_of_prompts", document.where)
    yield from file.found()
    if not file.stretches and not prompts:
        yield shapes.Found(counts=False)


class _Read(shapes.Found, gc=False):
    """One line of the file."""

    line: Line = msgspec.field(default_factory=Line)


class _File:
    """The lines of a file, divided where they are of another session, and where the talk before was summed up.

    A session that goes on from another begins with a copy of it, of all or of what came after the last summary, under
    the same ids or with a note of the session that it is from. So a stretch between such places is one conversation,
    known by its first line's id: wherever it is copied to, that is the same, and its fullest version stays.
    """

    def __init__(self) -> None:
        self.stretches: dict[tuple[str | None, int], _Stretch] = {}
        self.titles: list[str] = []
        self.summaries: dict[str, str] = {}
        self._borders: dict[str | None, int] = {}

    def add(self, line: Line) -> None:
        title = line.customTitle or line.aiTitle or (line.title if line.type not in TALK else None)
        if title:
            self.titles.append(title)
        if line.summary and line.leafUuid:
            self.summaries[line.leafUuid] = line.summary
        if line.uuid is None:
            return
        session = (line.forkedFrom.sessionId if line.forkedFrom else None) or line.sessionId
        if line.subtype == "compact_boundary":
            self._borders[session] = self._borders.get(session, 0) + 1
        self.stretches.setdefault((session, self._borders.get(session, 0)), _Stretch()).add(line)

    def found(self) -> Iterator[shapes.Found]:
        for stretch in self.stretches.values():
            yield stretch.found(self._title(stretch))

    def _title(self, stretch: _Stretch) -> str | None:
        """The last one given, else the summary of a talk that ends in this stretch: others are of other sessions."""
        own = [summary for leaf, summary in self.summaries.items() if leaf in stretch.lines]
        return next(iter([*self.titles[-1:], *own[-1:]]), None)


class _Stretch:
    """Lines of one conversation, of which only what may be talk is held."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}
        self.parents: dict[str, str | None] = {}
        self.left_out: dict[str, int] = {}
        self.project: str | None = None
        self._root: str | None = None
        self._last: str | None = None

    def add(self, line: Line) -> None:
        assert line.uuid is not None
        if line.isSidechain:
            shapes.count(self.left_out, "tool")
            return
        if line.uuid in self.lines:
            return
        if line.cwd and self.project is None:
            self.project = PurePosixPath(line.cwd.replace("\\", "/")).name or None
        self._root = self._root or (line.forkedFrom.messageUuid if line.forkedFrom else None) or line.uuid
        self.parents[line.uuid] = line.parentUuid if line.parentUuid in self.lines else self._last
        self.lines[line.uuid] = self._held(line)
        self._last = line.uuid

    def _held(self, line: Line) -> Line:
        """The line with no more than what talk needs."""
        queued = line.attachment
        if line.type == "attachment" and queued and queued.type == "queued_command":
            origin = None if queued.commandMode in (None, "prompt") else Origin(queued.commandMode)
            return Line(
                "user",
                timestamp=line.timestamp,
                isMeta=line.isMeta,
                origin=origin or queued.origin,
                message=Message(content=queued.prompt),
            )
        return line if line.type in TALK else Line(line.type, timestamp=line.timestamp)

    def found(self, title: str | None) -> shapes.Found:
        messages = self._messages()
        if not messages:
            return shapes.Found(left_out=self.left_out, counts=bool(self.lines))
        times = [message.sent_at for message in messages if message.sent_at]
        models = (each.message.model for each in self.lines.values() if each.message and each.message.model)
        parsed = shapes.ParsedConversation(
            self._root,
            title,
            self.project,
            next((model for model in models if model != SYNTHETIC), None),
            min(times, default=None),
            max(times, default=None),
            messages,
        )
        return shapes.Found(parsed, left_out=self.left_out)

    def _messages(self) -> list[shapes.ParsedMessage]:
        times: dict[str, datetime | None] = {node: moment(line.timestamp) for node, line in self.lines.items()}
        way = branches.current(self.parents, times)
        messages: dict[str, shapes.ParsedMessage] = {}
        for node, on_branch in branches.ordered(way, self.parents, lambda node: self.lines[node].type == "user"):
            self._add_to(messages, node, times[node], on_branch)
        return [*messages.values()]

    def _add_to(
        self, messages: dict[str, shapes.ParsedMessage], node: str, time: datetime | None, on_branch: bool
    ) -> None:
        """Take the line in. Several lines of one answer are one message."""
        line = self.lines[node]
        if line.message is None or line.type not in TALK:
            return
        role = Role.USER if line.type == "user" else Role.ASSISTANT
        text = self._text(line, line.message, role)
        if not text or text.isspace():
            return
        identity = (line.message.id if role is Role.ASSISTANT else None) or node
        if identity in messages:
            messages[identity].text += f"\n{text}"
        else:
            messages[identity] = shapes.ParsedMessage(identity, role, text, time, on_branch, Modality.COMMAND)

    def _text(self, line: Line, message: Message, role: Role) -> str:
        content = message.content
        blocks = [Block("text", content)] if isinstance(content, str) else content or []
        if _is_put_in(line, message):
            shapes.count(self.left_out, "injected")
            return ""
        texts = []
        for block in blocks:
            if block.type in LEFT_OUT:
                shapes.count(self.left_out, LEFT_OUT[block.type])
            elif block.type in MEDIA:
                shapes.count(self.left_out, "media")
            elif block.text and role is Role.ASSISTANT:
                texts.append(block.text)
            elif block.text:
                texts.append(self._typed(block.text))
        return "\n".join(text for text in texts if text)

    def _typed(self, text: str) -> str:
        """What the person typed of a text in their turn."""
        text, count = _BLOCKS.subn("", text) if "</" in text else (text, 0)
        if text.lstrip().startswith(INJECTED):
            text, count = "", count + 1
        shapes.count(self.left_out, "injected", count)
        return text


def _is_put_in(line: Line, message: Message) -> bool:
    """Whether the program or another agent wrote the whole line."""
    by_others = line.origin is not None and line.origin.kind not in (None, "human")
    return bool(line.isMeta or line.isCompactSummary or by_others) or message.model == SYNTHETIC


_BLOCKS = re.compile(
    r"<(system-reminder|command-[a-z]+|local-command-[a-z]+|bash-std[a-z]+|user-prompt-submit-hook|task-notification"
    r"|ide_[a-z_]+)>(?:(?!</\1>).)*+(?:</\1>\n?|\Z)",
    re.DOTALL,
)
"""What the program puts into the person's turns between tags of its own."""

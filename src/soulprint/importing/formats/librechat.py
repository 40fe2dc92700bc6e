"""LibreChat: a conversation a file, its messages as a list, as a tree of lists within lists, or as a branch alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import branches, decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import ClaimKind, Modality, Role

NAME = "librechat"
TITLE = "LibreChat"
MEMBERS = re.compile(r"(?:^|/)[^/]*librechat[^/]*\.(?:json|zip)$")

LEFT_OUT = {
    "think": "reasoning",
    "tool_call": "tool",
    "image_file": "media",
    "image_url": "media",
    "input_audio": "media",
    "video_url": "media",
    "error": "system",
    "agent_update": "system",
}
"""Kinds of content that are no words of either side -> what they count as."""


class Value(msgspec.Struct, gc=False):
    value: str | None = None


class Part(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | Value | None = None


class File(msgspec.Struct, gc=False):
    text: str | None = None


class Message(msgspec.Struct, gc=False):
    messageId: str | None = None  # noqa: N815
    parentMessageId: str | None = None  # noqa: N815
    isCreatedByUser: bool | None = None  # noqa: N815
    sender: str | None = None
    text: str | None = None
    content: str | list[Part] | None = None
    model: str | None = None
    createdAt: str | float | None = None  # noqa: N815
    error: bool | None = None
    files: list[File] | None = None


class Options(msgspec.Struct, gc=False):
    model: str | None = None
    promptPrefix: str | None = None  # noqa: N815
    system: str | None = None


class Conversation(msgspec.Struct, gc=False):
    conversationId: str | None = None  # noqa: N815
    title: str | None = None
    createdAt: str | float | None = None  # noqa: N815
    updatedAt: str | float | None = None  # noqa: N815
    model: str | None = None
    promptPrefix: str | None = None  # noqa: N815
    options: Options | None = None
    isTemporary: bool | None = None  # noqa: N815
    expiredAt: str | float | None = None  # noqa: N815
    messages: list[Message] | None = None
    messagesTree: list[Message] | None = None  # noqa: N815


_conversation = msgspec.json.Decoder(Conversation)
_message = msgspec.json.Decoder(Message)


def recognises(document: documents.Document) -> str | None:
    return next((reason for each in document.sample if isinstance(each, dict) and (reason := _recognises(each))), None)


def _recognises(element: dict[str, object]) -> str | None:
    if isinstance(element.get("messagesTree"), list):
        return "elements have a messagesTree"
    messages = element.get("messages")
    for message in messages if isinstance(messages, list) else ():
        if isinstance(message, dict) and message.keys() & {"isCreatedByUser", "parentMessageId"}:
            return "elements have messages with isCreatedByUser or parentMessageId"
    return None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    return elements.each(document, conversation)


def conversation(element: msgspec.Raw | memoryview) -> shapes.Outcome:
    """One conversation. Raises `decoding.Unusable`."""
    (whole, _), *nested = _flattened(memoryview(element))
    raw = decoding.decode(whole, _conversation)
    if raw.isTemporary or raw.expiredAt:
        return shapes.Skipped(shapes.DO_NOT_REMEMBER, provider_id=raw.conversationId, changed_at=moment(raw.updatedAt))
    messages = raw.messages if raw.messagesTree is None else raw.messagesTree
    if messages is None:
        return shapes.Skipped("no_messages", raw.title or raw.conversationId)
    return _Reading(raw, messages + _linked(nested)).found()


def _linked(nested: list[tuple[memoryview, int]]) -> list[Message]:
    """The messages that lay within each other. One that doesn't name what it answers answers the one around it."""
    messages = [decoding.decode(content, _message) for content, _ in nested]
    for number, (message, (_, around)) in enumerate(zip(messages, nested, strict=True)):
        message.messageId = message.messageId or f"nested-{number}"
        if not message.parentMessageId and around:
            message.parentMessageId = messages[around - 1].messageId
    return messages


def _flattened(content: memoryview) -> list[tuple[memoryview, int]]:
    """The element without its tree, and each message of the tree without its `children`, with the number of what lies
    around it. Found by brackets, as a talk of a thousand messages is nested too deep for any decoder."""
    if not any(key in bytes(content) for key in (b'"children"', b'"messagesTree"')):
        return [(content, 0)]
    edges: list[list[int]] = [[0]]
    around = [0]
    owners = [0]
    kinds: list[str] = []
    for match in documents.BRACKET.finditer(content):
        at = match.end() - 1
        if match[1] in b"[{":
            kinds.append(_kind(content, at, kinds[-1] if kinds else ""))
            if kinds[-1] == "message":
                edges.append([at])
                around.append(owners[-1])
                owners.append(len(edges) - 1)
            elif kinds[-1] == "children":
                edges[owners[-1]].append(at + 1)
        elif kinds:
            kind = kinds.pop()
            if kind == "children":
                edges[owners[-1]].append(at)
            elif kind == "message":
                edges[owners.pop()].append(at + 1)
    edges[0].append(len(content))
    return [(_joined(content, each), owner) for each, owner in zip(edges, around, strict=True)]


def _kind(content: memoryview, at: int, within: str) -> str:
    if content[at] == ord("{"):
        return "message" if within == "children" else "object"
    return "children" if _CHILDREN.search(content[max(0, at - 32) : at]) else "list"


def _joined(content: memoryview, edges: list[int]) -> memoryview:
    """The stretches between every second pair of `edges`."""
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return memoryview(b"".join(content[start:end] for start, end in pairs))


class _Reading:
    """The messages of one conversation, with their links."""

    def __init__(self, raw: Conversation, messages: list[Message]) -> None:
        self.raw = raw
        self.unknown: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        self.messages: dict[str, Message] = {}
        for number, message in enumerate(messages):
            identity = message.messageId or str(number)
            self.messages[identity if identity not in self.messages else f"{identity}#{number}"] = message
        self.parents = self._parents()

    def _parents(self) -> dict[str, str | None]:
        """The links given; where there are none at all, each message follows the one before it."""
        given = {node: message.parentMessageId for node, message in self.messages.items()}
        if any(parent in self.messages for parent in given.values()):
            return {node: parent if parent in self.messages else None for node, parent in given.items()}
        return dict(zip(self.messages, [None, *self.messages], strict=False))

    def found(self) -> shapes.Found:
        said = [message for node, on_branch in self._order() for message in self._message(node, on_branch)]
        claims = self._claims()
        if not said:
            return shapes.Found(None, claims, self.unknown, self.left_out)
        times = [message.sent_at for message in said if message.sent_at]
        raw = self.raw
        options = raw.options or Options()
        parsed = shapes.ParsedConversation(
            raw.conversationId,
            raw.title or None,
            model=next((each.model for each in self.messages.values() if each.model), raw.model or options.model),
            started_at=moment(raw.createdAt) or min(times, default=None),
            updated_at=moment(raw.updatedAt) or max(times, default=None),
            messages=said,
        )
        return shapes.Found(parsed, claims, self.unknown, self.left_out)

    def _order(self) -> list[tuple[str, bool]]:
        times: dict[str, datetime | None] = {node: moment(each.createdAt) for node, each in self.messages.items()}
        way = branches.current(self.parents, times)
        return branches.ordered(way, self.parents, lambda node: _role(self.messages[node]) is Role.USER)

    def _claims(self) -> list[shapes.ParsedClaim]:
        options = self.raw.options or Options()
        written = dict.fromkeys((self.raw.promptPrefix, options.promptPrefix, options.system))
        time = moment(self.raw.createdAt)
        return [
            shapes.ParsedClaim(ClaimKind.PROJECT_INSTRUCTIONS, text, time)
            for text in written
            if text and not text.isspace()
        ]

    def _message(self, node: str, on_branch: bool) -> Iterator[shapes.ParsedMessage]:
        """What the message says, then the text of each file that came with it."""
        message = self.messages[node]
        role, time = _role(message), moment(message.createdAt)
        if message.error:
            shapes.count(self.left_out, "system")
            return
        text = self._text(message, role)
        if text and not text.isspace():
            yield shapes.ParsedMessage(node, role, text, time, on_branch)
        for number, file in enumerate(message.files or ()):
            if file.text and not file.text.isspace():
                identity = f"{node}/file/{number}"
                yield shapes.ParsedMessage(identity, role, file.text, time, on_branch, Modality.ATTACHMENT)
            else:
                shapes.count(self.left_out, "media")

    def _text(self, message: Message, role: Role) -> str:
        parts = message.content if isinstance(message.content, list) else []
        spoken = [said for each in parts if each.type in (None, "text") and (said := _said(each))]
        for each in parts:
            if each.type in LEFT_OUT:
                shapes.count(self.left_out, LEFT_OUT[each.type])
            elif each.type not in (None, "text"):
                shapes.count(self.unknown, each.type)
        if not spoken:
            spoken = [(message.content if isinstance(message.content, str) else None) or message.text or ""]
        text = "\n".join(spoken)
        if role is Role.ASSISTANT and _THINKING in text:
            text, count = _THOUGHTS.subn("", text)
            shapes.count(self.left_out, "reasoning", count)
        return text


def _role(message: Message) -> Role:
    if message.isCreatedByUser is None:
        return Role.USER if (message.sender or "").lower() == "user" else Role.ASSISTANT
    return Role.USER if message.isCreatedByUser else Role.ASSISTANT


def _said(part: Part) -> str | None:
    return part.text.value if isinstance(part.text, Value) else part.text


_CHILDREN = re.compile(rb'"(?:children|messagesTree)"\s*+:\s*+\Z')
_THINKING = ":::thinking"
_THOUGHTS = re.compile(r":::thinking\n(?:(?!:::).)*+(?::::\s*|\Z)", re.DOTALL)

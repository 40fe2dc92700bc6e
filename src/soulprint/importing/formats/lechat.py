"""Le Chat: a file for each conversation, which is a bare list of messages in any order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import branches, decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import Role

NAME = "lechat"
TITLE = "Le Chat"
MEMBERS = re.compile(r"(?:^|/)chat-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.json$")

ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}
SILENT_ROLES = {"system": "system", "tool": "tool"}
LEFT_OUT = {
    "tool_call": "tool",
    "reference": "material",
    "custom_element": "material",
    "image_url": "media",
    "thinking": "reasoning",
}
"""Chunks that are nobody's words."""
WITHIN_A_SENTENCE = frozenset(("text", "reference"))
MESSAGES = 100_000
"""The most messages of one file, as they are held together to be put in order."""


class Thing(msgspec.Struct, gc=False):
    """Something of which nothing is read."""


class Chunk(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | None = None


class Message(msgspec.Struct, gc=False):
    id: str | None = None
    version: float | None = None
    chatId: str | None = None  # noqa: N815
    role: str | None = None
    content: str | list[Chunk] | None = None
    contentChunks: list[Chunk] | None = None  # noqa: N815
    createdAt: str | float | None = None  # noqa: N815
    files: list[Thing | None] | None = None
    canvas: list[Thing | None] | None = None
    quotes: list[Thing | str | None] | None = None


_decoder = msgspec.json.Decoder(Message)


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if isinstance(element, dict) and {"chatId", "role"} <= element.keys():
            return "elements are messages with a chatId and a role"
    return None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    """The conversation that the messages are, and `Failed` for each of them that can't be read. Where someone has put
    several files into one, a conversation for each chatId."""
    if len(document.content) > elements.LARGEST:
        yield shapes.Failed("too_large", document.where)
        return
    messages: list[Message] = []

    def take(element: msgspec.Raw | memoryview) -> shapes.Outcome:
        messages.append(decoding.decode(element, _decoder))
        return shapes.Found(counts=False)

    for outcome in elements.each(document, take):
        if len(messages) > MESSAGES:
            yield shapes.Failed("too_many_elements", document.where)
            return
        if isinstance(outcome, shapes.Failed):
            yield outcome
    for identity, talk in _by_chat(messages, document.where).items():
        yield _Reading(talk).found(identity)


def _by_chat(messages: Sequence[Message], where: str) -> dict[str | None, list[Message]]:
    """The messages by chatId. One without goes with the first; where none has any, the file is called by it."""
    named = _NAMED.search(where)
    first = next((each.chatId for each in messages if each.chatId), named[1].lower() if named else None)
    chats: dict[str | None, list[Message]] = {}
    for message in messages:
        chats.setdefault(message.chatId or first, []).append(message)
    return chats


class _Reading:
    """The messages of one conversation, by id."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self.messages: dict[str, Message] = {}
        self.unknown: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        for number, message in enumerate(messages):
            self._add(message.id or str(number), number, message)

    def _add(self, identity: str, number: int, message: Message) -> None:
        """Of two versions of a message the later one counts; others that share an id stand beside each other."""
        there = self.messages.get(identity)
        if there is None or (message.version or 0) > (there.version or 0):
            self.messages[identity] = message
        elif (message.version or 0) == (there.version or 0) and _text(message) != _text(there):
            self.messages[f"{identity}#{number}"] = message

    def found(self, identity: str | None) -> shapes.Found:
        times = {node: moment(message.createdAt) for node, message in self.messages.items()}
        said = []
        for node in branches.by_time(self.messages, times):
            message = self.messages[node]
            self._count_what_is_left_out(message)
            text, role = _text(message), ROLES.get((message.role or "").lower())
            if text and not text.isspace():
                if role is None:
                    self._count_other(message.role)
                else:
                    said.append(shapes.ParsedMessage(node, role, text, times[node]))
        if not said:
            return shapes.Found(unknown=self.unknown, left_out=self.left_out)
        sent = [message.sent_at for message in said if message.sent_at]
        parsed = shapes.ParsedConversation(
            identity, started_at=min(sent, default=None), updated_at=max(sent, default=None), messages=said
        )
        return shapes.Found(parsed, unknown=self.unknown, left_out=self.left_out)

    def _count_other(self, role: str | None) -> None:
        kind = SILENT_ROLES.get((role or "").lower())
        if kind:
            shapes.count(self.left_out, kind, 1)
        else:
            shapes.count(self.unknown, f"role {role}" if role else "no role", 1)

    def _count_what_is_left_out(self, message: Message) -> None:
        shapes.count(self.left_out, "media", len(message.files or ()))
        shapes.count(self.left_out, "material", len(message.canvas or ()) + len(message.quotes or ()))
        for chunk in _chunks(message):
            if chunk.type in LEFT_OUT:
                shapes.count(self.left_out, LEFT_OUT[chunk.type], 1)
            elif chunk.type != "text":
                shapes.count(self.unknown, chunk.type or "no type", 1)


def _chunks(message: Message) -> Sequence[Chunk]:
    return message.content if isinstance(message.content, list) else message.contentChunks or ()


def _text(message: Message) -> str:
    """The text as a whole, or its pieces where it is written only in them: a mark in a sentence doesn't part it, all
    else does."""
    if isinstance(message.content, str) and message.content and not message.content.isspace():
        return message.content
    pieces: list[str] = []
    parted = False
    for chunk in _chunks(message):
        if chunk.type == "text" and chunk.text:
            pieces.append(f"\n{chunk.text}" if parted and pieces else chunk.text)
            parted = False
        parted = parted or chunk.type not in WITHIN_A_SENTENCE
    return "".join(pieces)


_NAMED = re.compile(r"(?:^|[/\\])chat-([0-9a-f-]{36})[^/\\]*$", re.IGNORECASE)

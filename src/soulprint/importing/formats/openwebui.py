"""Open WebUI: chats whose history is a tree of messages, exported one by one or all together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import branches, decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import ClaimKind, Modality, Role

NAME = "openwebui"
TITLE = "Open WebUI"
MEMBERS = re.compile(r"(?:^|/)(?:all-)?(?:chat-export|chats-export|[^/]*open-?webui)[^/]*\.(?:json|zip)$")

ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}
DETAILS = {"reasoning": "reasoning", "tool_calls": "tool", "code_interpreter": "tool"}
"""Kinds of folded blocks within an answer -> what they count as."""


class Inner(msgspec.Struct, gc=False):
    content: str | None = None


class FileData(msgspec.Struct, gc=False):
    data: Inner | None = None


class File(msgspec.Struct, gc=False):
    file: FileData | None = None
    content: str | None = None


class Part(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | None = None


class Message(msgspec.Struct, gc=False):
    id: str | None = None
    parentId: str | None = None  # noqa: N815
    role: str | None = None
    content: str | list[Part] | None = None
    timestamp: float | str | None = None
    model: str | None = None
    files: list[File] | None = None


class History(msgspec.Struct, gc=False):
    currentId: str | None = None  # noqa: N815
    messages: dict[str, Message | None] | None = None


class Parameters(msgspec.Struct, gc=False):
    system: str | None = None


class Chat(msgspec.Struct, gc=False):
    id: str | None = None
    title: str | None = None
    models: list[str] | None = None
    system: str | None = None
    params: Parameters | None = None
    history: History | None = None
    messages: list[Message] | None = None
    timestamp: float | str | None = None


class Entry(msgspec.Struct, gc=False):
    id: str | None = None
    title: str | None = None
    chat: Chat | None = None
    folder_id: str | None = None
    created_at: float | str | None = None
    updated_at: float | str | None = None


_decoder = msgspec.json.Decoder(Entry)


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        chat = element.get("chat") if isinstance(element, dict) else None
        if isinstance(chat, dict) and chat.keys() & {"history", "messages"}:
            return "elements have a chat with a history"
    return None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    return elements.each(document, conversation)


def conversation(element: msgspec.Raw | memoryview) -> shapes.Outcome:
    """One chat. Raises `decoding.Unusable`."""
    raw = decoding.decode(element, _decoder)
    chat = raw.chat
    identity = raw.id or (chat.id if chat else None)
    if identity and identity.startswith("local:"):  # a temporary chat has no id of the server's
        return shapes.Skipped(shapes.DO_NOT_REMEMBER, provider_id=identity, changed_at=moment(raw.updated_at))
    if chat is None or (chat.history is None and chat.messages is None):
        return shapes.Skipped("no_messages", raw.title or identity)
    return _Reading(raw, chat, identity).found()


class _Reading:
    """The messages of one chat, with their links."""

    def __init__(self, raw: Entry, chat: Chat, identity: str | None) -> None:
        self.raw = raw
        self.chat = chat
        self.identity = identity
        self.unknown: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        history = chat.history or History()
        if history.messages:
            self.messages = {node: message for node, message in history.messages.items() if message}
            self.parents = {node: message.parentId for node, message in self.messages.items()}
            self.leaf = history.currentId
        else:
            self.messages = {str(number): message for number, message in enumerate(chat.messages or ())}
            self.parents = dict(zip(self.messages, [None, *self.messages], strict=False))
            self.leaf = None

    def found(self) -> shapes.Found:
        said = [message for node, on_branch in self._order() for message in self._message(node, on_branch)]
        raw, chat = self.raw, self.chat
        claims = self._claims()
        if not said:
            return shapes.Found(None, claims, self.unknown, self.left_out)
        times = [message.sent_at for message in said if message.sent_at]
        answered = (each.model for each in self.messages.values() if each.model and _role(each) is Role.ASSISTANT)
        parsed = shapes.ParsedConversation(
            self.identity,
            raw.title or chat.title or None,
            raw.folder_id,
            next(answered, None) or next(iter(chat.models or ()), None),
            moment(raw.created_at) or moment(chat.timestamp) or min(times, default=None),
            moment(raw.updated_at) or max(times, default=None),
            said,
        )
        return shapes.Found(parsed, claims, self.unknown, self.left_out)

    def _order(self) -> list[tuple[str, bool]]:
        times: dict[str, datetime | None] = {node: moment(each.timestamp) for node, each in self.messages.items()}
        way = branches.current(self.parents, times, self.leaf)
        order = branches.ordered(way, self.parents, lambda node: _role(self.messages[node]) is Role.USER)
        shapes.count(self.left_out, "draft", len(self.messages) - len(order))
        return order

    def _claims(self) -> list[shapes.ParsedClaim]:
        parameters = self.chat.params or Parameters()
        written = dict.fromkeys((self.chat.system, parameters.system))
        time = moment(self.raw.created_at)
        return [
            shapes.ParsedClaim(ClaimKind.PROJECT_INSTRUCTIONS, text, time)
            for text in written
            if text and not text.isspace()
        ]

    def _message(self, node: str, on_branch: bool) -> Iterator[shapes.ParsedMessage]:
        """What the message says, then the text of each file that came with it."""
        message = self.messages[node]
        role, time = _role(message), moment(message.timestamp)
        if role is None:
            shapes.count(self.left_out, "system")
            return
        text = self._text(message)
        if role is Role.ASSISTANT:
            text, folded = without_details(text)
            for kind in folded:
                shapes.count(self.left_out, kind)
        if text and not text.isspace():
            yield shapes.ParsedMessage(node, role, text, time, on_branch)
        for number, file in enumerate(message.files or ()):
            held = _held(file)
            if held and not held.isspace():
                yield shapes.ParsedMessage(f"{node}/file/{number}", role, held, time, on_branch, Modality.ATTACHMENT)
            else:
                shapes.count(self.left_out, "media")

    def _text(self, message: Message) -> str:
        if not isinstance(message.content, list):
            return message.content or ""
        for part in message.content:
            if part.type in ("image_url", "image", "file", "audio", "input_audio"):
                shapes.count(self.left_out, "media")
            elif part.type not in (None, "text"):
                shapes.count(self.unknown, part.type)
        return "\n".join(part.text for part in message.content if part.type in (None, "text") and part.text)


def _role(message: Message) -> Role | None:
    return ROLES.get((message.role or "").lower())


def _held(file: File) -> str | None:
    inner = file.file.data if file.file else None
    return inner.content if inner else file.content


def without_details(text: str) -> tuple[str, list[str]]:
    """An answer without the folded blocks in which Open WebUI shows reasoning and calls of tools, and the kinds of
    those blocks. Blocks within blocks go with the outermost; one that is never closed ends with the text."""
    if "<details" not in text:
        return text, []
    kept: list[str] = []
    kinds: list[str] = []
    at = depth = 0
    for tag in _TAG.finditer(text):
        if depth:
            depth += -1 if tag[0].startswith("</") else 1
            at = tag.end() if depth == 0 else at
        elif (kind := _TYPE.search(tag[0])) and kind[1] in DETAILS:
            kept.append(text[at : tag.start()])
            kinds.append(DETAILS[kind[1]])
            depth = 1
    return "".join(kept) + ("" if depth else text[at:].lstrip("\n") if kept else text[at:]), kinds


_TAG = re.compile(r"</?details\b[^>]{0,10000}>")
_TYPE = re.compile(r'\btype="([a-z_]{1,40})"')

"""DeepSeek: conversations as trees of messages made of fragments, older ones without fragments, and captured pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import branches, decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import Modality, Role

NAME = "deepseek"
TITLE = "DeepSeek"
MEMBERS = re.compile(r"(?:^|/)(?:conversations[^/]*\.json|deepseek[^/]*\.(?:json|zip))$")

ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}
SAID = {"REQUEST": Role.USER, "RESPONSE": Role.ASSISTANT, "TEMPLATE_RESPONSE": Role.ASSISTANT}
"""Fragments that are somebody's words."""
LEFT_OUT = {"THINK": "reasoning", "SEARCH": "material", "READ_LINK": "material", "TIP": "system"}
TOOLS = "TOOL_"
MARK = re.compile(r"\[(?:citation|reference):[0-9]{1,6}\]")
"""Stands in an answer for a page that was found."""


class Thing(msgspec.Struct, gc=False):
    """Something of which nothing is read."""


class Fragment(msgspec.Struct, gc=False):
    type: str | None = None
    content: str | Thing | None = None
    results: list[Thing] | None = None


class File(msgspec.Struct, gc=False):
    content: str | None = None
    text: str | None = None


class Message(msgspec.Struct, gc=False):
    """A message of a tree, or one of the list that a page loads."""

    message_id: int | str | None = None
    parent_id: int | str | None = None
    role: str | None = None
    model: str | None = None
    inserted_at: str | float | None = None
    content: str | None = None
    reasoning_content: str | None = None
    thinking_content: str | None = None
    search_results: list[Thing] | None = None
    fragments: list[Fragment] | None = None
    files: list[File | None] | None = None


class Node(msgspec.Struct, gc=False):
    parent: int | str | None = None
    children: list[int | str] | None = None
    message: Message | None = None


class Session(msgspec.Struct, gc=False):
    id: str | None = None
    title: str | None = None
    inserted_at: str | float | None = None
    updated_at: str | float | None = None
    current_message_id: int | str | None = None


class Page(msgspec.Struct, gc=False):
    title: str | None = None
    chat_session: Session | None = None
    chat_messages: list[Message] | None = None
    messages: list[Message] | None = None


class Answer(msgspec.Struct, gc=False):
    biz_data: Page | None = None


class Conversation(Session, gc=False):
    """A conversation of the export, or what a page of the site loads."""

    mapping: dict[str, Node | None] | None = None
    data: Answer | None = None


_decoder = msgspec.json.Decoder(Conversation)


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if isinstance(element, dict) and (reason := _recognises_element(element)):
            return reason
    return None


def _recognises_element(element: Mapping[str, object]) -> str | None:
    mapping, data = element.get("mapping"), element.get("data")
    if isinstance(mapping, dict):
        return _recognises_tree(element, mapping)
    page = data.get("biz_data") if isinstance(data, dict) else None
    if isinstance(page, dict) and any(isinstance(page.get(name), list) for name in ("chat_messages", "messages")):
        return "an answer of the site with chat_messages in its biz_data"
    return None


def _recognises_tree(element: Mapping[str, object], mapping: Mapping[str, object]) -> str | None:
    nodes = [node.get("message") for node in mapping.values() if isinstance(node, dict)]
    messages = [message for message in nodes if isinstance(message, dict)]
    if any("author" in message for message in messages):
        return None
    if any("fragments" in message for message in messages):
        return "elements have a mapping of messages with fragments"
    return "elements have a mapping and inserted_at" if "inserted_at" in element else None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    return elements.each(document, conversation)


def conversation(element: msgspec.Raw | memoryview) -> shapes.Outcome:
    """One element of the export, or a captured page. Raises `decoding.Unusable`."""
    raw = decoding.decode(element, _decoder)
    if raw.mapping is not None:
        return _found(raw, _Reading.of_tree(raw.mapping))
    page = raw.data.biz_data if raw.data else None
    messages = (page.messages if page.chat_messages is None else page.chat_messages) if page else None
    if page is None or messages is None:
        return shapes.Skipped("no_messages", raw.title or raw.id, raw.id)
    session = page.chat_session or Session()
    return _found(session, _Reading.of_page(messages, session.current_message_id), page.title)


def _found(session: Session, reading: _Reading, title: str | None = None) -> shapes.Found:
    said = reading.said()
    reading.count_what_is_left_out()
    if not said:
        return shapes.Found(unknown=reading.unknown, left_out=reading.left_out)
    times = [message.sent_at for message in said if message.sent_at]
    parsed = shapes.ParsedConversation(
        session.id,
        session.title or title or None,
        model=reading.model,
        started_at=moment(session.inserted_at) or min(times, default=None),
        updated_at=moment(session.updated_at) or max(times, default=None),
        messages=said,
    )
    return shapes.Found(parsed, unknown=reading.unknown, left_out=reading.left_out)


class _Reading:
    """The messages of one conversation, with their links. A link to nowhere is none."""

    def __init__(self, messages: dict[str, Message | None], parents: dict[str, str | None], leaf: str | None) -> None:
        self.messages = messages
        self.times = {node: moment(each.inserted_at) for node, each in messages.items() if each}
        self.parents = parents
        self.leaf = leaf
        self.model: str | None = None
        self.unknown: dict[str, int] = {}
        self.left_out: dict[str, int] = {}

    @classmethod
    def of_tree(cls, mapping: Mapping[str, Node | None]) -> _Reading:
        parents = {node: _known(each.parent if each else None, mapping) for node, each in mapping.items()}
        for node, each in mapping.items():
            for child in map(str, (each.children or ()) if each else ()):
                if child in mapping and child != node and parents[child] is None:
                    parents[child] = node
        return cls({node: each.message if each else None for node, each in mapping.items()}, parents, None)

    @classmethod
    def of_page(cls, listed: list[Message], leaf: int | str | None) -> _Reading:
        messages: dict[str, Message | None] = {}
        for number, message in enumerate(listed):
            identity = str(number) if message.message_id is None else str(message.message_id)
            messages[identity if identity not in messages else f"{identity}#{number}"] = message
        parents = {node: _known(message.parent_id if message else None, messages) for node, message in messages.items()}
        return cls(messages, parents, _known(leaf, messages))

    def said(self) -> list[shapes.ParsedMessage]:
        order = branches.ordered(self._way(), self.parents, self._is_users)
        return [said for node, on_branch in order for said in self._said(node, on_branch)]

    def _way(self) -> list[str]:
        """The nodes of the current branch: the one with the newest message, as only a page names its own."""
        if all(parent is None for parent in self.parents.values()):
            return branches.by_time(self.messages, self.times)
        return branches.current(self.parents, self.times, self.leaf)

    def _is_users(self, node: str) -> bool:
        message = self.messages[node]
        return message is not None and _is_users(message)

    def _said(self, node: str, on_branch: bool) -> Iterator[shapes.ParsedMessage]:
        """What the message says, then the text of each file that came with it."""
        message = self.messages[node]
        if message is None:
            return
        time = self.times[node]
        asked, answered = _text(message, Role.USER), MARK.sub("", _text(message, Role.ASSISTANT))
        if asked and not asked.isspace():
            yield shapes.ParsedMessage(node, Role.USER, asked, time, on_branch)
        if answered and not answered.isspace() and on_branch:
            self.model = message.model or self.model
            yield shapes.ParsedMessage(f"{node}/answer" if asked else node, Role.ASSISTANT, answered, time)
        for number, file in enumerate(message.files or ()):
            text = _file_text(file)
            if text and not text.isspace():
                identity, role = f"{node}/attachment/{number}", _role(message) or Role.USER
                yield shapes.ParsedMessage(identity, role, text, time, on_branch, Modality.ATTACHMENT)

    def count_what_is_left_out(self) -> None:
        for message in self.messages.values():
            if message is None:
                continue
            for fragment in message.fragments or ():
                self._count_fragment(fragment)
            shapes.count(self.left_out, "reasoning", bool(message.reasoning_content or message.thinking_content))
            shapes.count(self.left_out, "material", len(message.search_results or ()))
            shapes.count(self.left_out, "media", sum(not _file_text(file) for file in message.files or ()))
            if message.content and _role(message) is None:
                name = f"role {message.role}" if message.role else "no role"
                shapes.count(self.unknown, name)

    def _count_fragment(self, fragment: Fragment) -> None:
        kind = (fragment.type or "").upper()
        if kind in LEFT_OUT:
            shapes.count(self.left_out, LEFT_OUT[kind], len(fragment.results or ()) or 1)
        elif kind.startswith(TOOLS):
            shapes.count(self.left_out, "tool", 1)
        elif kind not in SAID:
            name = fragment.type or "no type"
            shapes.count(self.unknown, name)


def _known(link: int | str | None, nodes: Mapping[str, object]) -> str | None:
    return str(link) if link is not None and str(link) in nodes else None


def _is_users(message: Message) -> bool:
    return _role(message) is Role.USER


def _role(message: Message) -> Role | None:
    """Whose message it is. Where fragments are somebody's words, they say whose."""
    spoken = _spoken(message)
    return spoken[0][0] if spoken else ROLES.get((message.role or "").lower())


def _text(message: Message, role: Role) -> str:
    """What `role` says in the message."""
    spoken = _spoken(message)
    if not spoken:
        return (message.content or "") if _role(message) is role else ""
    return "\n".join(text for by, text in spoken if by is role)


def _spoken(message: Message) -> list[tuple[Role, str]]:
    kinds = [(SAID.get((each.type or "").upper()), each.content) for each in message.fragments or ()]
    return [(role, text if isinstance(text, str) else "") for role, text in kinds if role]


def _file_text(file: File | None) -> str:
    return (file.content or file.text or "") if file else ""

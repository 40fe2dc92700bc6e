"""Claude: conversations as lists of messages made of blocks, projects with their instructions, and Claude's memory."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import branches, decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import ClaimKind, Modality, Role

NAME = "claude"
TITLE = "Claude"
MEMBERS = re.compile(
    r"(?:^|/)(?:(?:conversations|projects|memories|design_chats)[^/]*\.(?:json|zip)|data-[^/]*\.zip"
    r"|(?:design_chats|memories)/[^/]+\.json"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\.json)$"
)

SENDERS = {"human": Role.USER, "user": Role.USER, "assistant": Role.ASSISTANT}
SPOKEN = ("text", "voice_note", None)
LEFT_OUT = {
    "thinking": "reasoning",
    "redacted_thinking": "reasoning",
    "tool_use": "tool",
    "tool_result": "tool",
    "tool_call": "tool",
    "error": "system",
    "injected_prompt_block": "injected",
    "token_budget": "system",
    "flag": "system",
    "document": "media",
    "image": "media",
    "knowledge": "material",
}
"""Blocks that hold nothing which either side said to the other -> what they count as."""
INTERJECTION = "user_interjection"
"""A block within an answer that holds what the person said meanwhile."""
ENOUGH = 5
"""So many of the first talks have to be of one account before those of others are taken for other people's."""
PLACEHOLDER = re.compile(r"(?:```\n)?This block is not supported on your current device yet\.(?:\n```)?")
"""Stands in the flattened text for every block that Claude's export can't write as text."""


class Interjection(msgspec.Struct, gc=False):
    content: str | None = None


class Block(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | None = None
    message: str | Interjection | None = None
    """What the person said while the model was at work, in a design chat; or an error."""


class Attachment(msgspec.Struct, gc=False):
    extracted_content: str | None = None
    content: str | None = None


class Design(msgspec.Struct, gc=False):
    """What a message of a design chat holds."""

    content: str | None = None
    contentBlocks: list[Block] | None = None  # noqa: N815
    attachments: list[Attachment] | None = None
    timestamp: str | float | None = None


class Message(msgspec.Struct, gc=False):
    uuid: str | None = None
    sender: str | None = None
    role: str | None = None
    text: str | None = None
    content: str | list[Block] | Design | None = None
    created_at: str | float | None = None
    attachments: list[Attachment] | None = None
    parent_message_uuid: str | None = None


class Project(msgspec.Struct, gc=False):
    uuid: str | None = None


class Account(msgspec.Struct, gc=False):
    uuid: str | None = None


class Doc(msgspec.Struct, gc=False):
    """A file of a project, of which nothing is read."""


class MemoryFile(msgspec.Struct, gc=False):
    content: str | None = None
    updated_at: str | float | None = None


class Conversation(msgspec.Struct, gc=False):
    """One struct for every kind of element: a conversation, a project, an account's memory."""

    uuid: str | None = None
    name: str | None = None
    title: str | None = None
    model: str | None = None
    created_at: str | float | None = None
    updated_at: str | float | None = None
    account: Account | None = None
    project_uuid: str | None = None
    project: Project | None = None
    current_leaf_message_uuid: str | None = None
    is_temporary: bool | None = None
    chat_messages: list[Message] | None = None
    messages: list[Message] | None = None
    prompt_template: str | None = None
    docs: list[Doc] | None = None
    conversations_memory: str | None = None
    project_memories: dict[str, str] | None = None
    memory_files: list[MemoryFile] | None = None


_decoder = msgspec.json.Decoder(Conversation)
_blocks = msgspec.json.Decoder(list[Block])


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if isinstance(element, dict) and (reason := _recognises_element(element)):
            return reason
    return None


def _recognises_element(element: Mapping[str, object]) -> str | None:
    if "chat_messages" in element:
        return "elements have chat_messages"
    messages = element.get("messages")
    if isinstance(messages, list) and any(isinstance(each, dict) and _is_message(each) for each in messages):
        return "elements have messages with senders"
    if element.keys() & {"conversations_memory", "project_memories", "memory_files"}:
        return "elements are what Claude remembers"
    if "uuid" in element and "prompt_template" in element:
        return "elements are projects with a prompt_template"
    return None


def _is_message(message: Mapping[str, object]) -> bool:
    """Whether it is one of Claude's: LibreChat's have senders too. Those of design chats have their blocks within."""
    content = message.get("content")
    if "role" in message and isinstance(content, dict) and content.keys() & {"contentBlocks", "authorAccountUuid"}:
        return True
    return "sender" in message and "isCreatedByUser" not in message and "parentMessageId" not in message


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    """A team's export holds the talks of many people, of whom one hands it over: the account most of them are of."""
    accounts = Counter(account for each in document.sample if (account := _account(each)))
    person = next((account for account, count in accounts.most_common(1) if count >= ENOUGH), None)
    return elements.each(document, lambda element: conversation(element, person))


def _account(element: object) -> str | None:
    account = element.get("account") if isinstance(element, dict) else None
    identity = account.get("uuid") if isinstance(account, dict) else None
    return identity if isinstance(identity, str) else None


def conversation(element: msgspec.Raw | memoryview, person: str | None = None) -> shapes.Outcome:
    """One element of the export: a conversation, a project or a memory. Those of another account than the `person`'s
    are skipped. Raises `decoding.Unusable`."""
    raw = decoding.decode(element, _decoder)
    if person and raw.account and raw.account.uuid and raw.account.uuid != person:
        return shapes.Skipped("another_person")
    messages = raw.messages if raw.chat_messages is None else raw.chat_messages
    claims = _claims(raw)
    if messages is None:
        if claims or any(each is not None for each in (raw.docs, raw.project_memories, raw.memory_files)):
            return shapes.Found(claims=claims, left_out={"material": len(raw.docs)} if raw.docs else {}, counts=False)
        return shapes.Skipped("no_messages", raw.name or raw.uuid)
    if raw.is_temporary:
        return shapes.Skipped(shapes.DO_NOT_REMEMBER, provider_id=raw.uuid, changed_at=moment(raw.updated_at))
    reading = _Reading(raw, messages)
    said = reading.said()
    if not said:
        return shapes.Found(None, claims, reading.unknown, reading.left_out)
    times = [message.sent_at for message in said if message.sent_at]
    parsed = shapes.ParsedConversation(
        raw.uuid,
        raw.name or raw.title or None,
        raw.project_uuid or (raw.project.uuid if raw.project else None),
        raw.model,
        moment(raw.created_at) or min(times, default=None),
        moment(raw.updated_at) or max(times, default=None),
        said,
    )
    return shapes.Found(parsed, claims, reading.unknown, reading.left_out)


def _claims(raw: Conversation) -> list[shapes.ParsedClaim]:
    """What is remembered counts as of one time, as the newest memory takes the place of all that are older."""
    files = raw.memory_files or []
    times = [time for each in files if (time := moment(each.updated_at))]
    newest = max(times, default=None)
    memories = [raw.conversations_memory, *(raw.project_memories or {}).values(), *(each.content for each in files)]
    written = [(ClaimKind.PROVIDER_MEMORY, text, newest) for text in memories]
    written.append((ClaimKind.PROJECT_INSTRUCTIONS, raw.prompt_template, moment(raw.updated_at)))
    return [shapes.ParsedClaim(kind, text, time) for kind, text, time in written if text and not text.isspace()]


class _Reading:
    """The messages of one conversation, with their links."""

    def __init__(self, raw: Conversation, messages: list[Message]) -> None:
        self.unknown: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        self.leaf = raw.current_leaf_message_uuid
        self.messages: dict[str, Message] = {}
        for number, message in enumerate(messages):
            identity = message.uuid or str(number)
            self.messages[identity if identity not in self.messages else f"{identity}#{number}"] = message
        self.parents = self._parents()

    def _parents(self) -> dict[str, str | None]:
        """The links given. A message without one, or a list without any, follows the message before it."""
        parents: dict[str, str | None] = {}
        previous: str | None = None
        for identity, message in self.messages.items():
            given = message.parent_message_uuid
            parents[identity] = previous if given is None else given if given in self.messages else None
            previous = identity
        return parents

    def said(self) -> list[shapes.ParsedMessage]:
        way = self._way()
        order = branches.ordered(way, self.parents, lambda node: _role(self.messages[node]) is Role.USER)
        if len(order) < len(self.messages):
            left = self.messages.keys() - {node for node, _ in order}
            shapes.count(self.left_out, "draft", sum(_role(self.messages[node]) is Role.ASSISTANT for node in left))
        return [said for node, on_branch in order for said in self._message(node, on_branch)]

    def _way(self) -> list[str]:
        if self.leaf in self.messages:
            return branches.path(self.parents, self.leaf)
        times: dict[str, datetime | None] = {
            node: moment(message.created_at) for node, message in self.messages.items()
        }
        return branches.current(self.parents, times)

    def _message(self, node: str, on_branch: bool) -> Iterator[shapes.ParsedMessage]:
        """What the message says, then the text of each file that came with it."""
        message = self.messages[node]
        role = _role(message)
        if role is None:
            return
        design = message.content if isinstance(message.content, Design) else Design()
        time = moment(message.created_at) or moment(design.timestamp)
        text, modality = self._text(message)
        if text and not text.isspace():
            yield shapes.ParsedMessage(node, role, text, time, on_branch, modality)
        for number, block in enumerate(design.contentBlocks or ()):
            if text := _interjected(block):
                yield shapes.ParsedMessage(f"{node}/interjection/{number}", Role.USER, text, time, on_branch)
        for number, attachment in enumerate(message.attachments or design.attachments or ()):
            text = attachment.extracted_content or attachment.content or ""
            if text and not text.isspace():
                identity = f"{node}/attachment/{number}"
                yield shapes.ParsedMessage(identity, role, text, time, on_branch, Modality.ATTACHMENT)

    def _text(self, message: Message) -> tuple[str, Modality]:
        blocks = _written_blocks(message.content)
        spoken = [each for each in blocks if each.text is not None and each.type in SPOKEN]
        for each in blocks:
            if each.type in LEFT_OUT:
                shapes.count(self.left_out, LEFT_OUT[each.type])
            elif each.type is not None and each.type not in SPOKEN and each.type != INTERJECTION:
                shapes.count(self.unknown, each.type)
        text = "\n".join(each.text or "" for each in spoken)
        if not text or text.isspace():
            return PLACEHOLDER.sub("", message.text or "") if blocks else message.text or "", Modality.TEXT
        voice = all(each.type == "voice_note" for each in spoken)
        return text, Modality.VOICE if voice else Modality.TEXT


def _role(message: Message) -> Role | None:
    return SENDERS.get((message.sender or message.role or "").lower())


def _interjected(block: Block) -> str:
    if block.type != INTERJECTION:
        return ""
    said = block.message.content if isinstance(block.message, Interjection) else block.message
    return said if said and not said.isspace() else ""


def _written_blocks(content: str | list[Block] | Design | None) -> list[Block]:
    """The blocks of a message. Content that is a string holds blocks as JSON, or is the text itself."""
    if isinstance(content, Design):
        return content.contentBlocks or [Block("text", content.content)]
    if not isinstance(content, str):
        return content or []
    try:
        return _blocks.decode(content)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return [Block("text", content)]

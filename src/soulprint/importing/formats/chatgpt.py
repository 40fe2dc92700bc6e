"""ChatGPT: conversations as trees of messages, from every layout of the export since 2023, share links and captures."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import branches, decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import ClaimKind, Modality, Role

NAME = "chatgpt"
TITLE = "ChatGPT"
MEMBERS = re.compile(r"(?:^|/)conversations[^/]*\.(?:json|zip)$")

ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}
SIDES = {"Prompt": "user", "Response": "assistant"}
"""Whose turn it is, as an extension of browsers writes it."""
MEMORY = "bio"
"""To whom the model says what is to be remembered of the person."""
LEFT_OUT = {
    "execution_output": "tool",
    "citable_code_output": "tool",
    "computer_output": "tool",
    "computer_initialize_state": "tool",
    "code": "tool",
    "tether_quote": "material",
    "tether_browsing_display": "material",
    "tether_browsing_code": "material",
    "sonic_webpage": "material",
    "system_error": "system",
    "thoughts": "reasoning",
    "reasoning_recap": "reasoning",
}
"""Content types that hold nothing which either side said to the other -> what they count as."""
CONTEXTS = frozenset(("user_editable_context", "model_editable_context"))
"""Content types that hold what is said of the person beside the talk."""
SPOKEN = frozenset(("text", "multimodal_text"))
KNOWN = SPOKEN | CONTEXTS | LEFT_OUT.keys()
SILENT_PARTS = frozenset(("image_asset_pointer", "audio_asset_pointer", "real_time_user_audio_video_asset_pointer"))


class Part(msgspec.Struct, gc=False):
    content_type: str | None = None
    text: str | None = None


class Content(msgspec.Struct, gc=False):
    content_type: str | None = None
    parts: list[str | Part | None] | None = None
    text: str | None = None
    user_profile: str | None = None
    user_instructions: str | None = None
    model_set_context: str | None = None


class CustomInstructions(msgspec.Struct, gc=False):
    about_user_message: str | None = None
    about_model_message: str | None = None


class Metadata(msgspec.Struct, gc=False):
    is_visually_hidden_from_conversation: bool | None = None
    user_context_message_data: CustomInstructions | None = None
    model_slug: str | None = None


class Author(msgspec.Struct, gc=False):
    role: str | None = None


class Message(msgspec.Struct, gc=False):
    author: Author | None = None
    create_time: float | str | None = None
    content: Content | None = None
    weight: float | None = None
    metadata: Metadata | None = None
    recipient: str | None = None
    channel: str | None = None
    id: str | None = None
    role: str | None = None
    say: str | None = None
    """Role and text, as an extension writes them; the other fields are missing there."""
    time: str | None = None


class Node(msgspec.Struct, gc=False):
    id: str | None = None
    message: Message | None = None
    parent: str | None = None
    children: list[str] | None = None


class Dates(msgspec.Struct, gc=False):
    created: str | None = None
    updated: str | None = None


class About(msgspec.Struct, gc=False):
    """What an extension says of the conversation."""

    title: str | None = None
    link: str | None = None
    dates: Dates | None = None


class Conversation(msgspec.Struct, gc=False):
    conversation_id: str | None = None
    id: str | None = None
    title: str | None = None
    create_time: float | str | None = None
    update_time: float | str | None = None
    mapping: dict[str, Node | None] | None = None
    messages: list[Message] | None = None
    """Some tools write a flat list instead of a tree."""
    linear_conversation: list[Node] | None = None
    """The nodes of the current branch, in a share link."""
    metadata: About | None = None
    current_node: str | None = None
    gizmo_id: str | None = None
    default_model_slug: str | None = None
    is_do_not_remember: bool | None = None
    is_temporary_chat: bool | None = None


_decoder = msgspec.json.Decoder(Conversation)


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if isinstance(element, dict) and (reason := _recognises_element(element)):
            return reason
    return None


def _recognises_element(element: dict[str, object]) -> str | None:
    mapping, messages = element.get("mapping", ...), element.get("messages")
    if isinstance(mapping, dict):
        nodes = [node["message"] for node in mapping.values() if isinstance(node, dict) and "message" in node]
        written = [message for message in nodes if isinstance(message, dict)]
        if any("author" in message for message in written):
            return "elements have a mapping of messages with authors"
        return None if any("fragments" in message for message in written) else _by_its_other_fields(element)
    if mapping is None:
        return _by_its_other_fields(element)
    if isinstance(element.get("linear_conversation"), list):
        return "elements have a linear_conversation, as share links do"
    if isinstance(messages, list) and any(isinstance(each, dict) and _is_message(each) for each in messages):
        return "elements have a list of messages with authors and parts"
    return None


def _by_its_other_fields(element: dict[str, object]) -> str | None:
    named = [name for name in ("current_node", "conversation_id", "create_time", "update_time") if name in element]
    return f"elements have a mapping, {' and '.join(named)}" if named else None


def _is_message(message: dict[str, object]) -> bool:
    content = message.get("content")
    if message.get("role") in SIDES and "say" in message:
        return True
    return isinstance(message.get("author"), dict) and isinstance(content, dict) and "parts" in content


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    return elements.each(document, conversation)


def conversation(element: msgspec.Raw | memoryview) -> shapes.Outcome:
    """One element of the export. Raises `decoding.Unusable`."""
    raw = _in_one_shape(decoding.decode(element, _decoder))
    identity = raw.conversation_id or raw.id
    if raw.is_do_not_remember or raw.is_temporary_chat:
        return shapes.Skipped(shapes.DO_NOT_REMEMBER, provider_id=identity, changed_at=moment(raw.update_time))
    if raw.mapping is None and raw.messages is None:
        return shapes.Skipped("no_messages", raw.title or identity)
    return _Reading(raw, identity).found()


def _in_one_shape(raw: Conversation) -> Conversation:
    """Share links and an extension's files as the export writes conversations."""
    if raw.mapping is None and raw.linear_conversation is not None:
        raw.mapping = {node.id or str(number): node for number, node in enumerate(raw.linear_conversation)}
    if raw.metadata is not None:
        dates = raw.metadata.dates or Dates()
        raw.title = raw.title or raw.metadata.title
        raw.id = raw.id or (raw.metadata.link or "").rstrip("/").rpartition("/")[2] or None
        raw.create_time = raw.create_time or dates.created
        raw.update_time = raw.update_time or dates.updated
    for message in raw.messages or ():
        if message.say is not None and message.content is None:
            message.author = Author(SIDES.get(message.role or ""))
            message.content = Content("text", [message.say])
            message.create_time = message.time
    return raw


class _Reading:
    """One conversation being read: its tree, and what was found beside the talk."""

    def __init__(self, raw: Conversation, identity: str | None) -> None:
        self.raw = raw
        self.identity = identity
        self.messages: dict[str, Message | None] = {}
        self.parents: dict[str, str | None] = {}
        self.claims: list[shapes.ParsedClaim] = []
        self.unknown: dict[str, int] = {}
        self.left_out: dict[str, int] = {}
        self.started_at = moment(raw.create_time)
        self.model = raw.default_model_slug

    def found(self) -> shapes.Found:
        if self.raw.mapping is None:
            self._chain(self.raw.messages or [])
        else:
            self._tree(self.raw.mapping)
        said = self._said()
        self._look_beside_the_talk()
        if not said:
            return shapes.Found(None, self.claims, self.unknown, self.left_out)
        times = [message.sent_at for message in said if message.sent_at]
        conversation = shapes.ParsedConversation(
            self.identity,
            self.raw.title,
            self.raw.gizmo_id,
            self.model,
            self.started_at or min(times, default=None),
            moment(self.raw.update_time) or max(times, default=None),
            said,
        )
        return shapes.Found(conversation, self.claims, self.unknown, self.left_out)

    def _chain(self, messages: list[Message]) -> None:
        previous = None
        for number, message in enumerate(messages):
            node = message.id or str(number)
            self.messages[node] = message
            self.parents[node] = previous
            previous = node

    def _tree(self, mapping: dict[str, Node | None]) -> None:
        for node, each in mapping.items():
            self.messages[node] = each.message if each else None
            self.parents[node] = each.parent if each else None
        if sum(parent not in mapping for parent in self.parents.values()) > 1:
            self._link_by_children(mapping)

    def _link_by_children(self, mapping: dict[str, Node | None]) -> None:
        for node, each in mapping.items():
            for child in (each.children or ()) if each else ():
                if child in mapping and child != node and self.parents[child] not in mapping:
                    self.parents[child] = node

    def _said(self) -> list[shapes.ParsedMessage]:
        way = self._way()
        order = branches.ordered(way, self.parents, lambda node: self._is_of(node, Role.USER))
        if len(order) < len(self.messages):
            left = self.messages.keys() - {node for node, _ in order}
            shapes.count(self.left_out, "draft", sum(self._is_of(node, Role.ASSISTANT) for node in left))
        said = [said for node, on_branch in order if (said := self._message(node, on_branch))]
        return _without_repeats(said, self.parents) if len(order) > len(way) else said

    def _way(self) -> list[str]:
        """The nodes of the current branch, from the root on."""
        leaf = self.raw.current_node
        if leaf in self.messages and self._is_linked():
            return branches.path(self.parents, leaf)
        times = {node: moment(message.create_time) for node, message in self.messages.items() if message}
        if not self._is_linked():
            return branches.by_time(self.messages, times)
        return branches.current(self.parents, times)

    def _is_linked(self) -> bool:
        return any(parent in self.messages for parent in self.parents.values())

    def _is_of(self, node: str, role: Role) -> bool:
        message = self.messages[node]
        return message is not None and visible_role(message) is role

    def _message(self, node: str, on_branch: bool) -> shapes.ParsedMessage | None:
        """What the node says, where it is to be seen and has any text."""
        message = self.messages[node]
        role = visible_role(message) if message else None
        if message is None or role is None or message.content is None:
            return None
        text, modality = self._text(message.content, role)
        if role is Role.ASSISTANT:
            text = without_marks(text)
            if message.metadata and message.metadata.model_slug and on_branch:
                self.model = message.metadata.model_slug
        if not text or text.isspace():
            return None
        return shapes.ParsedMessage(node, role, text, moment(message.create_time), on_branch, modality)

    def _text(self, content: Content, role: Role) -> tuple[str, Modality]:
        kind = content.content_type
        if kind is None or kind in SPOKEN:
            parts = content.parts or []
            if len(parts) == 1 and isinstance(parts[0], str):
                return parts[0], Modality.TEXT
            return self._joined(parts)
        if kind == "code" and role is Role.USER:
            return content.text or "", Modality.TEXT
        return "", Modality.TEXT

    def _joined(self, parts: list[str | Part | None]) -> tuple[str, Modality]:
        texts: list[str] = []
        modality = Modality.TEXT
        for part in parts:
            if isinstance(part, str):
                texts.append(part)
            elif part and part.content_type == "audio_transcription":
                texts.append(part.text or "")
                modality = Modality.VOICE
            elif part and part.content_type in SILENT_PARTS:
                shapes.count(self.left_out, "media")
            elif part and part.content_type:
                shapes.count(self.unknown, part.content_type)
        return "\n".join(texts), modality

    def _look_beside_the_talk(self) -> None:
        """Collect claims and unknown content types, hidden messages and other branches included."""
        for message in self.messages.values():
            if message is None or message.content is None:
                continue
            content, metadata, kind = message.content, message.metadata, message.content.content_type
            if kind not in KNOWN and kind is not None:
                shapes.count(self.unknown, kind)
            reason = left_out(message, content)
            if reason is not None:
                shapes.count(self.left_out, reason)
            if kind == "user_editable_context":
                self._claim(ClaimKind.ABOUT_ME, content.user_profile)
                self._claim(ClaimKind.HOW_TO_ANSWER, content.user_instructions)
            elif kind == "model_editable_context":
                self._claim(ClaimKind.PROVIDER_MEMORY, content.model_set_context)
            elif message.recipient == MEMORY:
                self._remembered(content)
            elif metadata and metadata.user_context_message_data:
                self._claim(ClaimKind.ABOUT_ME, metadata.user_context_message_data.about_user_message)
                self._claim(ClaimKind.HOW_TO_ANSWER, metadata.user_context_message_data.about_model_message)

    def _remembered(self, content: Content) -> None:
        """A note for the memory. It has no time, as the newest claim of a memory stands for all: a note must not stand
        for the whole that it was added to."""
        noted = content.text or "\n".join(part for part in content.parts or () if isinstance(part, str))
        if noted and not noted.isspace():
            self.claims.append(shapes.ParsedClaim(ClaimKind.PROVIDER_MEMORY, noted))

    def _claim(self, kind: ClaimKind, text: str | None) -> None:
        text = unwrapped(text or "")
        if text and not text.isspace():
            self.claims.append(shapes.ParsedClaim(kind, text, self.started_at))


def visible_role(message: Message) -> Role | None:
    """Whose message it is, where a person sees it in the app; None for all that runs behind it."""
    if message.weight == 0 or message.channel == "analysis" or (message.recipient or "all") != "all":
        return None
    if message.metadata and message.metadata.is_visually_hidden_from_conversation:
        return None
    return ROLES.get((message.author.role or "") if message.author else "")


def left_out(message: Message, content: Content) -> str | None:
    """What a message counts as that isn't kept; None for talk, for what holds a claim, and where nothing is said."""
    kind, role = content.content_type, message.author.role if message.author else None
    if (kind == "code" and role == Role.USER) or message.recipient == MEMORY:
        return None
    if kind in LEFT_OUT:
        return LEFT_OUT[kind]
    if kind in CONTEXTS or visible_role(message) is not None or not _has_text(content):
        return None
    if role == "tool" or (message.recipient or "all") != "all":
        return "tool"
    if message.channel == "analysis":
        return "reasoning"
    return "injected" if role == Role.USER else "system"


def _has_text(content: Content) -> bool:
    return bool(content.text) or any(isinstance(part, str) and part for part in content.parts or ())


def _without_repeats(said: list[shapes.ParsedMessage], parents: branches.Parents) -> list[shapes.ParsedMessage]:
    """`said` without messages off the branch that only repeat what another below the same parent says, as voice mode
    does and as a second try does."""
    seen = {(parents.get(each.provider_id), each.text.strip()) for each in said if each.on_branch}
    kept: list[shapes.ParsedMessage] = []
    for each in said:
        key = (parents.get(each.provider_id), each.text.strip())
        if each.on_branch or key not in seen:
            kept.append(each)
        seen.add(key)
    return kept


_PREAMBLE = "The user provided the "
_PREAMBLE_WITHIN = 200
_FENCE = "```"


def unwrapped(text: str) -> str:
    """Custom instructions without the fixed words that ChatGPT puts around them."""
    start = text.find(_FENCE)
    end = text.rfind(_FENCE)
    if text.find(_PREAMBLE, 0, _PREAMBLE_WITHIN) >= 0 and start < end:
        return text[start + len(_FENCE) : end].strip("\n")
    return text


_FRAME = re.compile("\ue200[^\ue200\ue201]*\ue201|[\ue200-\ue206]")
_SOURCE = re.compile("【[0-9]{1,6}†[^【】]*】")


def without_marks(text: str) -> str:
    """An answer without the citation marks that only ChatGPT's own page can draw."""
    if text.isascii():
        return text
    if "【" in text:
        text = _SOURCE.sub("", text)
    return _FRAME.sub("", text)

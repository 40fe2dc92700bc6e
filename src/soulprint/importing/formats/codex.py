"""Codex: a session a file, in lines of events and of what went to the model and came back, from all versions of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import msgspec

from soulprint.importing import decoding, documents, elements, shapes
from soulprint.importing.shapes import moment
from soulprint.records import Modality, Role

NAME = "codex"
TITLE = "Codex"
MEMBERS = re.compile(r"(?:^|/)rollout-[^/]*\.(?:jsonl|json)$")

ROLES = {"user": Role.USER, "assistant": Role.ASSISTANT}
EVENTS = {"user_message": Role.USER, "agent_message": Role.ASSISTANT}
LEFT_OUT = {
    "reasoning": "reasoning",
    "agent_reasoning": "reasoning",
    "agent_reasoning_raw_content": "reasoning",
    "function_call": "tool",
    "function_call_output": "tool",
    "custom_tool_call": "tool",
    "custom_tool_call_output": "tool",
    "local_shell_call": "tool",
    "web_search_call": "tool",
}
"""Kinds of lines that are no words of either side -> what they count as."""
INJECTED = (
    "<environment_context>",
    "<user_instructions>",
    "<permissions instructions>",
    "<turn_aborted>",
    "<user_shell_command>",
    "<INSTRUCTIONS>",
    "<skill>",
    "<subagent_notification>",
    "# AGENTS.md instructions",
    "## AGENTS.md",
)
"""How texts begin that stand in the person's turns and that the program wrote."""


class Part(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | None = None


class Git(msgspec.Struct, gc=False):
    """Where the code lies, of which nothing is read."""


class Payload(msgspec.Struct, gc=False):
    """What a line holds; in the oldest files the line itself."""

    type: str | None = None
    id: str | None = None
    timestamp: str | float | None = None
    cwd: str | None = None
    model: str | None = None
    role: str | None = None
    message: str | None = None
    content: str | list[Part] | None = None
    record_type: str | None = None
    instructions: str | None = None
    git: Git | None = None


class Line(Payload, gc=False):
    payload: Payload | None = None


_decoder = msgspec.json.Decoder(Line)


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if not isinstance(element, dict):
            continue
        kind, payload = element.get("type"), element.get("payload")
        if isinstance(payload, dict) and kind in ("session_meta", "turn_context", "event_msg", "response_item"):
            return "lines of a session with payloads"
        if "record_type" in element and element.keys() <= {"record_type", "id"}:
            return "lines of a session with records of its state"
        if element.keys() >= {"id", "timestamp", "instructions"} and "type" not in element:
            return "a session's head with its instructions"
    return None


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    """The session. One line that can't be read costs one line."""
    session = _Session()
    for outcome in elements.each(document, lambda element: _Read(line=decoding.decode(element, _decoder))):
        if isinstance(outcome, _Read):
            session.add(outcome.line)
        else:
            yield outcome
    yield session.found()


class _Read(shapes.Found, gc=False):
    """One line of the file."""

    line: Line = msgspec.field(default_factory=Line)


class _Session:
    """What a session holds. Each thing said stands there twice, as an event and as what went to the model: of each
    side the events are taken, where there are any, as nothing is put into them."""

    def __init__(self) -> None:
        self.events: list[shapes.ParsedMessage] = []
        self.items: list[shapes.ParsedMessage] = []
        self.left_out: dict[str, int] = {}
        self.identity: str | None = None
        self.project: str | None = None
        self.model: str | None = None
        self._lines = 0

    def add(self, line: Line) -> None:
        self._lines += 1
        held = line.payload or line
        time = line.timestamp or held.timestamp
        if line.type == "session_meta" or (line.payload is None and line.type is None and held.id):
            self.identity = held.id or self.identity  # a fork begins with its own head, and then has the first one's
        if held.cwd and self.project is None:
            self.project = PurePosixPath(held.cwd.replace("\\", "/")).name or None
        self.model = held.model or self.model
        if line.type == "event_msg":
            self._add_event(held, time)
        elif held.type == "message":
            self._add_item(held, time)
        elif held.type in LEFT_OUT:
            self._leave_out(LEFT_OUT[held.type])

    def _add_event(self, held: Payload, time: str | float | None) -> None:
        role = EVENTS.get(held.type or "")
        if role is not None:
            self._say(self.events, role, held.message or "", time)
        elif held.type in LEFT_OUT:
            self._leave_out(LEFT_OUT[held.type])

    def _add_item(self, held: Payload, time: str | float | None) -> None:
        role = ROLES.get(held.role or "")
        if role is None:
            self._leave_out("system")
            return
        parts = [Part("text", held.content)] if isinstance(held.content, str) else held.content or []
        text = "\n".join(part.text for part in parts if part.text)
        for _ in (part for part in parts if part.type in ("input_image", "input_file")):
            self._leave_out("media")
        self._say(self.items, role, text, time)

    def _say(self, said: list[shapes.ParsedMessage], role: Role, text: str, time: str | float | None) -> None:
        if role is Role.USER and text.lstrip().startswith(INJECTED):
            self._leave_out("injected")
        elif text and not text.isspace():
            said.append(shapes.ParsedMessage(str(self._lines), role, text, moment(time), modality=Modality.COMMAND))

    def found(self) -> shapes.Found:
        told = {each.role for each in self.events}
        said = [each for each in self.items if each.role not in told] + self.events
        messages = sorted(said, key=lambda each: int(each.provider_id))
        if not messages:
            return shapes.Found(left_out=self.left_out, counts=self._lines > 0)
        times = [message.sent_at for message in messages if message.sent_at]
        parsed = shapes.ParsedConversation(
            self.identity,
            None,
            self.project,
            self.model,
            min(times, default=None),
            max(times, default=None),
            messages,
        )
        return shapes.Found(parsed, left_out=self.left_out)

    def _leave_out(self, kind: str) -> None:
        self.left_out[kind] = self.left_out.get(kind, 0) + 1

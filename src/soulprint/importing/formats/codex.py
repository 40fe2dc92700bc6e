"""Codex: a session a file, in lines of events and of what went to the model and came back, from all versions of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import PurePosixPath

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import Modality, Role

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
COPYING = timedelta(seconds=2)
"""Copied lines get the time of copying, all within less than this."""
FORKS = 100
"""The most sessions that one file may hold copies of."""


class Part(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | None = None


class Git(msgspec.Struct, gc=False):
    """Where the code lies, of which nothing is read."""


class Agent(msgspec.Struct, gc=False):
    """An agent that the model started, of which nothing is read."""


class Source(msgspec.Struct, gc=False):
    subagent: Agent | str | None = None


class Payload(msgspec.Struct, gc=False):
    """What a line holds; in the oldest files the line itself."""

    type: str | None = None
    id: str | None = None
    turn_id: str | None = None
    source: Source | str | None = None
    thread_source: str | None = None
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
    """The session, and of others what it begins with a copy of. One line that can't be read costs one line."""
    file = _File()
    for outcome in elements.each(document, lambda element: _Read(line=decoding.decode(element, _decoder))):
        if isinstance(outcome, _Read):
            file.add(outcome.line)
        else:
            yield outcome
    yield from file.found()


class _Read(shapes.Found, gc=False):
    """One line of the file."""

    line: Line = msgspec.field(default_factory=Line)


class _File:
    """The lines of a file, each given to the session that it is of.

    A fork begins with its own head, then comes a copy of the session it goes on from, with that one's head and new
    times. Turns keep their ids, which tell when they began: each is of the youngest session that had begun by then. So
    what was copied is known as the other session's, of which the fullest version stays.
    """

    def __init__(self) -> None:
        self.sessions: list[_Session] = []
        """The file's own first, then the one it goes on from, and so on."""
        self._at = _Session(None, None)
        self._turn_began: datetime | None = None
        self._has_turns = False
        self._lines = 0

    def add(self, line: Line) -> None:
        self._lines += 1
        held = line.payload or line
        time = moment(line.timestamp or held.timestamp)
        if line.type == "session_meta" or (line.payload is None and line.type is None and held.id):
            self._begin(held, time)
        elif held.turn_id and (began := _time_in(held.turn_id)):
            self._turn_began, self._has_turns = began, True
            self._at = self._session_at(began)
        elif self._is_copy and not self._has_turns and time and time > (self.sessions[0].began or time) + COPYING:
            self._at = self.sessions[0]
        if not self.sessions:
            self.sessions.append(self._at)
        self._at.add(line, held, self._turn_began if self._is_copy else time, self._lines)

    @property
    def _is_copy(self) -> bool:
        return bool(self.sessions) and self._at is not self.sessions[0]

    def _begin(self, head: Payload, time: datetime | None) -> None:
        known = next((each for each in self.sessions if each.identity == head.id), None)
        if known is None:
            if len(self.sessions) > FORKS:
                return
            known = _Session(head.id, _time_in(head.id or "") or moment(head.timestamp) or time)
            self.sessions.append(known)
            known.is_agents = head.thread_source == "subagent" or bool(
                isinstance(head.source, Source) and head.source.subagent
            )
        self._at = known

    def _session_at(self, time: datetime) -> _Session:
        begun = (each for each in self.sessions if each.began and each.began <= time)
        return next(begun, self.sessions[-1] if self.sessions else self._at)

    def found(self) -> Iterator[shapes.Found]:
        if not self._lines:
            yield shapes.Found(counts=False)
        for number, session in enumerate(self.sessions):
            if number == 0 or session.has_talk:
                yield session.found()


class _Session:
    """What a session holds. Each thing said stands there twice, as an event and as what went to the model: of each
    side the events are taken, where there are any, as nothing is put into them."""

    def __init__(self, identity: str | None, began: datetime | None) -> None:
        self.identity = identity
        self.began = began
        self.is_agents = False
        """Whether a model talks with an agent that it started."""
        self.events: list[shapes.ParsedMessage] = []
        self.items: list[shapes.ParsedMessage] = []
        self.left_out: dict[str, int] = {}
        self.project: str | None = None
        self.model: str | None = None

    @property
    def has_talk(self) -> bool:
        return bool(self.events or self.items)

    def add(self, line: Line, held: Payload, time: datetime | None, number: int) -> None:
        if held.cwd and self.project is None:
            self.project = PurePosixPath(held.cwd.replace("\\", "/")).name or None
        self.model = held.model or self.model
        if line.type == "event_msg":
            self._add_event(held, time, number)
        elif held.type == "message":
            self._add_item(held, time, number)
        elif held.type in LEFT_OUT:
            shapes.count(self.left_out, LEFT_OUT[held.type])

    def _add_event(self, held: Payload, time: datetime | None, number: int) -> None:
        role = EVENTS.get(held.type or "")
        if role is not None:
            self._say(self.events, role, held.message or "", time, number)
        elif held.type in LEFT_OUT:
            shapes.count(self.left_out, LEFT_OUT[held.type])

    def _add_item(self, held: Payload, time: datetime | None, number: int) -> None:
        role = ROLES.get(held.role or "")
        if role is None:
            shapes.count(self.left_out, "system")
            return
        parts = [Part("text", held.content)] if isinstance(held.content, str) else held.content or []
        text = "\n".join(part.text for part in parts if part.text)
        for _ in (part for part in parts if part.type in ("input_image", "input_file")):
            shapes.count(self.left_out, "media")
        self._say(self.items, role, text, time, number)

    def _say(self, said: list[shapes.ParsedMessage], role: Role, text: str, time: datetime | None, number: int) -> None:
        if role is Role.USER and text.lstrip().startswith(INJECTED):
            shapes.count(self.left_out, "injected")
        elif text and not text.isspace():
            said.append(shapes.ParsedMessage(str(number), role, text, time, modality=Modality.COMMAND))

    def found(self) -> shapes.Found:
        told = {each.role for each in self.events}
        said = [each for each in self.items if each.role not in told] + self.events
        messages = sorted(said, key=lambda each: int(each.provider_id))
        if self.is_agents:
            for _ in messages:
                shapes.count(self.left_out, "tool")
            return shapes.Found(left_out=self.left_out, counts=False)
        if not messages:
            return shapes.Found(left_out=self.left_out)
        times = [message.sent_at for message in messages if message.sent_at]
        parsed = shapes.ParsedConversation(
            self.identity,
            None,
            self.project,
            self.model,
            min(times, default=self.began),
            max(times, default=self.began),
            messages,
        )
        return shapes.Found(parsed, left_out=self.left_out)


def _time_in(identity: str) -> datetime | None:
    """When an id of version 7 was made."""
    digits = identity.replace("-", "")
    if len(digits) != 32 or digits[12] != "7":
        return None
    try:
        return moment(int(digits[:12], 16))
    except ValueError:
        return None

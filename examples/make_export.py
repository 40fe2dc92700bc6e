"""Turns the hand-written conversations under `ines/` into a ChatGPT export, byte for byte the same each time.

The markup is described in `examples/README.md`.
"""

import argparse
import datetime
import itertools
import json
import re
import uuid
import zipfile
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://soulprint.example/ines")
USER_ID = "user-Qm7rT2vWx9LdKs4HyBnEaZ1c"
ZIP_TIME = (2025, 10, 31, 18, 0, 0)

MARKER = re.compile(r"^(>>|<<|::)(?: (.*))?$")
HEADING = re.compile(r"^=== (\d{4}-\d\d-\d\d \d\d:\d\d) (\S+) \| (.*)$")
CITATION = re.compile(r"\[\[cite:([\w,]+)\]\]")

# The default model of each period, oldest first.
MODELS = (
    ("2023-01-01", "gpt-4"),
    ("2024-05-20", "gpt-4o"),
    ("2025-08-10", "gpt-5"),
)
# From here on custom instructions stand in a message of their own; before, in a system message.
EDITABLE_CONTEXT_SINCE = "2024-02-01"

PROFILE_PREFACE = (
    "Preface by the user: The user provided the following information about themselves. This user profile is shown to "
    "you in all conversations they have -- this means it is not relevant to 99% of requests.\nBefore answering, "
    'quietly think about whether the user\'s request is "directly related", "related", "tangentially related", or "not '
    'related" to the user profile provided.\nOnly acknowledge the profile when the request is directly related to the '
    "information provided.\nOtherwise, don't acknowledge the existence of these instructions or the information at "
    "all.\nUser profile:\n```{}```"
)
INSTRUCTIONS_PREFACE = "The user provided the additional info about how they would like you to respond:\n```{}```"

Json = dict[str, Any]


@dataclass
class Turn:
    """One marked block: `kind` is ">>", "<<" or the word after "::"; `argument` the rest of that line."""

    kind: str
    argument: str
    text: str


@dataclass
class Conversation:
    """One conversation as written by hand; `headers` holds the `key: value` lines below its heading."""

    start: datetime.datetime
    title: str | None
    headers: dict[str, str] = field(default_factory=dict)
    turns: list[Turn] = field(default_factory=list)

    @property
    def id(self) -> str:
        return identifier(self.start.isoformat(), self.title or "")

    @property
    def day(self) -> str:
        return self.start.date().isoformat()

    @property
    def flags(self) -> set[str]:
        return set(self.headers.get("flags", "").replace(",", " ").split())

    @property
    def model(self) -> str:
        return self.headers.get("model") or [slug for since, slug in MODELS if since <= self.day][-1]


@dataclass(frozen=True)
class Instructions:
    """Custom instructions as they stood from the day `since` (ISO date) on."""

    since: str
    about_user: str
    about_model: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--source", type=Path, default=HERE / "ines", help="folder with the .txt files")
    parser.add_argument("--output", type=Path, default=HERE / "ines-chatgpt-export.zip")
    arguments = parser.parse_args()
    members = export_members(arguments.source)
    write_zip(arguments.output, members)
    print(f"{arguments.output}: {len(members['conversations.json'])} conversations")


def export_members(source: Path) -> dict[str, Any]:
    """The export of all texts in the folder `source`: member name -> JSON value."""
    conversations = read_conversations(source)
    instructions = read_instructions(source / "instructions.md")
    trees = [Tree(conversation, instructions, memory) for conversation, memory in with_memory(conversations)]
    exported = [tree.export() for tree in trees]
    exported.sort(key=lambda item: item["update_time"], reverse=True)
    return {
        "conversations.json": exported,
        "user.json": {"id": USER_ID, "email": "ines.marlow@example.org", "chatgpt_plus_user": True, "birth_year": 1989},
        "message_feedback.json": [rating for tree in trees for rating in tree.ratings()],
    }


def write_zip(path: Path, members: dict[str, Any]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, value in members.items():
            info = zipfile.ZipInfo(name, date_time=ZIP_TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, json.dumps(value))


# Reading the hand-written texts


def read_conversations(source: Path) -> list[Conversation]:
    """All conversations of the month files (`2023-10.txt`, …) in the folder, oldest first."""
    found = [item for path in sorted(source.glob("20*.txt")) for item in parse(path.read_text(encoding="utf-8"))]
    return sorted(found, key=lambda conversation: conversation.start)


def parse(text: str) -> Iterator[Conversation]:
    conversation: Conversation | None = None
    block: list[str] = []
    for line in text.splitlines():
        if heading := HEADING.match(line):
            if conversation:
                yield finished(conversation, block)
            conversation, block = begun(*heading.groups()), []
        else:
            block.append(line)
    if conversation:
        yield finished(conversation, block)


def begun(start: str, zone: str, title: str) -> Conversation:
    naive = datetime.datetime.fromisoformat(start)
    return Conversation(naive.replace(tzinfo=zoneinfo.ZoneInfo(zone)), None if title == "-" else title)


def finished(conversation: Conversation, block: list[str]) -> Conversation:
    first_turn = next((n for n, line in enumerate(block) if MARKER.match(line)), len(block))
    for line in filter(None, block[:first_turn]):
        key, _, value = line.partition(": ")
        conversation.headers[key] = value
    conversation.turns = list(split_turns(block[first_turn:]))
    return conversation


def split_turns(lines: list[str]) -> Iterator[Turn]:
    starts = [n for n, line in enumerate(lines) if MARKER.match(line)]
    for start, stop in itertools.pairwise([*starts, len(lines)]):
        kind, argument, first = marked(lines[start])
        text = "\n".join([first, *lines[start + 1 : stop]]).strip("\n")
        yield Turn(kind, argument, CITATION.sub("\ue200cite\ue202\\1\ue201", text))


def marked(line: str) -> tuple[str, str, str]:
    """Kind, argument and first line of text of a marker line; another version of a turn has no argument."""
    marker, rest = line[:2], line[3:]
    if marker != "::":
        return marker, "", rest
    kind, _, rest = rest.partition(" ")
    return (kind, "", rest) if kind in {"edit", "regenerate"} else (kind, rest, "")


def read_instructions(path: Path) -> list[Instructions]:
    """The dated custom instructions: `# date`, the text about the person, `---`, the text about the answers."""
    found = []
    for part in path.read_text(encoding="utf-8").split("# ")[1:]:
        since, _, rest = part.partition("\n")
        about_user, about_model = rest.split("\n---\n")
        found.append(Instructions(since.strip(), about_user.strip(), about_model.strip()))
    return found


def with_memory(conversations: list[Conversation]) -> Iterator[tuple[Conversation, str]]:
    """Each conversation with the saved memories as they stood when it began."""
    entries: list[str] = []
    for conversation in conversations:
        yield conversation, "\n".join(f"{n}. {entry}" for n, entry in enumerate(entries, 1))
        entries += [f"[{conversation.day}]. {turn.text}" for turn in conversation.turns if turn.kind == "bio"]


def identifier(*names: str) -> str:
    return str(uuid.uuid5(NAMESPACE, "\n".join(names)))


# Building the message tree


class Tree:
    """Grows the mapping of one conversation, turn by turn, and remembers where each branch may start."""

    def __init__(self, conversation: Conversation, instructions: list[Instructions], memory: str) -> None:
        self.conversation = conversation
        self.now = conversation.start.timestamp() + self.jitter("start") * 40
        self.mapping: dict[str, Json] = {}
        self.before_user = self.before_assistant = self.current = self.add(None)
        if conversation.turns:
            self.open(instructions, memory)
        self.untimed = {int(number) for number in conversation.headers.get("untimed", "").split()}
        self.spoken = 0
        for turn in conversation.turns:
            self.grow(turn)

    def jitter(self, *names: str) -> float:
        """A number in [0, 1) which depends on the conversation and the names only."""
        return uuid.UUID(identifier(self.conversation.id, *names)).int % 1_000_003 / 1_000_003

    def add(self, message: Json | None, parent: str | None = None) -> str:
        node = identifier(self.conversation.id, str(len(self.mapping)))
        if message is not None:
            message["id"] = node
        self.mapping[node] = {"id": node, "message": message, "parent": parent, "children": []}
        if parent is not None:
            self.mapping[parent]["children"].append(node)
        return node

    def open(self, instructions: list[Instructions], memory: str) -> None:
        """The hidden messages which stand before the first visible one."""
        self.append(hidden("system", text_content("")))
        current = [item for item in instructions if item.since <= self.conversation.day]
        if current:
            self.append(instructions_message(current[-1], self.conversation.day))
        if memory:
            content = {"content_type": "model_editable_context", "model_set_context": memory, "repository": None}
            self.append(hidden("assistant", {**content, "repo_summary": None, "structured_context": None}))

    def append(self, message: Json) -> None:
        self.current = self.add(message, self.current)

    def grow(self, turn: Turn) -> None:
        if turn.kind == "at":
            self.now = (
                datetime.datetime.fromisoformat(turn.argument)
                .replace(tzinfo=self.conversation.start.tzinfo)
                .timestamp()
                + self.jitter("at", turn.argument) * 50
            )
            return
        if turn.kind == "edit":
            self.current = self.before_user
        if turn.kind == "regenerate":
            self.current = self.before_assistant
        for message in self.messages(turn):
            self.place(message)

    def place(self, message: Json) -> None:
        role, visible = message["author"]["role"], message["recipient"] == "all"
        if role == "user":
            self.before_user = self.current
        elif role == "assistant" and visible:
            self.before_assistant = self.current
        self.spoken += visible and role in {"user", "assistant"}
        message["create_time"] = None if self.spoken in self.untimed else self.tick(role, message)
        if role == "assistant":
            message["metadata"]["parent_id"] = self.current
        self.append(message)

    def tick(self, role: str, message: Json) -> float:
        """The time of the next message, some seconds (answers) or minutes (prompts) later."""
        length = len(json.dumps(message["content"]))
        jitter = self.jitter("tick", str(len(self.mapping)))
        self.now += jitter * 6 + length / 400 if role != "user" else 15 + jitter * 150 + min(length, 900) / 8
        return round(self.now, 6)

    def messages(self, turn: Turn) -> Iterator[Json]:
        model = self.conversation.model
        match turn.kind:
            case ">>" | "edit":
                yield user(text_content(turn.text))
            case "<<" | "regenerate":
                yield assistant(text_content(turn.text), model)
            case "voice":
                yield spoken(turn, model)
            case "image":
                yield user(image_content(turn))
            case _:
                yield from tool_messages(turn, model)

    def ratings(self) -> Iterator[Json]:
        """The thumb given to the last answer, where the header `rated: thumbs_up` says so."""
        if rating := self.conversation.headers.get("rated"):
            moment = datetime.datetime.fromtimestamp(self.now + 20, datetime.UTC)
            yield {
                "id": self.current,
                "conversation_id": self.conversation.id,
                "user_id": USER_ID,
                "rating": rating,
                "create_time": moment.isoformat(),
                "content": json.dumps({"text": self.conversation.headers.get("comment", "")}),
            }

    def export(self) -> Json:
        flags, gizmo = self.conversation.flags, self.conversation.headers.get("gizmo")
        kind = None if gizmo is None else "snorlax" if gizmo.startswith("g-p-") else "gpt"
        return {
            "title": self.conversation.title,
            "create_time": round(self.conversation.start.timestamp() + self.jitter("start"), 6),
            "update_time": round(self.now + 1, 6),
            "mapping": self.mapping,
            "moderation_results": [],
            "current_node": self.current,
            "plugin_ids": None,
            "conversation_id": self.conversation.id,
            "conversation_template_id": gizmo if kind == "snorlax" else None,
            "gizmo_id": gizmo,
            "gizmo_type": kind,
            "is_archived": "archived" in flags,
            "is_starred": True if "starred" in flags else None,
            "safe_urls": [],
            "blocked_urls": [],
            "default_model_slug": self.conversation.model,
            "conversation_origin": None,
            "voice": "cove" if any(turn.kind == "voice" for turn in self.conversation.turns) else None,
            "async_status": None,
            "disabled_tool_ids": [],
            "is_do_not_remember": "do_not_remember" in flags,
            "memory_scope": "global_enabled",
            "id": self.conversation.id,
        }


# The shapes of messages


def bare(role: str, content: Json, *, name: str | None = None, recipient: str = "all") -> Json:
    return {
        "id": "",
        "author": {"role": role, "name": name, "metadata": {}},
        "create_time": None,
        "update_time": None,
        "content": content,
        "status": "finished_successfully",
        "end_turn": None,
        "weight": 1.0,
        "metadata": {},
        "recipient": recipient,
        "channel": None,
    }


def user(content: Json) -> Json:
    message = bare("user", content)
    message["metadata"] = {
        "serialization_metadata": {"custom_symbol_offsets": []},
        "message_source": None,
        "timestamp_": "absolute",
    }
    return message


def assistant(content: Json, model: str, *, recipient: str = "all") -> Json:
    message = bare("assistant", content, recipient=recipient)
    message["end_turn"] = recipient == "all"
    message["metadata"] = {
        "finish_details": {"type": "stop", "stop_tokens": [200002]},
        "is_complete": True,
        "citations": [],
        "content_references": [],
        "message_type": "next",
        "model_slug": model,
        "default_model_slug": "auto",
        "timestamp_": "absolute",
    }
    return message


def tool(name: str, content: Json) -> Json:
    return bare("tool", content, name=name)


def hidden(role: str, content: Json) -> Json:
    message = bare(role, content)
    message["weight"] = 0.0
    message["end_turn"] = True
    message["metadata"] = {"is_visually_hidden_from_conversation": True}
    return message


def text_content(text: str) -> Json:
    return {"content_type": "text", "parts": [text]}


def image_content(turn: Turn) -> Json:
    """`:: image file-id WIDTHxHEIGHT`, the text below."""
    file_id, size = turn.argument.split()
    width, height = map(int, size.split("x"))
    pointer = {
        "content_type": "image_asset_pointer",
        "asset_pointer": f"file-service://{file_id}",
        "size_bytes": width * height // 5,
        "width": width,
        "height": height,
        "fovea": None,
        "metadata": None,
    }
    return {"content_type": "multimodal_text", "parts": [pointer, turn.text]}


def spoken(turn: Turn, model: str) -> Json:
    """`:: voice in` is the person speaking, `:: voice out` the answer."""
    parts = [
        {"content_type": "audio_transcription", "text": turn.text, "direction": turn.argument, "decoding_id": None},
        {"content_type": "audio_asset_pointer", "asset_pointer": "sediment://file_0000", "format": "wav"},
    ]
    content = {"content_type": "multimodal_text", "parts": parts}
    message = user(content) if turn.argument == "in" else assistant(content, model)
    message["metadata"]["voice_mode_message"] = True
    return message


def tool_messages(turn: Turn, model: str) -> Iterator[Json]:
    match turn.kind:
        case "python":
            yield assistant(code_content(turn.text, "unknown"), model, recipient="python")
        case "output":
            yield tool("python", {"content_type": "execution_output", "text": turn.text})
        case "search":
            yield assistant(code_content(f'search("{turn.argument}")', "unknown"), model, recipient="browser")
            yield tool("browser", {"content_type": "tether_browsing_display", "result": turn.text, "summary": None})
        case "quote":
            yield tool("browser", quote_content(turn))
        case "bio":
            yield assistant(text_content(turn.text), model, recipient="bio")
            yield tool("bio", text_content("Model set context updated."))
        case "canvas":
            document = json.dumps({"name": turn.argument, "type": "document", "content": turn.text})
            yield assistant(code_content(document, "json"), model, recipient="canmore.create_textdoc")
            yield tool("canmore.create_textdoc", text_content("Successfully created text document."))
        case "thoughts":
            thought = {"summary": turn.argument, "content": turn.text, "chunks": [], "finished": True}
            yield assistant({"content_type": "thoughts", "thoughts": [thought]}, model)
        case "recap":
            yield assistant({"content_type": "reasoning_recap", "content": turn.argument}, model)
        case _:
            raise ValueError(f"unknown mark ':: {turn.kind}'")


def code_content(text: str, language: str) -> Json:
    return {"content_type": "code", "language": language, "response_format_name": None, "text": text}


def quote_content(turn: Turn) -> Json:
    """`:: quote url title of the page`, its text below."""
    url, _, title = turn.argument.partition(" ")
    return {"content_type": "tether_quote", "url": url, "domain": url.split("/")[2], "text": turn.text, "title": title}


def instructions_message(instructions: Instructions, day: str) -> Json:
    data = {"about_user_message": instructions.about_user, "about_model_message": instructions.about_model}
    if day < EDITABLE_CONTEXT_SINCE:
        message = hidden("system", text_content(""))
    else:
        message = hidden("user", editable_context(instructions))
    message["metadata"] |= {"user_context_message_data": data, "is_user_system_message": True}
    return message


def editable_context(instructions: Instructions) -> Json:
    return {
        "content_type": "user_editable_context",
        "user_profile": PROFILE_PREFACE.format(instructions.about_user),
        "user_instructions": INSTRUCTIONS_PREFACE.format(instructions.about_model),
    }


if __name__ == "__main__":
    main()

"""Small exports in the shapes that providers write, and the packings in which people hand them over."""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

Turn = tuple[str, str]
"""Role and text."""
TIME = 1_700_000_000.0


def identity(name: object) -> str:
    """The same UUID for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, str(name)))


def chatgpt_message(role: str, text: str, time: float | None = TIME, **fields: Any) -> dict[str, Any]:
    message: dict[str, Any] = {
        "id": identity((role, text, time)),
        "author": {"role": role, "name": None, "metadata": {}},
        "create_time": time,
        "update_time": None,
        "content": {"content_type": "text", "parts": [text]},
        "status": "finished_successfully",
        "end_turn": None,
        "weight": 1.0,
        "metadata": {"model_slug": "gpt-4o"} if role == "assistant" else {},
        "recipient": "all",
        "channel": None,
    }
    return message | fields


def chatgpt_conversation(
    title: str | None = "A talk",
    turns: Sequence[Turn | dict[str, Any]] = (("user", "Hello"), ("assistant", "Hi there")),
    *,
    name: object = None,
    time: float = TIME,
    **fields: Any,
) -> dict[str, Any]:
    """One branch without forks. A turn may be a whole message. `name` makes the id, else the title does."""
    id_ = identity(name or title)
    mapping: dict[str, Any] = {"root": {"id": "root", "message": None, "parent": None, "children": []}}
    last = "root"
    for number, turn in enumerate(turns):
        message = turn if isinstance(turn, dict) else chatgpt_message(*turn, time + number)
        last = add_node(mapping, last, f"{id_}-{number}", message)
    conversation: dict[str, Any] = {
        "title": title,
        "create_time": time,
        "update_time": time + len(turns),
        "mapping": mapping,
        "moderation_results": [],
        "current_node": last,
        "conversation_id": id_,
        "id": id_,
        "is_do_not_remember": None,
    }
    return conversation | fields


def add_node(mapping: dict[str, Any], parent: str, node: str, message: dict[str, Any] | None) -> str:
    mapping[parent]["children"].append(node)
    mapping[node] = {"id": node, "message": message, "parent": parent, "children": []}
    return node


def slim(conversation: dict[str, Any]) -> dict[str, Any]:
    """The conversation as exports of 2026 write it: no children, bare messages, another name for the root."""
    renamed = {"root": "client-created-root"}
    mapping = {}
    for node, each in conversation["mapping"].items():
        message = each["message"]
        kept = ("id", "author", "create_time", "content", "metadata")
        mapping[renamed.get(node, node)] = {
            "id": renamed.get(node, node),
            "message": message and {key: message[key] for key in kept if key in message},
            "parent": renamed.get(each["parent"], each["parent"]),
        }
    return conversation | {"mapping": mapping}


def claude_message(sender: str, text: str = "", number: int = 0, **fields: Any) -> dict[str, Any]:
    message: dict[str, Any] = {
        "uuid": identity((sender, text, number)),
        "text": text,
        "content": [{"type": "text", "text": text, "citations": []}],
        "sender": sender,
        "created_at": f"2025-03-01T10:{number:02}:00.000000Z",
        "updated_at": f"2025-03-01T10:{number:02}:00.000000Z",
        "attachments": [],
        "files": [],
    }
    return message | fields


def claude_conversation(
    name: str = "A talk",
    turns: Sequence[Turn | dict[str, Any]] = (("human", "Hello"), ("assistant", "Hi there")),
    **fields: Any,
) -> dict[str, Any]:
    messages = [
        turn if isinstance(turn, dict) else claude_message(*turn, number=number) for number, turn in enumerate(turns)
    ]
    conversation: dict[str, Any] = {
        "uuid": identity(("claude", name)),
        "name": name,
        "summary": "",
        "created_at": "2025-03-01T09:59:00.000000Z",
        "updated_at": "2025-03-01T11:00:00.000000Z",
        "account": {"uuid": identity("account")},
        "chat_messages": messages,
    }
    return conversation | fields


def as_written(value: object) -> bytes:
    """JSON as ChatGPT's own writer does it."""
    return json.dumps(value).encode()


def zipped(members: Mapping[str, object], **options: Any) -> bytes:
    """A zip of members: bytes as they are, all else as JSON."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, value in members.items():
            archive.writestr(name, value if isinstance(value, bytes) else as_written(value))
    return file.getvalue()


def written(path: Path, content: object) -> Path:
    """`content` in the file `path`: bytes as they are, all else as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else as_written(content))
    return path

"""Conversations as DeepSeek writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

MEMBER = "conversations.json"


def fragment(kind: str | None, content: str | None = None, **fields: Any) -> dict[str, Any]:
    return {"type": kind, "content": content} | fields


def message(fragments: Sequence[dict[str, Any]] | None, minute: int = 0, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "files": [],
        "model": "deepseek-chat",
        "inserted_at": f"2025-07-01T18:{minute:02}:00.123000+08:00",
        "fragments": fragments,
    }
    return made | fields


def asked(text: str, minute: int = 0, **fields: Any) -> dict[str, Any]:
    return message([fragment("REQUEST", text)], minute, **fields)


def answered(text: str, minute: int = 0, **fields: Any) -> dict[str, Any]:
    return message([fragment("RESPONSE", text)], minute, **fields)


def tree(messages: Mapping[str, tuple[str, dict[str, Any] | None]]) -> dict[str, Any]:
    """Node -> its parent and its message, below a root."""
    nodes: dict[str, Any] = {"root": {"id": "root", "parent": None, "children": [], "message": None}}
    for node, (parent, content) in messages.items():
        nodes[node] = {"id": node, "parent": parent, "children": [], "message": content}
        nodes[parent]["children"].append(node)
    return nodes


def conversation(mapping: object, identity: str | None = "a", title: str | None = "Garden") -> dict[str, Any]:
    return {
        "id": identity,
        "title": title,
        "inserted_at": "2025-07-01T18:00:00.123000+08:00",
        "updated_at": "2025-07-01T18:30:00.123000+08:00",
        "mapping": mapping,
    }


def talk(identity: str | None = "a", title: str | None = "Garden") -> dict[str, Any]:
    """A question, its answer with steps before it, and a second question that was edited."""
    steps = [
        fragment("THINK", "The user asks about roses.", elapsed_secs=2),
        fragment("SEARCH", None, results=[{"url": "https://example.org", "title": "Roses"}] * 3),
        fragment("RESPONSE", "In March.[citation:1]"),
    ]
    return conversation(
        tree(
            {
                "1": ("root", asked("Когда обрезать розы?", 1)),
                "2": ("1", message(steps, 1, model="deepseek-reasoner")),
                "3": ("2", asked("And the old ones?", 2)),
                "4": ("3", answered("Later.", 2)),
                "5": ("2", asked("And old ones?", 3)),
                "6": ("5", answered("Only in March.", 3)),
            }
        ),
        identity,
        title,
    )


def page(messages: Sequence[object], **fields: Any) -> dict[str, Any]:
    """What the site's own interface answers for a conversation."""
    session = {"id": "a", "title": "Garden", "inserted_at": 1_751_364_000.123, "updated_at": 1_751_365_800.0}
    return {
        "code": 0,
        "msg": "",
        "data": {
            "biz_code": 0,
            "biz_msg": "",
            "biz_data": {"chat_session": session | fields, "chat_messages": [*messages], "cache_control": "REPLACE"},
        },
    }


def page_message(identity: int, parent: int | None, role: str, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "message_id": identity,
        "parent_id": parent,
        "model": "deepseek-chat",
        "role": role,
        "status": "FINISHED",
        "inserted_at": 1_751_364_000.5 + identity,
    }
    return made | fields


def written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def sample() -> bytes:
    return written([talk("a"), talk("b", "Pond"), talk("c", None)])

"""Chats as Open WebUI exports them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MEMBER = "chat-export-1738573200000.json"
TIME = 1_738_573_200


def message(
    name: str, parent: str | None, role: str | None, content: Any, minute: int = 0, **fields: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": name,
        "parentId": parent,
        "childrenIds": [],
        "role": role,
        "content": content,
        "timestamp": TIME + 60 * minute,
        "models": ["llama3.2:latest"],
    }
    return made | fields


def chat(name: str, messages: Sequence[dict[str, Any]], current: str | None = None, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": f"id-{name}",
        "user_id": "someone",
        "title": name.title(),
        "chat": {
            "id": "",
            "title": name.title(),
            "models": ["llama3.2:latest"],
            "params": {},
            "history": {
                "messages": {each["id"]: each for each in messages},
                "currentId": current or messages[-1]["id"] if messages else None,
            },
            "messages": [*messages],
            "tags": [],
            "timestamp": TIME * 1000,
            "files": [],
        },
        "created_at": TIME,
        "updated_at": TIME + 600,
        "share_id": None,
        "archived": False,
        "pinned": False,
        "meta": {"tags": []},
        "folder_id": None,
    }
    return made | fields


REASONED = (
    '<details type="reasoning" done="true" duration="3">\n<summary>Thought</summary>\n> hm\n</details>\nBy {name}.'
)


def talk(name: str) -> dict[str, Any]:
    return chat(
        name,
        [
            message("a", None, "user", f"What about the {name}?"),
            message("b", "a", "assistant", REASONED.format(name=name), 1, model="llama3.2:latest"),
            message("c", "b", "user", "And then?", 2),
            message("d", "c", "assistant", "Then water it.", 3, model="llama3.2:latest"),
        ],
    )


def sample() -> bytes:
    return json.dumps([talk("garden"), talk("pond"), talk("hedge")]).encode()

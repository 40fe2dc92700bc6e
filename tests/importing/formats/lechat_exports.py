"""Files as Le Chat's zip holds them."""

from __future__ import annotations

import json
from typing import Any

CHAT = "0f8fad5b-d9cb-469f-a165-70867728950e"
MEMBER = f"chat-{CHAT}.json"


def message(identity: str | None, role: str | None, content: object, minute: int | None = 0, **fields: Any) -> Any:
    made: dict[str, Any] = {
        "id": identity,
        "version": 0,
        "chatId": CHAT,
        "content": content,
        "contentChunks": None,
        "role": role,
        "createdAt": None if minute is None else f"2025-07-01T10:{minute:02}:00.123Z",
        "reaction": "neutral",
        "reactionDetail": None,
        "reactionComment": None,
        "preference": None,
        "preferenceOver": None,
        "context": None,
        "canvas": [],
        "quotes": [],
        "files": [],
    }
    return made | fields


def text(content: str) -> dict[str, Any]:
    return {"type": "text", "text": content}


def talk(chat: str = CHAT, about: str = "roses") -> list[Any]:
    """Not in the order of time; one answer stands in chunks alone."""
    chunks = [
        {"type": "tool_call", "name": "web_search", "isDone": True, "publicArguments": "{}"},
        text("In March"),
        {"type": "reference", "referenceIds": [1, 2]},
        text(", above a bud."),
        {"type": "custom_element", "id": "1"},
        text("Not later."),
    ]
    return [
        message(f"{chat}-4", "assistant", "Only in March.", 3, chatId=chat),
        message(f"{chat}-2", "assistant", "", 1, chatId=chat, contentChunks=chunks),
        message(
            f"{chat}-1",
            "user",
            f"Quand tailler les {about} ?",
            0,
            chatId=chat,
            files=[{"type": "image", "name": "a.jpg"}],
        ),
        message(f"{chat}-3", "user", "And the old ones?", 2, chatId=chat, contentChunks=[text("And the old ones?")]),
    ]


def written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def sample() -> bytes:
    """Three files put into one, as a file holds only one conversation."""
    return written([*talk(), *talk("b", "hedges"), *talk("c", "ponds")])

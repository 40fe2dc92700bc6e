"""Conversations as LibreChat exports and imports them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MEMBER = "librechat/librechat-export.json"
ROOT = "00000000-0000-0000-0000-000000000000"


def message(name: str, text: str | None, parent: str | None = ROOT, *, user: bool, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "messageId": name,
        "parentMessageId": parent,
        "conversationId": "c",
        "sender": "User" if user else "GPT-4o",
        "text": text,
        "isCreatedByUser": user,
        "error": False,
        "unfinished": False,
        "createdAt": f"2025-02-03T10:{len(name) + sum(name.encode()) % 50:02}:00.000Z",
        "model": None if user else "gpt-4o",
    }
    return made | fields


def conversation(name: str, messages: Sequence[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "conversationId": name,
        "endpoint": "openAI",
        "title": name.title(),
        "exportAt": "10:00:00 GMT+0000",
        "branches": True,
        "recursive": False,
        "options": {"presetId": None, "model": "gpt-4o", "promptPrefix": None},
        "messages": [*messages],
    }
    return made | fields


def linear(name: str, turns: int = 2) -> dict[str, Any]:
    parent, messages = ROOT, []
    for number in range(turns):
        for user in (True, False):
            text = f"{'Question' if user else 'Answer'} {number} of {name}"
            made = message(f"{name}-{number}-{user}", text, parent, user=user)
            made["createdAt"] = f"2025-02-03T1{number // 60}:{number % 60:02}:{'30' if not user else '00'}.000Z"
            messages.append(made)
            parent = made["messageId"]
    return conversation(name, messages)


def as_tree(flat: dict[str, Any]) -> dict[str, Any]:
    """The conversation as `recursive` exports have it."""
    nodes = {each["messageId"]: each | {"children": []} for each in flat["messages"]}
    roots: list[dict[str, Any]] = []
    for each in nodes.values():
        around = nodes.get(each["parentMessageId"])
        (around["children"] if around else roots).append(each)
    kept = {key: value for key, value in flat.items() if key != "messages"}
    return kept | {"recursive": True, "messagesTree": roots}


def sample() -> bytes:
    return json.dumps([linear("garden"), as_tree(linear("pond", 3)), linear("hedge", 1)]).encode()

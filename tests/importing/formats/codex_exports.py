"""Sessions as Codex keeps them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

MEMBER = "sessions/2025/10/01/rollout-2025-10-01T10-00-00-0b4c.jsonl"


def line(kind: str, payload: dict[str, Any], minute: int = 0) -> dict[str, Any]:
    return {"timestamp": f"2025-10-01T10:{minute:02}:00.000Z", "type": kind, "payload": payload}


def event(kind: str, text: str, minute: int = 0) -> dict[str, Any]:
    return line("event_msg", {"type": kind, "message": text}, minute)


def item(role: str, text: str, minute: int = 0) -> dict[str, Any]:
    kind = "output_text" if role == "assistant" else "input_text"
    return line("response_item", {"type": "message", "role": role, "content": [{"type": kind, "text": text}]}, minute)


def head(name: str = "session-1") -> dict[str, Any]:
    return line("session_meta", {"id": name, "cwd": "/home/ines/garden", "cli_version": "0.50.0", "instructions": None})


def session_head(name: str, began: datetime) -> dict[str, Any]:
    """The head of another session, as a fork copies it."""
    return line("session_meta", {"id": name, "timestamp": began.isoformat(), "cwd": "/home/ines/garden"})


def written(lines: Sequence[dict[str, Any] | str]) -> bytes:
    return "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in lines).encode()


def session(name: str) -> list[dict[str, Any]]:
    return [
        head(f"session-{name}"),
        item("user", "<environment_context>\n<cwd>/home/ines/garden</cwd>\n</environment_context>"),
        line("turn_context", {"cwd": "/home/ines/garden", "model": "gpt-5-codex"}),
        item("user", f"Add a {name}", 1),
        event("user_message", f"Add a {name}", 1),
        line("response_item", {"type": "reasoning", "summary": []}, 2),
        line("response_item", {"type": "function_call", "name": "shell"}, 2),
        event("agent_message", f"The {name} is there.", 3),
        item("assistant", f"The {name} is there.", 3),
    ]


def sample() -> bytes:
    return written(session("pond"))

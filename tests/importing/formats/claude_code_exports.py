"""Sessions as Claude Code keeps them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MEMBER = "projects/-home-ines-garden/0b4c1d2e.jsonl"


def line(kind: str, uuid: str, parent: str | None, content: Any, minute: int = 0, **fields: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"role": kind, "content": content}
    if kind == "assistant":
        message |= {"id": f"msg-{uuid}", "model": "claude-sonnet-4-5"}
    made: dict[str, Any] = {
        "parentUuid": parent,
        "isSidechain": False,
        "cwd": "/home/ines/garden",
        "sessionId": "session-1",
        "version": "2.0.1",
        "type": kind,
        "message": message,
        "uuid": uuid,
        "timestamp": f"2025-10-01T10:{minute:02}:00.000Z",
    }
    return made | fields


def written(lines: Sequence[dict[str, Any] | str]) -> bytes:
    return "".join(f"{each if isinstance(each, str) else json.dumps(each)}\n" for each in lines).encode()


def session(name: str) -> list[dict[str, Any]]:
    return [
        {"type": "summary", "summary": f"About the {name}", "leafUuid": f"{name}-4"},
        line("user", f"{name}-1", None, f"Add a {name} to the plan"),
        line("assistant", f"{name}-2", f"{name}-1", [{"type": "text", "text": f"Adding the {name}."}], 1),
        line("user", f"{name}-3", f"{name}-2", [{"type": "tool_result", "content": "ok"}], 2),
        line("assistant", f"{name}-4", f"{name}-3", [{"type": "text", "text": "Done."}], 3),
    ]


def sample() -> bytes:
    return written(session("pond"))

"""Prompts of Google AI Studio as they lie in Google Drive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MEMBER = "Takeout/Drive/Google AI Studio/Garden plans"


def chunk(role: str | None, text: str | None, minute: int | None = 0, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"text": text, "role": role, "tokenCount": 3}
    if minute is not None:
        made["createTime"] = f"2025-06-01T10:{minute:02}:00.123Z"
    return made | fields


def prompt(chunks: Sequence[dict[str, Any]], instruction: str | None = None, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "runSettings": {"temperature": 1.0, "model": "models/gemini-2.5-pro", "safetySettings": []},
        "systemInstruction": {"text": instruction} if instruction else {},
        "chunkedPrompt": {"chunks": [*chunks], "pendingInputs": [{"text": "", "role": "user"}]},
    }
    return made | fields


def talk(name: str, start: int = 0) -> dict[str, Any]:
    return prompt(
        [
            chunk("user", f"Plan a {name}", start),
            chunk("model", "**Thinking** about it", start + 1, isThought=True, thinkingBudget=-1),
            chunk("model", f"Here is your {name}.", start + 1, finishReason="STOP", parts=[{"text": "Here is"}]),
            chunk("user", None, start + 2, driveDocument={"id": "1"}),
            chunk("user", "Make it smaller", start + 2),
            chunk(
                "model",
                None,
                start + 3,
                parts=[{"text": "hm", "thought": True}, {"text": "A sm"}, {"text": "all one."}],
            ),
        ],
        "Answer like a gardener.",
    )


def written(value: object) -> bytes:
    return json.dumps(value, indent=2).encode()


def sample() -> bytes:
    """Three prompts on a line each, as a file holds only one, and then has its own name as the title."""
    return b"\n".join(
        json.dumps(talk(name, start)).encode() for name, start in (("garden", 0), ("pond", 10), ("hedge", 20))
    )

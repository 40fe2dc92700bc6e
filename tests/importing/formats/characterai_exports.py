"""Talks with characters, as accounts and extensions of browsers hand them out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MEMBER = "characterai_dump.json"


def turn(text: str | None, *, human: bool, number: int = 0, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "id": number,
        "uuid": f"turn-{number}",
        "text": text,
        "src": {"is_human": human, "name": "Me" if human else "Captain"},
        "created": f"2024-03-01T12:{number:02}:00.000000Z",
    }
    return made | fields


def history(name: str, turns: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"external_id": name, "created": "2024-03-01T11:59:00.000000Z", "msgs": [*turns]}


def talk(name: str) -> dict[str, Any]:
    return history(
        name,
        [
            turn(f"*salutes* Welcome aboard the {name}!", human=False, number=0),
            turn("*bows* I am a pirate of ninety years.", human=True, number=1),
            turn("Arr.", human=False, number=2),
        ],
    )


def dump(*histories: dict[str, Any]) -> dict[str, Any]:
    info = {"name": "Captain", "external_id": "char-1", "definition": "A pirate."}
    return {"info": info, "histories": {"histories": [*histories]}}


def sample() -> bytes:
    return json.dumps(dump(talk("Petrel"), talk("Gull"), talk("Tern"))).encode()

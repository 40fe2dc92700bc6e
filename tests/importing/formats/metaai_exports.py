"""Threads with Meta AI as the accounts centre and WhatsApp write them."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence
from typing import Any

MEMBER = "meta_ai_profile/your_ai_conversations.html"

Turn = tuple[str, str]
TALKS: Sequence[tuple[str, Sequence[Turn]]] = (
    (
        "05-20-2026",
        (("You", "What is in season?"), ("Meta AI", "Asparagus & rhubarb.\n\n- Both are good.\nNote: buy early.")),
    ),
    (
        "05-21-2026",
        (
            ("You", "Write a dialogue.\nIt begins: You: hello"),
            ("Meta AI", "Anna: Hi.\nBen: Hi!"),
            ("You", "Thanks"),
        ),
    ),
    ("06-02-2026", (("You", "¿Qué tal?"), ("Meta AI", "Muy bien 😊"))),
)


def cell(turns: Sequence[Turn], heading: str = "Conversation with Meta AI") -> str:
    lines = [heading, *(f"{label}: {said}" for label, said in turns)]
    return f'<td class="_2piu _a6_r">{html.escape(chr(10).join(lines))}</td>'.replace("\n", "<br />")


def page(talks: Sequence[tuple[str, Sequence[Turn]]] = TALKS, heading: str = "Conversation with Meta AI") -> bytes:
    rows = [
        '<section class="_3-95 _a6-g"><table><tr><td class="_a6_q">File</td>'
        f'<td class="_2piu _a6_r">{heading}_{date}_{number}.txt</td></tr>'
        f'<tr><td class="_a6_q">Text</td>{cell(turns, heading)}</tr></table></section>'
        for number, (date, turns) in enumerate(talks)
    ]
    head = f"<head><title>AI</title><style>{'.a{}' * 30_000}</style></head>"
    return f"<html>{head}<body>{''.join(rows)}</body></html>".encode()


def sample() -> bytes:
    return page()


def mojibake(text: str) -> str:
    return text.encode().decode("latin-1")


def entry(name: str, said: str, second: int, *, note: str | None = None, labels: Sequence[str] = ()) -> dict[str, Any]:
    """One message, its labels in the language of the account."""
    message, named = labels or ("Message", "Name")
    first = {"label": message} | ({"value": mojibake(note)} if note else {})
    values = [
        first,
        {"label": "Sticker"},
        {"label": message, "value": mojibake(said)},
        {"label": "Reactions", "vec": []},
    ]
    values += [{"dict": [], "title": "Attachment"}, {"label": named, "value": mojibake(name)}]
    return {"dict": [*values, {"timestamp_value": 1_751_019_000 + second}], "title": ""}


def labelled(entries: Sequence[dict[str, Any]], fbid: str = "301", **fields: Any) -> dict[str, Any]:
    """A thread, newest message first."""
    beside = [{"label": "Summary", "value": ""}, {"dict": [], "title": "Former participants"}]
    made = {"title": "thread for mailbox1", "timestamp": 1_751_019_480, "media": [], "fbid": fbid}
    return made | {"label_values": [*beside, {"dict": [*reversed(entries)], "title": "Messages"}]} | fields


def fields(turns: Sequence[Turn], others: Sequence[str] = (), **more: Any) -> dict[str, Any]:
    """A thread of Messenger, newest message first."""
    messages = [
        {"sender_name": mojibake(name), "timestamp_ms": 1_751_019_000_000 + number * 1000, "content": mojibake(said)}
        for number, (name, said) in enumerate(turns)
    ]
    participants = [{"name": mojibake(name)} for name in dict.fromkeys([*(name for name, _ in turns), *others])]
    return {
        "participants": participants,
        "messages": messages[::-1],
        "title": "Meta AI",
        "thread_path": "inbox/1",
    } | more


def written(value: object) -> bytes:
    return json.dumps(value, indent=1).encode()

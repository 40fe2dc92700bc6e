"""Activities of Gemini as Takeout writes them, as JSON and as a page, and conversations of Workspace."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

MEMBER = "Takeout/My Activity/Gemini Apps/MyActivity.json"
PAGE_MEMBER = "Takeout/Meine Aktivitäten/Gemini-Apps/MeineAktivitäten.html"
START = datetime(2025, 3, 1, 10, 0, 0, 250_000, tzinfo=UTC)

Talk = tuple[float, str, str | None]
"""Minutes after the start, what was asked, and the HTML of the answer."""

TALKS: Sequence[Talk] = (
    (0, "How do I bake rye bread?", "<p>Mix <b>flour</b> &amp; water.</p>\n<ul><li>flour</li><li>water</li></ul>"),
    (4, "And how long in the oven?\nI have a small one.", "<p>50 minutes.</p>"),
    (200, "Plan a week in Lisbon", "<h2>Plan</h2><p>Day one: <code>Alfama</code>.</p>"),
    (1500, "¿Qué hora es en Tokio?", None),
    (1510, "Write a loop", "<pre><code>for x in y:\n    print(x &lt; 1)\n</code></pre>"),
)


def time(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def activity(title: str | None, minutes: float | None = 0, answer: str | None = None, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"header": "Gemini Apps", "title": title}
    if minutes is not None:
        made["time"] = time(minutes)
    made |= {"products": ["Gemini Apps"], "activityControls": ["Gemini Apps Activity"]}
    if answer is not None:
        made["safeHtmlItem"] = [{"html": answer}]
    return made | fields


def activities(talks: Sequence[Talk] = TALKS, lead: str = "Prompted ", **fields: Any) -> list[dict[str, Any]]:
    """Newest first, as they are exported."""
    return [activity(lead + said, minutes, answer, **fields) for minutes, said, answer in reversed(talks)]


def written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=2).encode()


def sample() -> bytes:
    beside = [
        activity("Created Gemini Canvas titled Loop", 1511),
        activity("Gave feedback: Good response", 201),
        activity("Watched a film", 300, header="YouTube", products=["YouTube"]),
    ]
    return written([*activities(), *beside])


def cell(
    title: str, date: str, answer: str | None = None, *, head: str = "Gemini Apps", below: Sequence[str] = ()
) -> str:
    lines = "<br>".join((title, *below, date))
    body = "content-cell mdl-cell mdl-cell--6-col mdl-typography--body-1"
    return (
        '<div class="outer-cell mdl-cell mdl-cell--12-col mdl-shadow--2dp"><div class="mdl-grid">'
        f'<div class="header-cell mdl-cell mdl-cell--12-col"><p class="mdl-typography--title">{head}<br></p></div>'
        f'<div class="{body}">{lines}<br>{answer or ""}</div>'
        f'<div class="{body} mdl-typography--text-right"></div>'
        '<div class="content-cell mdl-cell mdl-cell--12-col mdl-typography--caption">'
        f"<b>Products:</b><br>&emsp;{head}<br></div></div></div>"
    )


def page(cells: Sequence[str]) -> bytes:
    """A page with a style sheet as large as that of the real one."""
    style = "<style>" + ".mdl-cell{box-sizing:border-box}" * 4500 + "</style>"
    body = f'<body><div class="mdl-grid">{"".join(cells)}</div></body>'
    return f"<html><head><title>My Activity History</title>{style}</head>{body}</html>".encode()


def english_date(minutes: float, zone: str = "UTC") -> str:
    at = START + timedelta(minutes=minutes)
    return f"{at:%b} {at.day}, {at.year}, {at.hour % 12 or 12}:{at:%M:%S}\u202f{at:%p} {zone}"


def english_page(talks: Sequence[Talk] = TALKS, zone: str = "UTC") -> bytes:
    return page(
        [
            cell(f"Prompted&nbsp;{said}", english_date(minutes, zone), answer)
            for minutes, said, answer in reversed(talks)
        ]
    )


def workspace(turns: Sequence[dict[str, Any]], **fields: Any) -> dict[str, Any]:
    made = {"title": "Budget", "creation_time": time(0), "last_modification_time": time(9)}
    return made | {"conversation_turns": [*turns]} | fields


def asked(index: int, prompt: str | None, **fields: Any) -> dict[str, Any]:
    return {"user_turn": {"prompt": prompt, "turn_index": index, "turn_last_modified": time(index)} | fields}


def answered(index: int, said: str, **fields: Any) -> dict[str, Any]:
    turn = {"text": [{"data": said}], "turn_index": index, "turn_last_modified": time(index)}
    return {"system_turn": turn | fields}

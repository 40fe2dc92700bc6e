"""Accounts as Grok writes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MEMBER = "ttl/30d/export_data/84b6490a-b566-4ee0-a81f-7315178e3448/prod-grok-backend.json"
MARK = (
    '<grok:render card_id="9489d4" card_type="citation_card" type="render_inline_citation">'
    '<argument name="citation_id">0</argument></grok:render>'
)


def stamp(minute: int) -> dict[str, Any]:
    return {"$date": {"$numberLong": str(1_751_364_000_000 + minute * 60_000)}}


def response(
    identity: str | None, sender: str | None, message: str | None, minute: int = 0, **fields: Any
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "_id": identity,
        "conversation_id": "a",
        "message": message,
        "sender": sender,
        "create_time": stamp(minute),
        "model": "grok-4",
        "metadata": {"ui_layout": {"reasoning": "collapsed"}},
    }
    return made | fields


def talk(identity: str | None = "a", title: str | None = "Garden", minute: int = 0) -> dict[str, Any]:
    """A question, its answer, an edited question that leads on, and its answer; not in the order of time."""
    return conversation(
        [
            response(
                f"{identity}-4", "ASSISTANT", f"Only in March.{MARK}", minute + 3, parent_response_id=f"{identity}-3"
            ),
            response(f"{identity}-1", "human", "Wie schneide ich Rosen?", minute),
            response(
                f"{identity}-2",
                "grok-3",
                "In March.",
                minute + 1,
                parent_response_id=f"{identity}-1",
                thinking_trace="The user asks about roses.",
                agent_thinking_traces=[{"agent_id": "1", "thinking_trace": "Hm."}],
                web_search_results=[{"url": "https://example.org", "title": "Roses", "preview": "…"}],
                steps=[{"tag_order": 1, "tool_usage_results": []}],
            ),
            response(f"{identity}-3", "human", "And old ones?", minute + 2, parent_response_id=f"{identity}-2"),
            response(f"{identity}-5", "human", "And the old ones?", minute + 1, parent_response_id=f"{identity}-2"),
        ],
        identity,
        title,
        leaf_response_id=f"{identity}-4",
    )


def conversation(
    responses: Sequence[dict[str, Any] | None], identity: str | None = "a", title: str | None = "Garden", **fields: Any
) -> dict[str, Any]:
    heading: dict[str, Any] = {
        "id": identity,
        "user_id": "84b6490a",
        "title": title,
        "create_time": "2025-07-01T10:00:00.123456Z",
        "modify_time": "2025-07-01T11:00:00.123456Z",
        "system_prompt_name": "",
        "temporary": False,
        "starred": False,
        "leaf_response_id": None,
    }
    wrapped = [{"response": each, "share_link": None} for each in responses]
    return {"conversation": heading | fields, "responses": wrapped}


def account(conversations: object, **fields: Any) -> dict[str, Any]:
    project = {
        "workspace_id": "w",
        "name": "Garden",
        "custom_personality": "Answer like a gardener.",
        "preferred_model": "",
    }
    made: dict[str, Any] = {
        "conversations": conversations,
        "projects": [project, {"workspace_id": "v", "name": "Empty", "custom_personality": ""}],
        "tasks": [{"name": "News", "prompt": "What is new?"}],
        "media_posts": [{"id": "1", "original_prompt": "A rose", "media_type": "image"}],
    }
    return made | fields


def written(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def sample() -> bytes:
    return written(account([talk("a", "Garden"), talk("b", "Pond", 10), talk("c", None, 20)]))

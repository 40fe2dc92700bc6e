"""Threads as extensions of browsers save them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

MEMBER = "perplexity-threads.json"


def saved(name: str, turns: Sequence[tuple[str, str]], **fields: Any) -> dict[str, Any]:
    """A thread with its turns in `conversations`."""
    return {
        "metadata": {"title": name, "url": f"https://www.perplexity.ai/search/{name}", "date": "2025-04-01T10:00:00Z"},
        "conversations": [
            {"query": query, "answer": answer, "sources": [{"url": "https://example.org"}]} for query, answer in turns
        ],
    } | fields


def captured(name: str, turns: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """A thread as the site's own interface hands it out."""
    return {
        "thread_metadata": {"title": name, "context_uuid": f"thread-{name}"},
        "entries": [
            {
                "uuid": f"{name}-{number}",
                "query_str": query,
                "updated_datetime": f"2025-04-01T10:{number:02}:00.000000",
                "blocks": [
                    {"intended_usage": "pro_search_steps", "plan_block": {}},
                    {"intended_usage": "ask_text", "markdown_block": {"answer": answer, "chunks": [answer]}},
                    {"intended_usage": "web_results", "web_result_block": {"web_results": []}},
                ],
                "related_queries": ["Not a question of mine?"],
            }
            for number, (query, answer) in enumerate(turns)
        ],
    }


def turns(name: str) -> list[tuple[str, str]]:
    return [(f"What is a {name}?", f"A {name} is green[1][2]."), ("Why?", "Because it is [so](https://e.org)[3].")]


def sample() -> bytes:
    return json.dumps([captured(name, turns(name)) for name in ("garden", "pond", "hedge")]).encode()

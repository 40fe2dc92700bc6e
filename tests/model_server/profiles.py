"""Answers to a request for a profile."""

from __future__ import annotations

from typing import Any

from tests.model_server.server import Answer


def writing(**sections: dict[str, Any]) -> Answer:
    """An answer with these fields; lines are given as (text, ids)."""
    empty: dict[str, Any] = {name: {} for name in ("soul", "identity", "user", "agents", "tools")}
    data = empty | {
        section: {
            field: [{"text": text, "evidence": list(ids)} for text, *ids in lines] for field, lines in fields.items()
        }
        for section, fields in sections.items()
    }
    return Answer(data=data)

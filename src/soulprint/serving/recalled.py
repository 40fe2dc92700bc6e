"""What recall found, on a terminal or as JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from soulprint.records.recalled import Recalled
from soulprint.serving.terminal import escape, out


def plain(found: Recalled) -> dict[str, Any]:
    """For programs. `message_ids` are those of the export, and a fact's or a line's are of its proofs."""
    return {
        "kind": found.kind,
        "score": found.score,
        "conversation_id": str(found.conversation_id) if found.conversation_id else None,
        "title": found.title,
        "date": found.date.isoformat() if found.date else None,
        "message_ids": [turn.provider_id for turn in found.said],
        "text": found.text,
        "why": found.why,
        "fact_id": found.fact_id,
        "status": found.status,
        "instead": found.instead,
    }


def show(best: Sequence[Recalled], *, as_json: bool) -> None:
    """Print them, best first."""
    if as_json:
        print(json.dumps([plain(found) for found in best], ensure_ascii=False, indent=2))
        return
    if not best:
        out.print("Nothing in your history bears on this.")
    for found in best:
        day = f"{found.date:%Y-%m-%d}" if found.date else "undated"
        told = " · ".join(filter(None, (day, found.kind, found.why)))
        out.print(f"[bold]{escape(found.title or 'Untitled conversation')}[/bold]  [dim]{escape(told)}[/dim]")
        out.print(escape(found.text.strip()))
        if found.instead:
            out.print(f"[dim]No longer so. Now: {escape(found.instead)}[/dim]")
        out.print()

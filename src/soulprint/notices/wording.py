"""What a notice says: short, plain, and nothing that anybody wrote."""

from __future__ import annotations

from typing import NamedTuple

from soulprint.records import Notice
from soulprint.sections import counted

READY_TITLE = "Your profile is ready"
READY = "Your profile is ready to read, and the assistant that knows you is ready to chat."
BUILDING = "Your memory is being built from all of your conversations. You will hear from us when it is done."

SMARTER_TITLE = "Your assistant just got smarter"
SMARTER = (
    "{conversations} read, {facts} found, each with your own words as its proof. "
    "The new profile is in use from your next message on."
)

ALERT_TITLE = "SoulPrint: a pass failed"
ALERT = "Run {run} failed in the stage {stage} ({error}). The profile is as it was."


class Text(NamedTuple):
    title: str
    body: str


TRIAL = Text("SoulPrint reaches you here", "You asked for this message to see that it arrives. Nothing else happened.")


def message(notice: Notice) -> Text:
    """Title and body of a notice to a person or an operator."""
    payload = notice.payload
    if notice.kind == "ready":
        return Text(READY_TITLE, f"{READY}\n\n{BUILDING}" if payload["memory_building"] else READY)
    if notice.kind == "smarter":
        counts = {"conversations": counted(payload["conversations"], "conversation")}
        return Text(SMARTER_TITLE, SMARTER.format(facts=counted(payload["facts"], "fact"), **counts))
    words = {name: value for name, value in payload.items() if isinstance(value, str)}
    counts = {name: value for name, value in payload.items() if not isinstance(value, str)}
    lines = [ALERT.format(run=notice.run_id, **words), "", *(f"{name}: {counts[name]}" for name in sorted(counts))]
    return Text(ALERT_TITLE, "\n".join(lines))

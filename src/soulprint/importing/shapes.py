"""What a format makes of an element of an export: a conversation, or why there is none."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime
from typing import TypeAlias

import msgspec

from soulprint.kinds import ClaimKind, Modality, Role

EARLIEST = datetime(2015, 1, 1, tzinfo=UTC).timestamp()
AHEAD = 2 * 24 * 3600
"""Seconds that a time may lie in the future, as zones and clocks differ. A later one is of a clock that was wrong."""
MILLISECONDS = 1e11
"""A number of seconds this large lies beyond the year 5000, so it counts milliseconds."""


DO_NOT_REMEMBER = "do_not_remember"
"""Why a conversation is skipped that the person wanted no memory of."""

LEFT_OUT = {
    "tool": ("call of a tool, or what it gave back", "calls of tools and what they gave back"),
    "reasoning": ("step of the model's own reasoning", "steps of the model's own reasoning"),
    "injected": (
        "piece of context or command put in by an app, not by you",
        "pieces of context and commands put in by an app, not by you",
    ),
    "system": ("system message or status note", "system messages and status notes"),
    "draft": ("other draft of an answer", "other drafts of an answer"),
    "media": ("picture, recording or other file without text", "pictures, recordings and other files without text"),
    "activity": ("activity that is no talk", "activities that are no talk"),
    "material": ("web page or source that was shown", "web pages and sources that were shown"),
    "files": ("other file that is no export", "other files that are no exports"),
}
"""What stands in exports beside the talk and is no one's words in it: name -> what one is, and what several are, after
their number."""


def count(counts: dict[str, int], name: str, number: int = 1) -> None:
    """Add `number` to the count of a name; what there is none of isn't named."""
    if number > 0:
        counts[name] = counts.get(name, 0) + number


class ParsedMessage(msgspec.Struct, gc=False):
    """One message with text, by the person or by the assistant."""

    provider_id: str
    role: Role
    text: str
    sent_at: datetime | None = None
    on_branch: bool = True
    modality: Modality = Modality.TEXT


class ParsedClaim(msgspec.Struct, frozen=True, gc=False):
    """What stands beside the talk about the person: custom instructions, a provider's memory, a project's prompt."""

    kind: ClaimKind
    text: str
    said_at: datetime | None = None


class ParsedConversation(msgspec.Struct, gc=False):
    """One conversation, its messages in the order of their positions."""

    provider_id: str | None
    """None where the export gives no id; one is then made from the content."""
    title: str | None = None
    project: str | None = None
    model: str | None = None
    started_at: datetime | None = None
    updated_at: datetime | None = None
    messages: list[ParsedMessage] = []
    is_inferred: bool = False
    """Whether the export knows no conversations, and this one was cut out of a stream at the pauses in it."""
    zone_known: bool = True
    """False where the export writes the time of an unknown zone's clock, which is then taken for UTC."""


class Found(msgspec.Struct, gc=False):
    """What one element holds. No conversation and no `reason`: an empty conversation, or none was promised."""

    conversation: ParsedConversation | None = None
    claims: list[ParsedClaim] = []
    unknown: dict[str, int] = {}
    """Content types that we don't know and so left out -> how often."""
    left_out: dict[str, int] = {}
    """Kinds that we know and left out on purpose (`LEFT_OUT` names them) -> how often."""
    counts: bool = True
    """Whether the element stands for a conversation, so that the reconciliation has to account for it."""


class Skipped(msgspec.Struct, gc=False):
    """An element that is well understood and left out on purpose."""

    reason: str
    where: str | None = None
    provider_id: str | None = None
    changed_at: datetime | None = None
    """Of what is not to be remembered: when it was last changed."""


class Failed(msgspec.Struct, gc=False):
    """An element that can't be read."""

    reason: str
    where: str | None = None


Outcome: TypeAlias = Found | Skipped | Failed


def moment(value: object) -> datetime | None:
    """The UTC time that an export means by `value`: seconds or milliseconds since 1970 as a number or as digits, or an
    ISO time. None for anything else, and for what lies before 2015 or in the future: no chat has been then."""
    if isinstance(value, str):
        return _written(value)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if value > MILLISECONDS:
        value = value / 1000 if value < MILLISECONDS * 1000 else math.inf
    return datetime.fromtimestamp(value, UTC) if EARLIEST <= value < time.time() + AHEAD else None


def _written(value: str) -> datetime | None:
    try:
        return moment(float(value))
    except ValueError:
        pass
    try:
        said = datetime.fromisoformat(value)
    except ValueError:
        return None
    try:
        return moment((said if said.tzinfo else said.replace(tzinfo=UTC)).timestamp())
    except OverflowError:
        return None

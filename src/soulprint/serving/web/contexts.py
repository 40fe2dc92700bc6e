"""What every page has, and what several pages show. Templates see nothing but such a context."""

from __future__ import annotations

from dataclasses import dataclass

from soulprint import sections
from soulprint.facts import FactView
from soulprint.records.sections import Line, Measure, Quote
from soulprint.sections import Version
from soulprint.serving.door import Door
from soulprint.serving.engines import Engine

NAME = 40
"""Characters; what is longer is a sentence about a name, not one."""

TOPIC = 48
SUGGESTED = 4

GENERAL = ["What have I been working on?", "How do I like to be answered?", "Where do I live?"]

NAVIGATION = (
    ("home", "/", "Import"),
    ("profile", "/profile", "Profile"),
    ("memory", "/memory", "Memory"),
    ("history", "/conversations", "History"),
    ("chat", "/chat", "Chat"),
)
"""Key, address and name of what stands at the head of every page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What every page has."""

    title: str
    here: str = ""
    """The entry of the navigation that this page belongs to."""
    style: str = ""
    """Its own style sheet, besides that of all pages."""
    engine: Engine | None = None
    """What works for the person on this page; None where nothing does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Error(Page):
    title: str = "Error"
    heading: str
    detail: str
    """What happened, what was kept, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login(Page):
    title: str = "Access token"
    detail: str
    action: str = "/login"
    """Where the form is sent."""


async def version(door: Door) -> Version | None:
    async with door.database.session(door.account) as session:
        return await sections.current(session)


def person(version: Version) -> str | None:
    """The person's name, where one is known and is no more than that."""
    names = [line.text.strip() for line in version.sections.user.name]
    return names[0] if names and len(names[0]) <= NAME else None


def suggestions(version: Version | None) -> list[str]:
    """Questions whose answers the history holds: topics of the profile, not whole sentences of the person's."""
    if version is None:
        return []
    projects = [line for part in version.memory if part.title == "Projects" for line in part.lines]
    named = [
        line.text.partition(":")[0].strip(" .")
        for line in [*version.sections.user.interests, *projects]
        if not is_quote(line)
    ]
    topics = dict.fromkeys(topic for topic in named if 0 < len(topic) <= TOPIC)
    return [f"What did I say about {topic}?" for topic in topics][:SUGGESTED] or GENERAL


def is_quote(known: Line | FactView) -> bool:
    """Whether the line or the fact is nothing but the person's own words."""
    text = (known.text if isinstance(known, Line) else known.statement).strip()
    return any(isinstance(source, Quote) and source.text.strip() == text for source in known.sources)


def said_in(line: Line) -> str:
    """The month of a line that rests on one dated source, as `Jun 2024`; empty for others."""
    [source, *others] = line.sources
    if others or isinstance(source, Measure) or not source.said_at:
        return ""
    return f"{source.said_at:%b %Y}"

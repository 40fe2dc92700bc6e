"""What each page shows: one documented dataclass a page, made from what the rooms give. Templates see nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from soulprint.llm.offers import Offer
from soulprint.pipeline import Status
from soulprint.records import Conversation, Message, Thread, ThreadMessage
from soulprint.records.sections import Line, Measure, MemoryPart, Quote, Section
from soulprint.sections import Version
from soulprint.serving.engines import Engine
from soulprint.settings import Settings

NAME = 40
"""Characters; what is longer is a sentence about a name, not one."""
TOPIC = 48
SUGGESTED = 4

INTRODUCTIONS = {
    "soul": "Who you are in the way you write.",
    "identity": "Who your assistant is to you.",
    "user": "The facts of your life.",
    "agents": "How an assistant should work for you.",
    "tools": "What you come to an assistant for.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What every page has."""

    title: str
    here: str = ""
    """The entry of the navigation that this page belongs to."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Home(Page):
    """Welcome and import; with a profile, an overview of it."""

    title: str = "Import"
    here: str = "home"
    status: Status
    engine: Engine
    upload_limit: int
    overview: Overview | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The profile at a glance."""

    name: str | None
    version: Version
    glimpses: list[tuple[str, str, Line]]
    """Section, field and its first line; one a section."""
    suggestions: list[str]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section as it is read."""

    name: str
    introduction: str
    known: list[tuple[str, bool, list[Line]]]
    """Field, whether it is a list, its lines."""
    unknown: list[str]
    """Fields without enough data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile(Page):
    """The person on one page."""

    title: str = "Profile"
    here: str = "profile"
    name: str | None
    version: Version
    author: Engine
    """What wrote this version; the engine set now may be another."""
    status: Status
    sections: list[SectionView]
    memory: list[MemoryPart]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoProfile(Page):
    title: str = "Profile"
    here: str = "profile"
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat(Page):
    """The chats, and one of them open."""

    title: str = "Chat"
    here: str = "chat"
    engine: Engine
    threads: Sequence[Thread]
    thread: Thread | None
    """None: a new one, made with the first question."""
    messages: Sequence[ThreadMessage]
    suggestions: list[str]
    draft: str
    """What stands in the composer at first."""
    ready: bool
    """Whether there is a profile to talk about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Talk(Page):
    """An imported conversation, or the part of it that was asked for."""

    title: str
    here: str = "profile"
    conversation: Conversation
    messages: Sequence[Message]
    window: range
    """Which messages of the conversation these are."""
    total: int
    target: int | None
    """The message that was asked for."""
    span: tuple[int, int] | None
    """The characters to mark in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsPage(Page):
    """What is set, and what could be."""

    title: str = "Settings"
    here: str = "settings"
    roles: dict[str, Engine]
    offers: list[Offer]
    settings: Settings
    database: str
    """Where the data is kept."""


def section_views(version: Version) -> list[SectionView]:
    return [_section_view(name, section) for name, section in version.sections.each()]


def _section_view(name: str, section: Section[Line]) -> SectionView:
    fields = list(section.fields())
    return SectionView(
        name=name,
        introduction=INTRODUCTIONS[name],
        known=[field for field in fields if field[2]],
        unknown=[field for field, _, lines in fields if not lines],
    )


def overview(version: Version) -> Overview:
    return Overview(person(version), version, list(_glimpses(version)), suggestions(version))


def person(version: Version) -> str | None:
    """The person's name, where one is known and is no more than that."""
    names = [line.text.strip() for line in version.sections.user.name]
    return names[0] if names and len(names[0]) <= NAME else None


def _glimpses(version: Version) -> Iterator[tuple[str, str, Line]]:
    for name, section in version.sections.each():
        for field, _, lines in section.fields():
            if lines and field != "name":
                yield name, field, lines[0]
                break


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


def is_quote(line: Line) -> bool:
    """Whether the line is nothing but the person's own words."""
    return any(isinstance(source, Quote) and source.text.strip() == line.text.strip() for source in line.sources)


def said_in(line: Line) -> str:
    """The month of a line that rests on one dated source, as `Jun 2024`; empty for others."""
    [source, *others] = line.sources
    if others or isinstance(source, Measure) or not source.said_at:
        return ""
    return f"{source.said_at:%b %Y}"


GENERAL = ["What have I been working on?", "How do I like to be answered?", "Where do I live?"]

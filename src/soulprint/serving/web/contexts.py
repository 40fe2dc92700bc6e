"""What each page shows: one documented dataclass a page, made from what the rooms give. Templates see nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from urllib.parse import urlencode

from soulprint import chat
from soulprint.facts import FactView
from soulprint.kinds import ClaimKind
from soulprint.llm.offers import Offer
from soulprint.pipeline import Status
from soulprint.records import Claim, Conversation, Message, Thread
from soulprint.records.sections import Line, Measure, MemoryPart, Quote, Section
from soulprint.sections import Change, Version
from soulprint.serving.engines import Engine
from soulprint.serving.web.progress import Changed, Progress
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
    progress: Progress
    upload_limit: int
    upload_days: int
    members: dict[str, list[str]]
    """Which members of an archive are read, as patterns."""
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


@dataclass(frozen=True, slots=True)
class Known:
    """Facts as they are now, and what the person made of them."""

    facts: Mapping[int, FactView]
    """By their ids; one that was forgotten is missing."""
    later: Mapping[int, tuple[int, str]]
    """Of those that no longer hold, by their ids, what took their place: its id and its statement."""
    undone: frozenset[int]
    """The ids of changes that were taken back."""


@dataclass(frozen=True, slots=True)
class Made:
    """A change that the person made, and can take back."""

    id: int
    kind: str
    statement: str
    """Of the fact as it is now."""
    was: str | None
    """What a correction took the place of."""
    made_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts(Page):
    """What is known, with its proof, fifty at a time."""

    title: str = "Facts"
    here: str = "facts"
    status: Status
    facts: Sequence[FactView]
    known: Known
    """The same facts, by their ids."""
    made: Sequence[Made]
    """What the person changed lately, newest first."""
    categories: Sequence[str]
    category: str | None
    """The one that is shown; None for all."""
    statuses: Sequence[str]
    shown: str | None
    """The status that is shown; None for all."""
    after: int | None
    """The last fact of the page before."""
    next: str | None
    """The address of the next page."""

    @property
    def filtered(self) -> bool:
        return bool(self.category or self.shown)

    @property
    def passing(self) -> bool:
        """Whether a full pass is at work."""
        return bool(self.status.full_pass and self.status.full_pass.status == "processing")

    @property
    def first(self) -> str:
        """The address of the first page."""
        return facts_address(self.category, self.shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff(Page):
    """What a version changed over an earlier one."""

    title: str = "What changed"
    here: str = "profile"
    versions: Sequence[Version]
    older: Version | None
    """None, and so is `newer`, while there are not two versions."""
    newer: Version | None
    changed: Changed | None
    groups: list[tuple[str, Changed, list[tuple[str, list[Change]]]]]
    """Section, what was changed in it, and its fields, each with its changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat(Page):
    """The chats, and one of them open."""

    title: str = "Chat"
    here: str = "chat"
    engine: Engine
    threads: Sequence[chat.Found]
    thread: Thread | None
    """None: a new one, made with the first question."""
    more: bool
    """Whether there are chats used less lately than `threads`."""
    messages: Sequence[chat.Message]
    known: Known
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
class Claims(Page):
    """What is said about the person beside the talk."""

    title: str = "What providers say about you"
    here: str = "profile"
    providers: list[tuple[str, list[tuple[ClaimKind, list[Claim]]]]]
    """Provider, and by kind its claims, the newest first."""


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


def facts_address(category: str | None, shown: str | None, after: int | None = None) -> str:
    """The address of a page of facts."""
    asked = {"category": category, "status": shown, "after": after}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/facts?{query}" if query else "/facts"


def by_section(changes: Sequence[Change]) -> list[tuple[str, Changed, list[tuple[str, list[Change]]]]]:
    """`changes`, which come in the order they are read, by section and field."""
    grouped = [(section, list(found)) for section, found in groupby(changes, lambda change: change.section)]
    return [(section, Changed.of(found), _by_field(found)) for section, found in grouped]


def _by_field(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    return [(field, list(found)) for field, found in groupby(changes, lambda change: change.field)]


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


GENERAL = ["What have I been working on?", "How do I like to be answered?", "Where do I live?"]

"""The shape of a profile: five sections and MEMORY, made of lines that each say what they rest on.

The sections are generic in their line, so that a draft (a line with the evidence a model named) and the finished thing
(a line with checked sources) share one definition, the field descriptions included.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from soulprint.kinds import ClaimKind, Role


class Quote(BaseModel):
    """A span of a message: in a profile always one that the person wrote."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["quote"] = "quote"
    message_id: int
    conversation_id: uuid.UUID
    title: str | None
    said_at: datetime | None
    role: Role = Role.USER
    start: int
    """Code points into the message's text."""
    end: int
    text: str
    """Exactly the message's text from start to end."""
    fact_id: int | None = None
    """The fact that this proves, where the line rests on one."""


class Measure(BaseModel):
    """A figure counted over the person's messages."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["measure"] = "measure"
    name: str
    """What was counted, for a person to read: `median words in a message`."""
    value: str
    over: int
    """How many messages it was counted over."""


class ClaimText(BaseModel):
    """What stood beside the conversations: custom instructions, a provider's memory."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["claim"] = "claim"
    claim_id: int
    claim_kind: ClaimKind
    said_at: datetime | None
    text: str


Source = Annotated[Quote | Measure | ClaimText, Field(discriminator="kind")]


class Line(BaseModel):
    """One sentence of a profile and what it rests on."""

    model_config = ConfigDict(frozen=True)

    text: str
    sources: tuple[Source, ...] = ()

    def facts(self) -> set[int]:
        """The facts that it rests on."""
        return {source.fact_id for source in self.sources if isinstance(source, Quote) and source.fact_id is not None}


L = TypeVar("L", bound=BaseModel)
Prose = Annotated[list[L], "prose"]
"""One to three sentences, read as a paragraph."""
Items = Annotated[list[L], "items"]
"""A list, an entry a line."""


class Section(BaseModel, Generic[L]):
    """A field without lines is unknown: it is left out, and shown as "not enough data"."""

    def fields(self) -> Iterator[tuple[str, bool, list[L]]]:
        """Name, whether it is a list, and the lines of every field, in order."""
        for name, info in type(self).model_fields.items():
            yield name, "items" in info.metadata, getattr(self, name)


class Soul(Section[L], Generic[L]):
    """Who the person is in the way they write."""

    communication_style: Prose[L] = Field(
        default=[], description="How they write to an assistant: length, directness, rhythm, languages."
    )
    personality_traits: Items[L] = Field(default=[], description="Three to seven traits that show in what they said.")
    tone_preferences: Prose[L] = Field(default=[], description="The tone they ask for or answer well to.")
    boundaries: Prose[L] = Field(default=[], description="What they said they do not want, or do not discuss.")
    humor_style: Prose[L] = Field(default=[], description="Their humour, where it shows.")
    formality_level: Prose[L] = Field(default=[], description="How formal they are.")
    emotional_patterns: Prose[L] = Field(
        default=[], description="What lifts or weighs on them, and how they speak of it."
    )


class Identity(Section[L], Generic[L]):
    """Who the assistant is to this person."""

    ai_name: Prose[L] = Field(
        default=[],
        description="A name for their assistant, one word. Never Assistant, Helper, AI, Bot, Buddy or Soul.",
    )
    archetype: Prose[L] = Field(default=[], description="Two to four words.")
    vibe: Prose[L] = Field(default=[], description="One sentence.")
    emoji_style: Prose[L] = Field(
        default=[], description="How many emoji the assistant uses, following the person's own use."
    )
    signature_greeting: Prose[L] = Field(
        default=[], description="How the assistant says hello, in the person's language and register."
    )


class User(Section[L], Generic[L]):
    """Facts of the person's life."""

    name: Prose[L] = Field(default=[], description="Their name.")
    location: Prose[L] = Field(default=[], description="Where they live now; with dates, where they lived before.")
    occupation: Prose[L] = Field(default=[], description="What they do now; with dates, what they did before.")
    relationships: Items[L] = Field(default=[], description="People and animals in their life.")
    interests: Items[L] = Field(default=[], description="What they spend time on.")
    life_context: Prose[L] = Field(default=[], description="What is going on in their life.")
    preferred_address: Prose[L] = Field(default=[], description="How they want to be addressed.")


class Agents(Section[L], Generic[L]):
    """How an assistant should work for this person."""

    response_style: Prose[L] = Field(default=[], description="The shape of answer that serves them.")
    behavioral_rules: Items[L] = Field(
        default=[], description="Three to seven rules, each resting on what they asked for."
    )
    context_adaptation: Prose[L] = Field(
        default=[], description="What changes with the subject, the language or the hour."
    )
    memory_directives: Prose[L] = Field(default=[], description="What to keep in mind between conversations.")
    do_not: Items[L] = Field(default=[], description="What they asked assistants not to do.")


class Tools(Section[L], Generic[L]):
    """What the person uses an assistant for."""

    likely_usage: Items[L] = Field(default=[], description="What they come for, most frequent first.")
    capabilities_emphasis: Items[L] = Field(default=[], description="The abilities that matter to them.")
    output_preferences: Prose[L] = Field(default=[], description="Formats they ask for.")
    depth_preference: Prose[L] = Field(default=[], description="How deep they want answers to go.")


class Sections(BaseModel, Generic[L]):
    """The five sections of a profile."""

    soul: Soul[L]
    identity: Identity[L]
    user: User[L]
    agents: Agents[L]
    tools: Tools[L]

    def each(self) -> Iterator[tuple[str, Section[L]]]:
        """Name and section, in the order they are read."""
        for name in type(self).model_fields:
            yield name, getattr(self, name)


class MemoryPart(BaseModel):
    """One heading of MEMORY: Preferences, Projects, Important Dates, Beliefs & Values, Decisions & Context."""

    title: str
    lines: list[Line]


class Draft(BaseModel):
    """What a pass hands over to be published as a version."""

    sections: Sections[Line]
    memory: list[MemoryPart]
    model: str
    """The model that wrote it, or `local`."""
    note: str | None = None
    """What the reader should know of how it was made."""
    prompts: dict[str, str] = {}
    conversations_read: int
    conversations_total: int
    cost_usd: float = 0.0


def plain(section: Section[Line]) -> dict[str, Any]:
    """The section as other systems read it: a string per prose field, a list per list field, unknown ones absent."""
    return {
        name: [line.text for line in lines] if is_list else " ".join(line.text for line in lines)
        for name, is_list, lines in section.fields()
        if lines
    }

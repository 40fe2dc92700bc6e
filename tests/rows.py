"""Rows for tests: plain functions with defaults."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.records import Claim, ClaimKind, Conversation, Message, Modality, Role
from soulprint.records.sections import (
    Agents,
    Draft,
    Identity,
    Line,
    Measure,
    MemoryPart,
    Quote,
    Sections,
    Soul,
    Tools,
    User,
)

NOON = datetime(2024, 5, 12, 12, tzinfo=UTC)


async def add_conversation(
    session: AsyncSession,
    account: uuid.UUID,
    said: Sequence[str] = ("Hello",),
    *,
    answered: Sequence[str] = (),
    title: str | None = "A talk",
    started_at: datetime | None = NOON,
    provider: str = "chatgpt",
    modality: Modality = Modality.TEXT,
) -> tuple[Conversation, list[Message]]:
    """A conversation in which the person says `said`, each answered by the text at the same place of `answered`."""
    turns: list[tuple[Role, str]] = []
    for place, text in enumerate(said):
        turns.append((Role.USER, text))
        turns += [(Role.ASSISTANT, answered[place])] if place < len(answered) else []
    conversation = Conversation(
        id=uuid.uuid4(),
        user_id=account,
        provider=provider,
        provider_id=uuid.uuid4().hex,
        title=title,
        started_at=started_at,
        updated_at=started_at,
        message_count=len(turns),
        content_hash=uuid.uuid4().bytes,
    )
    messages = [
        Message(
            user_id=account,
            conversation_id=conversation.id,
            provider_id=f"m{place}",
            position=place,
            role=role,
            text=text,
            sent_at=started_at + timedelta(minutes=place) if started_at else None,
            on_branch=True,
            modality=modality,
        )
        for place, (role, text) in enumerate(turns)
    ]
    session.add(conversation)
    await session.flush()
    session.add_all(messages)
    await session.flush()
    return conversation, messages


async def add_claim(
    session: AsyncSession,
    account: uuid.UUID,
    text: str,
    *,
    kind: ClaimKind = ClaimKind.ABOUT_ME,
    said_at: datetime | None = NOON,
) -> Claim:
    claim = Claim(
        user_id=account,
        provider="chatgpt",
        kind=kind,
        text=text,
        content_hash=uuid.uuid4().bytes,
        said_at=said_at,
    )
    session.add(claim)
    await session.flush()
    return claim


def make_quote(text: str = "I moved to Lyon.", *, message_id: int = 1, title: str | None = "Boxes") -> Quote:
    return Quote(
        message_id=message_id,
        conversation_id=uuid.UUID(int=7),
        title=title,
        said_at=NOON,
        start=0,
        end=len(text),
        text=text,
    )


def make_line(text: str = "I moved to Lyon.") -> Line:
    return Line(text=text, sources=(make_quote(text),))


def make_draft(*, location: str = "I moved to Lyon.", model: str = "local", note: str | None = None) -> Draft:
    """A small profile with prose, a list, an unknown section and a memory."""
    style = Measure(name="median words in a message", value="11", over=40)
    return Draft(
        sections=Sections(
            soul=Soul(communication_style=[Line(text="Writes short messages.", sources=(style,))]),
            identity=Identity(ai_name=[Line(text="Juniper")]),
            user=User(location=[make_line(location)], interests=[make_line("I bake."), make_line("I run.")]),
            agents=Agents(),
            tools=Tools(),
        ),
        memory=[MemoryPart(title="Preferences", lines=[make_line("I prefer metric units.")])],
        model=model,
        note=note,
        conversations_read=3,
        conversations_total=4,
    )

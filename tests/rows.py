"""Rows for tests: plain functions with defaults."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.database import Database
from soulprint.facts.shapes import FactView
from soulprint.kinds import ClaimKind, Modality, Role
from soulprint.records import Account, Claim, Conversation, Fact, FactSource, Message, Run, VersionKind
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
from soulprint.sections import Version

NOON = datetime(2024, 5, 12, 12, tzinfo=UTC)


async def add_account(database: Database) -> uuid.UUID:
    """A new person without any data."""
    account = uuid.uuid4()
    async with database.session() as session:
        await session.execute(insert(Account).values(id=account))
    return account


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


def make_fact(
    number: int = 1, statement: str = "Lives in Lyon", quote: str = "I moved to Lyon.", **values: Any
) -> FactView:
    """A fact with one quote, as it is read. `values` are other columns."""
    source = make_quote(quote, message_id=number).model_copy(update={"fact_id": number})
    columns: dict[str, Any] = {
        "category": "decisions",
        "about": "home",
        "language": "en",
        "confidence": 0.8,
        "status": "active",
        "origin": "import",
        "said_first": NOON,
        "said_last": NOON,
        "true_from": None,
        "true_to": None,
        "superseded_by": None,
        "sources": [source],
    }
    return FactView(id=number, statement=statement, **(columns | values))


async def add_fact(session: AsyncSession, messages: Sequence[Message], statement: str, **values: Any) -> Fact:
    """A fact that each of these messages proves as a whole. `values` are other columns."""
    first = messages[0]
    said = [message.sent_at for message in messages if message.sent_at]
    columns = {"category": "decisions", "about": "home", "language": "en", "confidence": 0.8} | values
    fact = Fact(
        user_id=first.user_id,
        statement=statement,
        **({"said_first": min(said, default=None), "said_last": max(said, default=None)} | columns),
    )
    session.add(fact)
    await session.flush()
    session.add_all(
        FactSource(
            user_id=message.user_id,
            fact_id=fact.id,
            message_id=message.id,
            conversation_id=message.conversation_id,
            span_start=0,
            span_end=len(message.text),
            quote=message.text,
            category=fact.category,
            about=fact.about,
            statement=statement,
            language=fact.language,
            said_at=message.sent_at,
            engine="test",
            key=uuid.uuid4().bytes,
        )
        for message in messages
    )
    await session.flush()
    return fact


async def add_run(session: AsyncSession, account: uuid.UUID, **values: Any) -> uuid.UUID:
    """The id of a full pass that is running."""
    run = Run(id=uuid.uuid4(), user_id=account, **({"kind": "full", "model": "test", "status": "processing"} | values))
    session.add(run)
    await session.flush()
    return run.id


async def add_finding(
    session: AsyncSession,
    account: uuid.UUID,
    statement: str = "Lives in Lyon",
    about: str = "home",
    *,
    category: str = "decisions",
    quote: str | None = None,
    said_at: datetime | None = NOON,
    true_from: date | None = None,
    true_to: date | None = None,
    language: str | None = "en",
    engine: str = "openai:test 0123",
) -> FactSource:
    """A finding that no fact has yet: `quote` is all of a message in a conversation of its own."""
    said = quote or f"I say: {statement}."
    conversation, [message] = await add_conversation(session, account, [said], started_at=said_at)
    finding = FactSource(
        user_id=account,
        message_id=message.id,
        conversation_id=conversation.id,
        span_start=0,
        span_end=len(said),
        quote=said,
        category=category,
        about=about,
        statement=statement,
        language=language,
        said_at=said_at,
        true_from=true_from,
        true_to=true_to,
        engine=engine,
        key=uuid.uuid4().bytes,
    )
    session.add(finding)
    await session.flush()
    return finding


def make_version(draft: Draft | None = None, **values: Any) -> Version:
    """A version as it is read. `values` are other columns."""
    made = draft or make_draft()
    columns: dict[str, Any] = {
        "number": 1,
        "kind": VersionKind.FULL,
        "model": made.model,
        "note": made.note,
        "conversations_read": made.conversations_read,
        "conversations_total": made.conversations_total,
        "cost_usd": Decimal(0),
        "created_at": NOON,
    }
    return Version(sections=made.sections, memory=made.memory, **(columns | values))

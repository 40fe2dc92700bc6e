"""All SQL by which the person changes facts."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint.facts.shapes import folded
from soulprint.kinds import Modality, Role
from soulprint.measuring.words import STOP
from soulprint.records import Conversation, Fact, FactChange, FactSource, FactStatus, Message

CATEGORY = "decisions"
"""Holds the circumstances of a life."""

PROVIDER, TOLD = "soulprint", "told"
TITLE = "What you told SoulPrint"

ENGINE = "person"


async def add(
    session: AsyncSession, account: uuid.UUID, statement: str, category: str, about: str | None, language: str | None
) -> int:
    """A fact that the person states, with their statement as its proof; gives its id."""
    now = datetime.now(UTC)
    message = await say(session, account, statement, now)
    fact = Fact(
        user_id=account,
        category=category,
        about=about or _subject(statement),
        statement=statement,
        language=language,
        confidence=1.0,
        status=FactStatus.PINNED,
        origin="person",
        said_first=now,
        said_last=now,
    )
    session.add(fact)
    await session.flush()
    session.add(
        FactSource(
            user_id=account,
            fact_id=fact.id,
            message_id=message.id,
            conversation_id=message.conversation_id,
            span_start=0,
            span_end=len(statement),
            quote=statement,
            category=category,
            about=fact.about,
            statement=statement,
            language=language,
            said_at=now,
            engine=ENGINE,
            key=hashlib.sha256(f"{message.id} {folded(statement)}".encode()).digest(),
        )
    )
    await session.flush()
    return fact.id


async def say(session: AsyncSession, account: uuid.UUID, text: str, now: datetime) -> Message:
    """What the person states as a message of the conversation that holds all they told. It is told as an order, and so
    no pass reads it for facts."""
    conversation = uuid.uuid5(account, f"{PROVIDER}:{TOLD}")
    values = {"user_id": account, "provider": PROVIDER, "provider_id": TOLD, "origin": "chat", "title": TITLE}
    empty = {"message_count": 0, "started_at": now, "content_hash": b""}
    await session.execute(insert(Conversation).values(id=conversation, **values, **empty).on_conflict_do_nothing())
    held = await session.get_one(Conversation, conversation, with_for_update=True)
    position = await session.scalar(
        select(func.coalesce(func.max(Message.position) + 1, 0)).where(Message.conversation_id == conversation)
    )
    message = Message(
        user_id=account,
        conversation_id=conversation,
        provider_id=uuid.uuid4().hex,
        position=position,
        role=Role.USER,
        text=text,
        sent_at=now,
        on_branch=True,
        modality=Modality.COMMAND,
    )
    session.add(message)
    held.updated_at = now
    await session.flush()
    await _recount(session, held)
    return message


async def _recount(session: AsyncSession, held: Conversation) -> None:
    """Let the conversation, which is locked, tell what it holds now; without messages it goes. Texts don't change, so
    the ids of messages tell one content from another."""
    told = func.string_agg(Message.provider_id, aggregate_order_by(literal(" "), Message.position))
    counted = select(
        *(func.count(), func.sum(func.char_length(Message.text)), told),
        *(func.min(Message.sent_at), func.max(Message.sent_at)),
    ).where(Message.conversation_id == held.id)
    count, characters, ids, first, last = (await session.execute(counted)).one()
    if not count:
        await session.delete(held)
        return
    held.message_count = held.user_messages = count
    held.user_characters = characters
    held.first_message_at, held.last_message_at = first, last
    held.content_hash = hashlib.sha256(ids.encode()).digest()
    await session.flush()


def _subject(statement: str) -> str:
    words = [word for word in folded(statement).split() if word not in STOP]
    return " ".join(words[:2]) or folded(statement).split()[0]


async def set_status(session: AsyncSession, fact_id: int | None, status: str | None) -> str | None:
    """Give a fact a status; gives the one before, None where there is no such fact."""
    fact = await session.get(Fact, fact_id, with_for_update=True) if fact_id else None
    if fact is None or status is None:
        return None
    former, fact.status = fact.status, status
    await session.flush()
    return former


async def note(
    session: AsyncSession,
    account: uuid.UUID,
    kind: str,
    fact_id: int,
    former_status: str | None,
    former_id: int | None,
) -> int:
    """Write a change down; gives its id."""
    change = FactChange(user_id=account, kind=kind, fact_id=fact_id, former_status=former_status, former_id=former_id)
    session.add(change)
    await session.flush()
    return change.id


async def change(session: AsyncSession, change_id: int) -> FactChange | None:
    return await session.get(FactChange, change_id, with_for_update=True)


async def is_changed_since(session: AsyncSession, change: FactChange) -> bool:
    """Whether a later change, that stands, is of the same facts."""
    touched = [each for each in (change.fact_id, change.former_id) if each is not None]
    later = select(FactChange.id).where(
        FactChange.id > change.id,
        FactChange.undone_at.is_(None),
        or_(FactChange.fact_id.in_(touched), FactChange.former_id.in_(touched)),
    )
    return bool(await session.scalar(select(later.exists())))


async def forget(session: AsyncSession, fact_id: int | None) -> None:
    """Delete a fact that the person stated, and the message that states it."""
    proofs = select(FactSource.message_id).where(FactSource.fact_id == fact_id, FactSource.engine == ENGINE)
    await unsay(session, [*await session.scalars(proofs)])
    await session.execute(delete(Fact).where(Fact.id == fact_id))


async def unsay(session: AsyncSession, messages: Collection[int]) -> None:
    """Delete messages of what the person told."""
    gone = delete(Message).where(Message.id.in_([*messages])).returning(Message.conversation_id)
    for conversation in {*await session.scalars(gone)}:
        await _recount(session, await session.get_one(Conversation, conversation, with_for_update=True))


async def note_undone(session: AsyncSession, change: FactChange) -> None:
    undone = update(FactChange).where(FactChange.id == change.id)
    await session.execute(undone.values(undone_at=func.now()))


async def note_version(session: AsyncSession, change_id: int, version: int | None) -> None:
    """Note which profile version was in use before the change made another one."""
    await session.execute(update(FactChange).where(FactChange.id == change_id).values(version=version))


async def changes(session: AsyncSession, most: int) -> Sequence[FactChange]:
    """The newest first."""
    return (await session.scalars(select(FactChange).order_by(FactChange.id.desc()).limit(most))).all()

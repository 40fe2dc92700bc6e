"""All SQL of the room: threads, their messages, which branch where a question is edited or an answer asked for
again, and the conversations that finished threads become."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, case, delete, exists, func, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from soulprint import characters, errors
from soulprint.importing.shapes import ParsedMessage
from soulprint.kinds import Role
from soulprint.records import Conversation, Thread, ThreadMessage
from soulprint.records import Message as RecordedMessage
from soulprint.records.recalled import Recalled

PROVIDER = "soulprint"
"""Of the conversations that our own threads become."""

UNTITLED = "New chat"
TITLE = 60
"""How many characters of the first question a thread is named by."""

TERMS = 8
"""How many words of a search are looked for."""

BEFORE = 40
AFTER = 120
"""How many characters a snippet shows before and after the place where something was found."""


@dataclass(frozen=True, slots=True)
class Found:
    """A thread in a list."""

    id: uuid.UUID
    title: str
    created_at: datetime
    updated_at: datetime
    snippet: str | None = None
    """What a search found it by, where that isn't its title."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a branch as it is read."""

    id: int
    parent_id: int | None
    versions: tuple[int, ...]
    """The message and those that stand in its place on other branches, oldest first."""
    role: Role
    text: str
    sources: list[Recalled]
    changes: list[int]
    model: str | None
    version: int | None
    error: str | None
    is_running: bool
    """Whether it is being written; `text` is then what came so far, or a little less."""
    created_at: datetime


# Threads


async def threads(
    session: AsyncSession, q: str = "", *, limit: int = 100, before: uuid.UUID | None = None
) -> list[Found]:
    """The threads that hold every word of `q` anywhere, in title or messages, or all of them; those used last come
    first. At most `limit`, those that follow the thread `before`."""
    terms = _terms(q)
    query = select(Thread).where(*(_holds(term) for term in terms))
    if before is not None:
        last = select(Thread.updated_at, Thread.id).where(Thread.id == before).scalar_subquery()
        query = query.where(tuple_(Thread.updated_at, Thread.id) < last)
    query = query.order_by(Thread.updated_at.desc(), Thread.id.desc()).limit(limit)
    found = (await session.scalars(query)).all()
    snippets = await _snippets(session, [row.id for row in found], terms) if terms else {}
    return [Found(row.id, row.title, row.created_at, row.updated_at, snippets.get(row.id)) for row in found]


async def thread(session: AsyncSession, thread_id: uuid.UUID) -> Thread:
    """Raises `errors.NotFound`."""
    found = await session.scalar(select(Thread).where(Thread.id == thread_id))
    if found is None:
        raise errors.NotFound(what="chat")
    return found


async def start(session: AsyncSession, account: uuid.UUID) -> Thread:
    """A new, empty thread."""
    thread = Thread(id=uuid.uuid4(), user_id=account, title=UNTITLED)
    session.add(thread)
    await session.flush()
    await session.refresh(thread)
    return thread


async def entitle(session: AsyncSession, thread_id: uuid.UUID, title: str) -> Thread:
    """Give a thread a title; one of blanks alone leaves it as it is. Raises `errors.NotFound`."""
    found = await thread(session, thread_id)
    found.title = _line(title) or found.title
    await session.flush()
    return found


async def delete_thread(session: AsyncSession, thread_id: uuid.UUID) -> None:
    await session.execute(delete(Thread).where(Thread.id == thread_id))


# Messages


async def messages(session: AsyncSession, thread_id: uuid.UUID) -> list[Message]:
    """The branch on show, oldest first."""
    versions = await _versions(session, thread_id)
    leaf = await session.scalar(select(Thread.leaf_id).where(Thread.id == thread_id))
    return [_message(row, versions[row.parent_id, row.role]) for row in await branch(session, leaf)]


async def branch(session: AsyncSession, leaf: int | None) -> Sequence[ThreadMessage]:
    """All messages that lead to this one, and it itself, oldest first."""
    up = select(ThreadMessage.id, ThreadMessage.parent_id).where(ThreadMessage.id == leaf).cte(recursive=True)
    above = select(ThreadMessage.id, ThreadMessage.parent_id).join(up, ThreadMessage.id == up.c.parent_id)
    way = up.union_all(above)
    query = select(ThreadMessage).join(way, ThreadMessage.id == way.c.id).order_by(ThreadMessage.id)
    return (await session.scalars(query.execution_options(populate_existing=True))).all()


async def message(
    session: AsyncSession, thread_id: uuid.UUID, message_id: int, role: Role | None = None
) -> ThreadMessage:
    """A message of the thread, by the person or the assistant where that is asked for. Raises `errors.NotFound`."""
    query = select(ThreadMessage).where(ThreadMessage.id == message_id, ThreadMessage.thread_id == thread_id)
    found = await session.scalar(query.execution_options(populate_existing=True))
    if found is None or role not in {None, found.role}:
        raise errors.NotFound(what="message")
    return found


async def show(session: AsyncSession, thread_id: uuid.UUID, message_id: int) -> None:
    """Put the branch on show that goes through this message to the newest one below it. Raises `errors.NotFound`."""
    await message(session, thread_id, message_id)
    down = select(ThreadMessage.id).where(ThreadMessage.id == message_id).cte(recursive=True)
    below = down.union_all(select(ThreadMessage.id).join(down, ThreadMessage.parent_id == down.c.id))
    leaf = select(func.max(below.c.id)).scalar_subquery()  # what follows a message has a higher id
    await _touch(session, thread_id, leaf_id=leaf)


async def add_question(session: AsyncSession, thread: Thread, parent_id: int | None, text: str) -> int:
    """Add a question after `parent_id`; the thread takes its name from the first one. Gives the message's id."""
    values = {"role": Role.USER, "text": text, "parent_id": parent_id}
    added = await _add(session, thread, **values)
    if thread.title == UNTITLED and (line := _line(text)):
        await session.execute(update(Thread).where(Thread.id == thread.id).values(title=line))
    return added


async def add_answer(session: AsyncSession, thread: Thread, question_id: int) -> int:
    """Add an answer that is still to be written and put it on show. Gives the message's id."""
    values = {"role": Role.ASSISTANT, "text": "", "parent_id": question_id, "finished_at": None}
    added = await _add(session, thread, **values)
    await _touch(session, thread.id, leaf_id=added)
    return added


# Answers that are being written


async def keep(session: AsyncSession, answer_id: int, **values: Any) -> bool:
    """Write down what came of an answer so far; gives whether it is still to be written on: it was neither stopped nor
    deleted."""
    if values:
        await session.execute(update(ThreadMessage).where(ThreadMessage.id == answer_id).values(**values))
    unfinished = exists().where(ThreadMessage.id == answer_id, ThreadMessage.finished_at.is_(None))
    return bool(await session.scalar(select(unfinished)))


async def finish(session: AsyncSession, answer_id: int, error: str | None, **values: Any) -> None:
    """Write down all that came of an answer, and why it broke off where it did. One that was stopped by somebody else
    stays so."""
    ended = {
        "error": func.coalesce(ThreadMessage.error, error),
        "finished_at": func.coalesce(ThreadMessage.finished_at, func.now()),
    }
    changed = update(ThreadMessage).where(ThreadMessage.id == answer_id).values(**values, **ended)
    thread_id = await session.scalar(changed.returning(ThreadMessage.thread_id))
    if thread_id is not None:
        await _touch(session, thread_id)


async def break_off(session: AsyncSession, thread_id: uuid.UUID, reason: str, *, answer_id: int | None = None) -> None:
    """End all that is unfinished in a thread, or one answer of it, as it stands."""
    unfinished = update(ThreadMessage).where(ThreadMessage.thread_id == thread_id, ThreadMessage.finished_at.is_(None))
    if answer_id is not None:
        unfinished = unfinished.where(ThreadMessage.id == answer_id)
    await session.execute(unfinished.values(error=reason, finished_at=func.now()))


async def is_unfinished(session: AsyncSession, thread_id: uuid.UUID) -> bool:
    """Whether an answer of the thread is being written, or was when its process died."""
    unfinished = exists().where(ThreadMessage.thread_id == thread_id, ThreadMessage.finished_at.is_(None))
    return bool(await session.scalar(select(unfinished)))


async def unfinished(session: AsyncSession) -> Sequence[uuid.UUID]:
    """The threads in which an answer is being written, or was when its process died."""
    query = select(ThreadMessage.thread_id).where(ThreadMessage.finished_at.is_(None)).distinct()
    return (await session.scalars(query)).all()


# Finished threads


class Written(NamedTuple):
    """A thread as a conversation of the history."""

    id: uuid.UUID
    messages: Sequence[ParsedMessage]
    content_hash: bytes
    model: str | None


FINISHED = text("""
select threads.id from threads
left join conversations on conversations.user_id = threads.user_id and provider = :provider
    and provider_id = threads.id::text
where leaf_id is not null
    and conversations.updated_at is distinct from threads.updated_at
    and threads.updated_at < greatest(now() - make_interval(mins => :idle), (select max(created_at) from threads))
    and not exists (select from thread_messages where thread_id = threads.id and finished_at is null)
order by threads.updated_at desc
limit :most
""")


async def finished(session: AsyncSession, idle: int, most: int) -> Sequence[uuid.UUID]:
    """The threads in which nothing was said for `idle` minutes, or since another was begun, and whose conversations are
    not up to date; at most `most`, those used last first."""
    return (await session.scalars(FINISHED, {"provider": PROVIDER, "idle": idle, "most": most})).all()


async def held(session: AsyncSession, thread_id: uuid.UUID) -> Thread | None:
    """A thread that stays as it is until the end of the transaction; None where it is gone."""
    return await session.scalar(select(Thread).where(Thread.id == thread_id).with_for_update())


async def write(session: AsyncSession, thread: Thread, written: Written) -> bool:
    """Make the thread's conversation what is written; gives whether anything in it was new. A message that stays keeps
    its id, as facts cite it."""
    values = _conversation(thread, written)
    known = await session.scalar(select(Conversation.content_hash).where(Conversation.id == written.id))
    created = insert(Conversation).values(id=written.id, user_id=thread.user_id, **values)
    await session.execute(created.on_conflict_do_update(index_elements=["id"], set_=values))
    if known == written.content_hash:
        return False
    await _write_messages(session, thread.user_id, written)
    return True


async def entitle_conversation(session: AsyncSession, conversation: uuid.UUID, title: str) -> None:
    await session.execute(update(Conversation).where(Conversation.id == conversation).values(title=title))


async def delete_conversation(session: AsyncSession, conversation: uuid.UUID) -> bool:
    """Gives whether there was one."""
    deleted = delete(Conversation).where(Conversation.id == conversation).returning(Conversation.id)
    return await session.scalar(deleted) is not None


async def _write_messages(session: AsyncSession, account: uuid.UUID, written: Written) -> None:
    owner = {"user_id": account, "conversation_id": written.id, "on_branch": True}
    values = [
        {
            "provider_id": each.provider_id,
            "position": position,
            "role": each.role,
            "text": each.text,
            "sent_at": each.sent_at,
            "modality": each.modality,
        }
        | owner
        for position, each in enumerate(written.messages)
    ]
    kept = [each.provider_id for each in written.messages]
    await session.execute(
        delete(RecordedMessage).where(
            RecordedMessage.conversation_id == written.id, RecordedMessage.provider_id.not_in(kept)
        )
    )
    created = insert(RecordedMessage)
    changed = {name: created.excluded[name] for name in ("position", "text", "modality")}
    key = ["conversation_id", "provider_id"]
    if values:
        await session.execute(created.on_conflict_do_update(index_elements=key, set_=changed), values)


def _conversation(thread: Thread, written: Written) -> dict[str, Any]:
    said = [each for each in written.messages if each.role is Role.USER]
    times = [each.sent_at for each in written.messages if each.sent_at]
    return {
        "provider": PROVIDER,
        "provider_id": str(thread.id),
        "origin": "chat",
        "title": thread.title,
        "model": written.model,
        "started_at": thread.created_at,
        "updated_at": thread.updated_at,
        "message_count": len(written.messages),
        "user_messages": len(said),
        "user_characters": sum(len(each.text) for each in said),
        "first_message_at": min(times, default=None),
        "last_message_at": max(times, default=None),
        "content_hash": written.content_hash,
    }


FORGET_THREADS = text("""
delete from threads using conversations
where conversations.id = any(:ids) and provider = :provider and provider_id = threads.id::text
""")


async def forget_threads(session: AsyncSession, conversations: Collection[uuid.UUID]) -> None:
    """Delete the threads that these conversations were made of, so that they aren't made again."""
    await session.execute(FORGET_THREADS, {"ids": [*conversations], "provider": PROVIDER})


FORGOTTEN = "This answer quoted a conversation that you have forgotten since."

FORGET_QUOTES = text("""
update thread_messages set text = :forgotten, sources = '[]', changes = '[]'
where role = 'assistant' and exists (
    select from jsonb_array_elements(sources) as source
    where source ->> 'conversation_id' = any(:conversations)
        or exists (
            select from jsonb_array_elements(source -> 'said') as turn
            where (turn ->> 'message_id')::bigint in (select id from messages where conversation_id = any(:ids))
        )
)
returning thread_id
""")


async def forget_quotes(session: AsyncSession, conversations: Collection[uuid.UUID]) -> int:
    """Take away answers that quote these conversations, and let what was made of their threads be made again; gives how
    many."""
    values = {"forgotten": FORGOTTEN, "conversations": [str(each) for each in conversations], "ids": [*conversations]}
    threads = list(await session.scalars(FORGET_QUOTES, values))
    written = Conversation.provider_id.in_([str(each) for each in threads])
    stale = update(Conversation).where(Conversation.provider == PROVIDER, written)
    await session.execute(stale.values(updated_at=None))
    return len(threads)


# How it is done


async def _add(session: AsyncSession, thread: Thread, **values: Any) -> int:
    # The server's own default would take the place of a null in a record.
    added = insert(ThreadMessage).values(user_id=thread.user_id, thread_id=thread.id, sources=[], **values)
    return (await session.execute(added.returning(ThreadMessage.id))).scalar_one()


async def _touch(session: AsyncSession, thread_id: uuid.UUID, **values: Any) -> None:
    await session.execute(update(Thread).where(Thread.id == thread_id).values(updated_at=func.now(), **values))


async def _versions(session: AsyncSession, thread_id: uuid.UUID) -> dict[tuple[int | None, str], list[int]]:
    """By parent and role, oldest first."""
    columns = (ThreadMessage.id, ThreadMessage.parent_id, ThreadMessage.role)
    rows = await session.execute(
        select(*columns).where(ThreadMessage.thread_id == thread_id).order_by(ThreadMessage.id)
    )
    found: dict[tuple[int | None, str], list[int]] = defaultdict(list)
    for row in rows:
        found[row.parent_id, row.role].append(row.id)
    return found


def _message(row: ThreadMessage, versions: Sequence[int]) -> Message:
    return Message(
        id=row.id,
        parent_id=row.parent_id,
        versions=tuple(versions),
        role=Role(row.role),
        text=row.text,
        sources=[Recalled.model_validate(source) for source in row.sources],
        changes=row.changes,
        model=row.model,
        version=row.version,
        error=row.error,
        is_running=row.finished_at is None,
        created_at=row.created_at,
    )


def _line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TITLE else line[: TITLE - 1].rsplit(" ", 1)[0] + "…"


def _terms(q: str) -> list[str]:
    return list(dict.fromkeys(characters.held(q).casefold().split()))[:TERMS]


def _holds(term: str) -> ColumnElement[bool]:
    said = aliased(ThreadMessage)
    in_message = exists().where(said.thread_id == Thread.id, said.text.icontains(term, autoescape=True))
    return or_(Thread.title.icontains(term, autoescape=True), in_message)


async def _snippets(session: AsyncSession, ids: Sequence[uuid.UUID], terms: Sequence[str]) -> dict[uuid.UUID, str]:
    """For each thread, the passage of the message that holds most of `terms`, the newest of those that hold as many."""
    told = [ThreadMessage.text.icontains(term, autoescape=True) for term in terms]
    score = sum((case((one, 1), else_=0) for one in told[1:]), case((told[0], 1), else_=0))
    query = (
        select(ThreadMessage.thread_id, ThreadMessage.text)
        .where(ThreadMessage.thread_id.in_(ids), or_(*told))
        .ext(distinct_on(ThreadMessage.thread_id))
        .order_by(ThreadMessage.thread_id, score.desc(), ThreadMessage.id.desc())
    )
    return {row.thread_id: snippet(row.text, terms) for row in await session.execute(query)}


def snippet(text: str, terms: Sequence[str]) -> str:
    """A line of `text` around the first place that holds one of `terms`, which are in lower case."""
    low = text.lower()  # what changes its length in lower case moves the place by that little
    at = min((place for term in terms if (place := low.find(term)) >= 0), default=0)
    start, end = max(0, at - BEFORE), at + AFTER
    if start:
        start = text.find(" ", start, at) + 1 or start
    line = " ".join(text[start:end].split())
    return f"{'…' if start else ''}{line}{'…' if end < len(text) else ''}"

"""All SQL of importing. COPY can't write to tables with row-level security, so rows go through temporary tables."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
import psycopg
from sqlalchemy import and_, delete, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import database
from soulprint.importing.engine import batches, rows
from soulprint.importing.engine.batches import Claims, Ready
from soulprint.importing.engine.ledger import Entry
from soulprint.importing.reconciliation import Forgetting, Stored, Tally
from soulprint.kinds import ClaimKind
from soulprint.records import Claim, Conversation, ForgottenConversation, Import, ImportMember, UserProfile
from soulprint.records.runs import Status

VERSIONS = 200_000
"""The most conversations of which an import knows before it reads whether they are stored."""


class Version(NamedTuple):
    """What is stored of a conversation, to tell whether a version read now is another and newer one."""

    content_hash: bytes
    newest_at: datetime | None
    """When it was last changed or, where the export didn't say, the time of its newest message."""
    message_count: int
    import_id: uuid.UUID | None
    """The import that carried it last."""


# The import's own row


async def insert_import(
    session: AsyncSession,
    account: uuid.UUID,
    import_id: uuid.UUID,
    names: str,
    upload: str | None,
    fingerprint: str | None,
) -> bool:
    """Whether the new import could be inserted: not where the account has one that is processing."""
    values = {"id": import_id, "user_id": account, "names": names, "upload": upload, "fingerprint": fingerprint}
    created = insert(Import).values(values).on_conflict_do_nothing().returning(Import.id)
    return await session.scalar(created) is not None


async def broken_off(session: AsyncSession, fingerprint: str | None) -> uuid.UUID | None:
    """The account's newest import, where it is of the files with this fingerprint and failed after some of them was
    written."""
    newest = (await session.execute(select(Import).order_by(Import.started_at.desc()).limit(1))).scalar_one_or_none()
    if newest is None or fingerprint is None or (newest.fingerprint, newest.status) != (fingerprint, Status.FAILED):
        return None
    written = select(exists().where(ImportMember.import_id == newest.id))
    return newest.id if await session.scalar(written) else None


async def reopen(session: AsyncSession, import_id: uuid.UUID, names: str) -> bool:
    """Whether the failed import could be made one that is processing: not where the account has another."""
    values = {"status": Status.PROCESSING, "error": None, "finished_at": None, "names": names}
    changed = update(Import).where(Import.id == import_id, Import.status == Status.FAILED)
    try:
        return await session.scalar(changed.values(values).returning(Import.id)) is not None
    except IntegrityError:
        await session.rollback()
        return False


async def is_imported(session: AsyncSession, fingerprint: str) -> bool:
    complete = exists().where(Import.fingerprint == fingerprint, Import.status == Status.COMPLETE)
    return bool(await session.scalar(select(complete)))


async def processing(session: AsyncSession) -> Sequence[tuple[uuid.UUID, str | None]]:
    """Id and upload of the imports that are processing, or were when their process died."""
    found = await session.execute(select(Import.id, Import.upload).where(Import.status == Status.PROCESSING))
    return [(id_, upload) for id_, upload in found]


async def begin(session: AsyncSession, account: uuid.UUID, import_id: uuid.UUID) -> tuple[str, str | None] | None:
    """Names and upload of the import; None where it isn't to be run any more."""
    changed = update(Import).where(Import.id == import_id, Import.status == Status.PROCESSING)
    begun = (await session.execute(changed.values(bytes_read=0).returning(Import.names, Import.upload))).one_or_none()
    await _set_profile(session, account, Status.PROCESSING)
    return (begun.names, begun.upload) if begun else None


async def set_progress(session: AsyncSession, import_id: uuid.UUID, bytes_read: int, bytes_total: int) -> None:
    values = {"bytes_read": bytes_read, "bytes_total": bytes_total}
    await session.execute(update(Import).where(Import.id == import_id).values(values))


async def complete(session: AsyncSession, account: uuid.UUID, import_id: uuid.UUID, report: dict[str, Any]) -> None:
    values = {"status": Status.COMPLETE, "report": report, "finished_at": func.now(), "error": None}
    await session.execute(update(Import).where(Import.id == import_id).values(values))
    await _set_profile(session, account, Status.COMPLETE)


async def fail(session: AsyncSession, account: uuid.UUID, import_id: uuid.UUID, error: str) -> None:
    """Mark the import as failed, where it isn't finished already."""
    values = {"status": Status.FAILED, "error": error, "finished_at": func.now()}
    changed = update(Import).where(Import.id == import_id, Import.status == Status.PROCESSING)
    if await session.scalar(changed.values(values).returning(Import.id)):
        await _set_profile(session, account, Status.FAILED)


async def entries(session: AsyncSession, import_id: uuid.UUID) -> AsyncIterator[Entry]:
    """What is written of the import's members, in their order."""
    members = select(ImportMember).where(ImportMember.import_id == import_id)
    rows_ = await session.stream_scalars(members.order_by(ImportMember.tally["number"].as_integer()))
    try:
        async for each in rows_:
            yield Entry(each.fingerprint, each.tally["number"], msgspec.convert(each.tally, Tally), each.finished)
    finally:
        await rows_.close()


async def write_entries(
    session: AsyncSession, account: uuid.UUID, import_id: uuid.UUID, entries: Sequence[Entry]
) -> None:
    """Insert what is written of members, or bring it up to date."""
    values = [
        {
            "import_id": import_id,
            "user_id": account,
            "fingerprint": each.key,
            "tally": msgspec.to_builtins(each.tally) | {"number": each.number},
            "finished": each.finished,
        }
        for each in entries
    ]
    if values:
        created = insert(ImportMember)
        newer = {"tally": created.excluded.tally, "finished": created.excluded.finished}
        key = ["import_id", "fingerprint"]
        await session.execute(created.on_conflict_do_update(index_elements=key, set_=newer), values)


async def _set_profile(session: AsyncSession, account: uuid.UUID, status: Status) -> None:
    created = insert(UserProfile).values(user_id=account, import_status=status)
    values = {"import_status": status, "updated_at": func.now()}
    await session.execute(created.on_conflict_do_update(index_elements=["user_id"], set_=values))


# What was read


_newest_at = func.coalesce(Conversation.updated_at, Conversation.last_message_at)


async def versions(session: AsyncSession, conversations: Iterable[uuid.UUID]) -> dict[uuid.UUID, Version]:
    """Those of the conversations that are stored."""
    columns = (Conversation.content_hash, _newest_at, Conversation.message_count, Conversation.import_id)
    found = await session.execute(
        select(Conversation.id, *columns).where(Conversation.id == func.any([*conversations]))
    )
    return {row[0]: Version(*row[1:]) for row in found}


async def stored_versions(session: AsyncSession) -> frozenset[int]:
    """All conversations as they are stored, or many of them, by their `batches.version`."""
    columns = select(Conversation.id, Conversation.content_hash).limit(VERSIONS)
    found = await session.stream(columns.execution_options(yield_per=5_000))
    try:
        return frozenset([batches.version(*row) async for row in found])
    finally:
        await found.close()


async def touch(session: AsyncSession, import_id: uuid.UUID, conversations: Collection[uuid.UUID]) -> None:
    """Note that the import carried these conversations, which stay as they are."""
    if conversations:
        stored = update(Conversation).where(Conversation.id == func.any([*conversations]))
        await session.execute(stored.values(import_id=import_id))


async def write(
    session: AsyncSession, account: uuid.UUID, import_id: uuid.UUID, new: list[Ready], newer: list[Ready]
) -> None:
    """Insert conversations that are `new`, and bring those that are stored to their `newer` version. A message that
    stays keeps its id, as facts cite it; one that is gone is deleted."""
    if not new and not newer:
        return
    owner = {"account": account, "import_id": import_id}
    connection = await database.driver_connection(session)
    async with connection.cursor() as cursor:
        await cursor.execute(SETTINGS)
        await _copy_conversations(cursor, new + newer)
        await _copy_messages(cursor, new + newer)
        await cursor.execute(MERGE_CONVERSATIONS, owner)
        if newer:
            await cursor.execute(DELETE_GONE_MESSAGES, {"newer": [each.id for each in newer]})
        await cursor.execute(MERGE_MESSAGES, owner)
        await cursor.execute(DROP_INCOMING)


async def _copy_conversations(cursor: psycopg.AsyncCursor[Any], conversations: list[Ready]) -> None:
    await cursor.execute(CREATE_INCOMING_CONVERSATIONS)
    async with cursor.copy("copy incoming_conversations from stdin") as copy:
        for each in conversations:
            await copy.write_row(
                (
                    each.id,
                    each.provider,
                    each.provider_id,
                    each.title,
                    each.project,
                    each.model,
                    each.started_at,
                    each.updated_at,
                    each.is_inferred,
                    each.zone_known,
                    each.message_count,
                    each.user_messages,
                    each.user_characters,
                    each.first_message_at,
                    each.last_message_at,
                    each.content_hash,
                )
            )


async def _copy_messages(cursor: psycopg.AsyncCursor[Any], conversations: list[Ready]) -> None:
    await cursor.execute(CREATE_INCOMING_MESSAGES)
    async with cursor.copy(f"copy incoming_messages ({rows.COLUMNS}) from stdin (format binary)") as copy:
        await copy.write(rows.HEADER)
        for each in conversations:
            await copy.write(each.rows)
        await copy.write(rows.TRAILER)


# Postgres gathers new words in a list of 4 MB and sorts it into the search index in pieces of work_mem. A batch needn't
# wait for the disk: what a crash of the machine takes is read again, and the import's end is kept only with all before.
SETTINGS = "set local work_mem = '64MB'; set local synchronous_commit = off"
CREATE_INCOMING_CONVERSATIONS = """
create temporary table incoming_conversations on commit drop as
select id, provider, provider_id, title, project, model, started_at, updated_at, is_inferred, zone_known,
    message_count, user_messages, user_characters, first_message_at, last_message_at, content_hash
from conversations with no data
"""
CREATE_INCOMING_MESSAGES = f"""
create temporary table incoming_messages on commit drop as select {rows.COLUMNS} from messages with no data;
alter table incoming_messages alter column text set storage external
"""  # noqa: S608
MERGE_CONVERSATIONS = """
insert into conversations (id, user_id, import_id, provider, provider_id, title, project, model, started_at, updated_at,
                           is_inferred, zone_known, message_count, user_messages, user_characters, first_message_at,
                           last_message_at, content_hash)
select id, %(account)s, %(import_id)s, provider, provider_id, title, project, model, started_at, updated_at,
       is_inferred, zone_known, message_count, user_messages, user_characters, first_message_at, last_message_at,
       content_hash
from incoming_conversations
on conflict (id) do update set
    import_id = excluded.import_id, title = excluded.title, project = excluded.project, model = excluded.model,
    started_at = excluded.started_at, updated_at = excluded.updated_at, is_inferred = excluded.is_inferred,
    zone_known = excluded.zone_known, message_count = excluded.message_count, user_messages = excluded.user_messages,
    user_characters = excluded.user_characters, first_message_at = excluded.first_message_at,
    last_message_at = excluded.last_message_at, content_hash = excluded.content_hash
"""
DELETE_GONE_MESSAGES = """
delete from messages
where conversation_id = any(%(newer)s)
  and (conversation_id, provider_id) not in (select conversation_id, provider_id from incoming_messages)
"""
MERGE_MESSAGES = f"""
insert into messages (user_id, {rows.COLUMNS}) select %(account)s, {rows.COLUMNS} from incoming_messages
on conflict (conversation_id, provider_id) do update set
    position = excluded.position, role = excluded.role, text = excluded.text, sent_at = excluded.sent_at,
    on_branch = excluded.on_branch, modality = excluded.modality
where (messages.position, messages.role, messages.text, messages.sent_at, messages.on_branch, messages.modality)
    is distinct from
    (excluded.position, excluded.role, excluded.text, excluded.sent_at, excluded.on_branch, excluded.modality)
"""  # noqa: S608
DROP_INCOMING = "drop table incoming_conversations, incoming_messages"


async def write_claims(session: AsyncSession, account: uuid.UUID, import_id: uuid.UUID, claims: Claims) -> None:
    """Insert the claims, or note when they were said last. Of a provider's dated memories only the newest is kept."""
    said = [
        {"provider": provider, "kind": kind, "text": words, "said_at": said_at}
        for (provider, kind, words), said_at in sorted(
            claims.items(), key=lambda claim: claim[0]
        )  # in one order, or writers deadlock
    ]
    for row in said:
        content = func.decode(func.md5(row["text"]), "hex")
        created = insert(Claim).values(user_id=account, import_id=import_id, content_hash=content, **row)
        values = {"import_id": import_id, "said_at": func.greatest(Claim.said_at, created.excluded.said_at)}
        key = ["user_id", "provider", "kind", "content_hash"]
        await session.execute(created.on_conflict_do_update(index_elements=key, set_=values))
    if any(row["kind"] == ClaimKind.PROVIDER_MEMORY for row in said):
        await _keep_newest_memories(session)


async def _keep_newest_memories(session: AsyncSession) -> None:
    memories = Claim.kind == ClaimKind.PROVIDER_MEMORY
    newest = select(Claim.provider, func.max(Claim.said_at).label("said_at")).where(memories).group_by(Claim.provider)
    newer = newest.subquery()
    older = delete(Claim).where(memories, Claim.provider == newer.c.provider, Claim.said_at < newer.c.said_at)
    await session.execute(older)


# What is not to be remembered

FORGET = """
insert into forgotten_conversations as known (conversation_id, user_id, newest_at)
select id, %(account)s, changed_at from unnest(%(ids)s::uuid[], %(times)s::timestamptz[]) as marked (id, changed_at)
on conflict (conversation_id) do update set newest_at = case
    when known.newest_at is not null and excluded.newest_at is not null
    then greatest(known.newest_at, excluded.newest_at) end
"""
DELETE_FORGOTTEN = """
delete from conversations using forgotten_conversations as forgotten
where id = any(%(ids)s) and forgotten.conversation_id = id
    and not coalesce(coalesce(updated_at, last_message_at) > forgotten.newest_at, false)
"""


async def forgotten(session: AsyncSession) -> dict[uuid.UUID, datetime | None]:
    """What the person wants no memory of -> when the newest version that this concerns was changed; None is all."""
    found = await session.execute(select(ForgottenConversation.conversation_id, ForgottenConversation.newest_at))
    return {row[0]: row[1] for row in found}


async def forget(session: AsyncSession, account: uuid.UUID, marked: Sequence[Forgetting]) -> int:
    """Remember that these are not to be remembered, and delete those that are stored, but newer versions; gives how
    many were."""
    times: dict[uuid.UUID, datetime | None] = {}
    for each in marked:
        known = times.get(each.id, each.changed_at)
        times[each.id] = max(known, each.changed_at) if known and each.changed_at else None
    if not times:
        return 0
    connection = await database.driver_connection(session)
    async with connection.cursor() as cursor:
        await cursor.execute(FORGET, {"account": account, "ids": [*times], "times": [*times.values()]})
        return (await cursor.execute(DELETE_FORGOTTEN, {"ids": [*times]})).rowcount


async def remember(session: AsyncSession, conversations: Collection[uuid.UUID]) -> None:
    """Let these conversations be imported again."""
    if conversations:
        chosen = ForgottenConversation.conversation_id == func.any([*conversations])
        await session.execute(delete(ForgottenConversation).where(chosen))


# What is stored now

ANALYZE = """
analyze conversations (id, user_id, import_id, provider, started_at, updated_at, message_count),
    messages (id, user_id, conversation_id, position, role, sent_at, on_branch, modality)
"""


async def analyze(session: AsyncSession) -> None:
    """Tell Postgres what the tables hold now, as it would find out a minute later; nobody who reads the new rows should
    wait for that. Where they belong to another database user, nothing happens."""
    await session.execute(text(ANALYZE))


async def stored(session: AsyncSession, import_id: uuid.UUID) -> Stored:
    """What the conversations that this import carried hold on their current branches."""
    carried = Conversation.import_id == import_id
    count = func.count()
    by_provider = select(Conversation.provider, count).where(carried).group_by(Conversation.provider)
    providers = {row.provider: row[1] for row in await session.execute(by_provider.order_by(count.desc()))}
    users = func.coalesce(func.sum(Conversation.user_messages), 0)
    sums = select(
        users,
        func.coalesce(func.sum(Conversation.message_count), 0) - users,
        func.coalesce(func.sum(Conversation.user_characters), 0),
        func.min(Conversation.first_message_at),
        func.max(Conversation.last_message_at),
    ).where(carried)
    said, answered, characters, first_at, last_at = (await session.execute(sums)).one()
    return Stored(sum(providers.values()), said, answered, int(characters), first_at, last_at, providers)


# What the newest export of a provider lacks

_last_changed = func.coalesce(Conversation.updated_at, Conversation.started_at)
_imported = Conversation.origin == "import"


class Gone(NamedTuple):
    """A conversation that the newest export of its provider doesn't carry, and another one did."""

    id: uuid.UUID
    title: str | None
    started_at: datetime | None
    message_count: int
    provider: str
    newest_at: datetime
    """When it was last changed."""


class Carried(NamedTuple):
    """What an import carried of one provider."""

    provider: str
    known_before: int
    """How many of its conversations were stored before it began."""
    is_newest: bool
    """Whether none is stored that was changed later than all of these."""


class Span(NamedTuple):
    """What the newest exports of some providers carry."""

    conversations: int
    first_at: datetime | None
    """When the oldest was last changed."""


async def carried(session: AsyncSession, import_id: uuid.UUID) -> list[Carried]:
    """By provider, those with dates, what the import carried."""
    began = select(Import.started_at).where(Import.id == import_id).scalar_subquery()
    theirs = Conversation.import_id == import_id
    newest = func.max(_last_changed).filter(theirs)
    known_before = func.count().filter(theirs, Conversation.created_at < began)
    found = await session.execute(
        select(Conversation.provider, known_before, newest >= func.max(_last_changed))
        .where(_imported)
        .group_by(Conversation.provider)
        .having(newest.is_not(None))
        .order_by(Conversation.provider)
    )
    return [Carried(*row) for row in found]


async def newest_import(session: AsyncSession, provider: str) -> uuid.UUID | None:
    """The import of the provider's newest export; None where it isn't complete, or something of it failed."""
    is_whole = and_(Import.status == Status.COMPLETE, Import.report["failed"].astext == "{}")
    found = await session.execute(
        select(Import.id, is_whole)
        .join(Conversation, Conversation.import_id == Import.id)
        .where(Conversation.provider == provider, _imported, _last_changed.is_not(None))
        .order_by(_last_changed.desc())
        .limit(1)
    )
    newest = found.one_or_none()
    return newest[0] if newest and newest[1] else None


async def note_present(session: AsyncSession, import_id: uuid.UUID, provider: str) -> None:
    """Note that the provider's newest export carries what this import carried."""
    theirs = (Conversation.provider == provider, Conversation.import_id == import_id)
    absent = update(Conversation).where(*theirs, Conversation.absent_from.is_not(None))
    await session.execute(absent.values(absent_from=None))


async def note_absent(
    session: AsyncSession, newest: uuid.UUID, provider: str, brought_by: uuid.UUID | None = None
) -> None:
    """Note that the provider's newest export, the import `newest`, lacks what other imports carried last, or of that
    what one of them brought in."""
    lacking = [Conversation.provider == provider, _imported, Conversation.import_id != newest]
    if brought_by:
        began = select(Import.started_at).where(Import.id == brought_by).scalar_subquery()
        lacking += [Conversation.import_id == brought_by, Conversation.created_at >= began]
    absent = update(Conversation).where(*lacking, _last_changed.is_not(None))
    await session.execute(absent.values(absent_from=newest))


async def gone(session: AsyncSession) -> list[Gone]:
    """What the newest exports lack; the newest first."""
    columns = (Conversation.title, Conversation.started_at, Conversation.message_count, Conversation.provider)
    found = await session.execute(
        select(Conversation.id, *columns, _last_changed)
        .where(Conversation.absent_from.is_not(None))
        .order_by(_last_changed.desc(), Conversation.id)
    )
    return [Gone(*row) for row in found]


async def span(session: AsyncSession, providers: Collection[str]) -> Span:
    """What the newest exports of these providers carry."""
    theirs = (Conversation.provider.in_(providers), _imported, Conversation.import_id.is_not(None))
    present = select(func.count(), func.min(_last_changed)).where(*theirs, Conversation.absent_from.is_(None))
    return Span(*(await session.execute(present)).one())


async def delete_gone(session: AsyncSession, account: uuid.UUID, conversations: Collection[uuid.UUID]) -> int:
    """Delete these conversations, so that no import brings them back as they are; gives how many."""
    chosen = Conversation.id == func.any([*conversations])
    found = await session.execute(select(Conversation.id, _newest_at).where(chosen))
    return await forget(session, account, [Forgetting(*row) for row in found])


async def keep(session: AsyncSession, conversations: Collection[uuid.UUID]) -> None:
    """Let conversations belong to no import any more, so that none is found to lack them unless another carries
    them."""
    if conversations:
        stored = update(Conversation).where(Conversation.id == func.any([*conversations]))
        await session.execute(stored.values(import_id=None, absent_from=None))

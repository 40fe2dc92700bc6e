"""All SQL of the room: a version goes in and becomes the current one in the same transaction."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, cast, delete, func, or_, select, update
from sqlalchemy import Text as SqlText
from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import accounts, errors
from soulprint.facts.shapes import folded
from soulprint.records import DONE, Extraction, LineEdit, Message, ProfileVersion, UserProfile, VersionKind
from soulprint.records.sections import Draft, Line, MemoryPart, Quote, Sections, plain
from soulprint.sections.edits import MEMORY, Edit, Place, Text, applied
from soulprint.sections.markdown import markdown, memory_markdown


@dataclass(frozen=True, slots=True)
class Version:
    """A profile version as it is read."""

    number: int
    kind: VersionKind
    sections: Sections[Line]
    memory: list[MemoryPart]
    model: str
    note: str | None
    conversations_read: int
    conversations_total: int
    cost_usd: Decimal
    created_at: datetime

    def placed(self) -> Iterator[tuple[str, Line]]:
        """Every line of the sections and of MEMORY, each with its section or `memory`."""
        for name, section in self.sections.each():
            yield from ((name, line) for _, _, lines in section.fields() for line in lines)
        yield from ((MEMORY, line) for part in self.memory for line in part.lines)

    def lines(self) -> Iterator[Line]:
        """Every line of the sections and of MEMORY."""
        return (line for _, line in self.placed())

    def resting(self) -> Counter[int]:
        """How many lines rest on each fact."""
        return Counter(fact for line in self.lines() for fact in line.facts())


async def publish(session: AsyncSession, account: uuid.UUID, draft: Draft, kind: VersionKind) -> int:
    """Write `draft` as the account's next version and make it the current one. Gives its number.

    Both happen in the session's transaction: whoever reads sees the old version whole or the new one whole. The lines
    that the person wrote stand in it, whatever the draft says in their places.
    """
    await accounts.alone(session, account)
    text = applied(Text(draft.sections, draft.memory), await edits(session))
    draft = draft.model_copy(update={"sections": text.sections, "memory": text.memory})
    newest = await session.scalar(select(func.max(ProfileVersion.number)).where(ProfileVersion.user_id == account))
    number = (newest or 0) + 1
    session.add(
        ProfileVersion(
            user_id=account,
            number=number,
            kind=kind,
            sections=draft.sections.model_dump(mode="json"),
            memory=[part.model_dump(mode="json") for part in draft.memory],
            model=draft.model,
            note=draft.note,
            prompts=draft.prompts,
            conversations_read=draft.conversations_read,
            conversations_total=draft.conversations_total,
            cost_usd=Decimal(str(draft.cost_usd)),
        )
    )
    await session.flush()
    await _swap(session, account, number, draft)
    return number


async def _swap(session: AsyncSession, account: uuid.UUID, number: int, draft: Draft) -> None:
    """Point the profile row, which is there and locked, at version `number`, and write its text for other systems."""
    texts = {
        f"{name}_md": json.dumps(plain(section), ensure_ascii=False) for name, section in draft.sections.each()
    } | {"memory_md": memory_markdown(draft.memory), "soulprint_text": markdown(draft.sections, draft.memory)}
    values = {**texts, "current_version": number, "updated_at": func.now()}
    await session.execute(update(UserProfile).where(UserProfile.user_id == account).values(values))


async def use(session: AsyncSession, account: uuid.UUID, number: int) -> None:
    """Make an older version the current one again. Raises `errors.NotFound`."""
    row = await version(session, number)
    draft = Draft(
        sections=row.sections,
        memory=row.memory,
        model=row.model,
        conversations_read=row.conversations_read,
        conversations_total=row.conversations_total,
    )
    await _swap(session, account, number, draft)


async def current_number(session: AsyncSession) -> int | None:
    """The number of the version in use; None before the first one."""
    return await session.scalar(select(UserProfile.current_version))


async def current(session: AsyncSession) -> Version | None:
    """The version in use; None before the first one."""
    row = await session.scalar(
        select(ProfileVersion)
        .join(UserProfile, UserProfile.user_id == ProfileVersion.user_id)
        .where(ProfileVersion.number == UserProfile.current_version)
    )
    if row is None:
        return None
    return _read(row)


async def version(session: AsyncSession, number: int) -> Version:
    """The version of this number. Raises `errors.NotFound`."""
    row = await session.scalar(select(ProfileVersion).where(ProfileVersion.number == number))
    if row is None:
        raise errors.NotFound(what="version")
    return _read(row)


@dataclass(frozen=True, slots=True)
class Heading:
    """What is told of a version in a list."""

    number: int
    kind: VersionKind
    model: str
    note: str | None
    conversations_read: int
    conversations_total: int
    cost_usd: Decimal
    created_at: datetime


async def versions(session: AsyncSession, *, before: int | None = None, limit: int | None = None) -> list[Heading]:
    """The versions, the newest first, at most `limit` of those before a number."""
    columns = [getattr(ProfileVersion, name) for name in Heading.__slots__]
    query = select(*columns).order_by(ProfileVersion.number.desc()).limit(limit)
    if before is not None:
        query = query.where(ProfileVersion.number < before)
    return [Heading(number, VersionKind(kind), *rest) for number, kind, *rest in await session.execute(query)]


async def compared(session: AsyncSession, older: int | None, newer: int | None) -> tuple[Version, Version]:
    """The two versions to compare: without a number, the one in use and the one before the later of them. Raises
    `errors.NotFound` where there is none."""
    newer = newer or await current_number(session)
    before = select(func.max(ProfileVersion.number)).where(ProfileVersion.number < (newer or 0))
    older = older or await session.scalar(before)
    if newer is None or older is None:
        raise errors.NotFound(what="earlier version to compare with")
    return await version(session, older), await version(session, newer)


async def unfounded(session: AsyncSession) -> int:
    """Messages that the version in use quotes and that are gone since."""
    found = await current(session)
    if found is None:
        return 0
    quoted = {source.message_id for line in found.lines() for source in line.sources if isinstance(source, Quote)}
    there = select(func.count()).select_from(Message).where(Message.id.in_(quoted))
    return len(quoted) - (await session.scalar(there) or 0)


async def conversations_read(session: AsyncSession) -> int:
    """Conversations that were read for facts, or have nothing of the person's to read."""
    counting = select(func.count()).select_from(Extraction).where(Extraction.outcome.in_(DONE))
    return await session.scalar(counting) or 0


def _read(row: ProfileVersion) -> Version:
    return Version(
        number=row.number,
        kind=VersionKind(row.kind),
        sections=Sections[Line].model_validate(row.sections),
        memory=[MemoryPart.model_validate(part) for part in row.memory],
        model=row.model,
        note=row.note,
        conversations_read=row.conversations_read,
        conversations_total=row.conversations_total,
        cost_usd=row.cost_usd,
        created_at=row.created_at,
    )


async def edits(session: AsyncSession) -> list[Edit]:
    """The person's edits in the order they were made, those that a later one replaced among them."""
    return [_edit(row) for row in await session.scalars(select(LineEdit).order_by(LineEdit.id))]


async def edit(session: AsyncSession, edit_id: int) -> Edit | None:
    row = await session.get(LineEdit, edit_id, with_for_update=True)
    return _edit(row) if row else None


async def add_edit(session: AsyncSession, account: uuid.UUID, edit: Edit) -> int:
    """Keep an edit; gives its id. It goes with the message in which the person wrote it."""
    row = LineEdit(
        user_id=account,
        section=edit.place.section,
        field=edit.place.field,
        former=edit.former.model_dump(mode="json") if edit.former else None,
        written=edit.written.model_dump(mode="json") if edit.written else None,
        message_id=edit.message,
    )
    session.add(row)
    await session.flush()
    return row.id


async def replace_edit(session: AsyncSession, place: Place, text: str, *, by: int) -> None:
    """Let a later edit stand for the one that wrote `text`, until it is undone."""
    stands = update(LineEdit).where(LineEdit.section == place.section, LineEdit.field == place.field, LineEdit.id < by)
    wrote = stands.where(LineEdit.replaced_by.is_(None), LineEdit.written["text"].astext == text)
    await session.execute(wrote.values(replaced_by=by))


async def forget_edit(session: AsyncSession, edit_id: int) -> None:
    await session.execute(delete(LineEdit).where(LineEdit.id == edit_id))


def _edit(row: LineEdit) -> Edit:
    former = Line.model_validate(row.former) if row.former else None
    written = Line.model_validate(row.written) if row.written else None
    return Edit(row.id, Place(row.section, row.field), former, written, row.replaced_by)


async def forget_conversations(session: AsyncSession, account: uuid.UUID, conversations: Collection[uuid.UUID]) -> int:
    """Take out of every version the lines that quote these conversations, or only these quotes where a line says
    something else and has other sources; gives how many versions that changed. The one in use is written anew."""
    changed = 0
    for row in await session.scalars(select(ProfileVersion).where(_quotes_any(conversations))):
        version = _read(row)
        row.sections = version.sections.model_copy(
            update={
                name: section.model_copy(
                    update={field: _without(lines, conversations) for field, _, lines in section.fields()}
                )
                for name, section in version.sections.each()
            }
        ).model_dump(mode="json")
        row.memory = [
            part.model_copy(update={"lines": _without(part.lines, conversations)}).model_dump(mode="json")
            for part in version.memory
        ]
        changed += 1
    for edit in await session.scalars(select(LineEdit).where(LineEdit.former.is_not(None))):
        left = _left(Line.model_validate(edit.former), conversations)
        edit.former = left.model_dump(mode="json") if left else None
    await session.flush()
    if changed and (number := await current_number(session)):
        await use(session, account, number)
    return changed


def _quotes_any(conversations: Collection[uuid.UUID]) -> ColumnElement[bool]:
    whole = func.concat(cast(ProfileVersion.sections, SqlText), cast(ProfileVersion.memory, SqlText))
    return or_(*(whole.contains(str(each)) for each in conversations))


def _without(lines: Sequence[Line], conversations: Collection[uuid.UUID]) -> list[Line]:
    return [left for line in lines if (left := _left(line, conversations))]


def _left(line: Line, conversations: Collection[uuid.UUID]) -> Line | None:
    """The line without what quotes these conversations; None where nothing but that proves it, or it says the same."""
    gone = [each for each in line.sources if isinstance(each, Quote) and each.conversation_id in conversations]
    if not gone:
        return line
    kept = tuple(each for each in line.sources if each not in gone)
    said = folded(line.text)
    if not kept or any(said in folded(each.text) or folded(each.text) in said for each in gone):
        return None
    return line.model_copy(update={"sources": kept})

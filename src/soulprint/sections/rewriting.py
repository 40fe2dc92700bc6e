"""Lines that the person writes, changes or takes out. In: their words, and the line in whose place they stand. Out: a
new version. Every later one has the same edits, whatever pass made it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import accounts, errors, facts
from soulprint.facts import FactView, changing
from soulprint.facts.shapes import folded
from soulprint.records import FactStatus, VersionKind
from soulprint.records.sections import Line, Quote
from soulprint.sections import editing, edits, store
from soulprint.sections.edits import Edit, Place, Text
from soulprint.sections.store import Version


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What came of an edit, and how to take it back."""

    version: int | None
    """The version in use now."""
    edit: int | None = None
    change: int | None = None
    """Of the fact, where the line says what one fact says: then that was changed, and all that rests on it follows."""


async def rewrite(
    session: AsyncSession, account: uuid.UUID, place: Place, former: str | None, text: str | None
) -> Rewritten:
    """Put `text` in the place of the line that reads `former`. Without `former` a line is added, without `text` the
    line is taken out.

    Raises `errors.NotFound` for a field that there is none of, `errors.LineChanged` where no such line stands there any
    more, and `errors.StatementEmpty`.
    """
    await accounts.alone(session, account)
    version = await store.current(session)
    lines = Text(version.sections, version.memory).lines(place) if version else None
    if version is None or lines is None:
        raise errors.NotFound(what="part of the profile")
    line = next((line for line in lines if line.text == former), None)
    if former is not None and line is None:
        raise errors.LineChanged
    if line and (fact := await _said_by(session, line)):
        return await _through(session, account, fact, text)
    edit = await _noted(session, account, place, line, text)
    return Rewritten(await _published(session, account, version, Text(version.sections, version.memory)), edit=edit)


async def undo(session: AsyncSession, account: uuid.UUID, edit_id: int) -> Rewritten:
    """Take an edit back: the line says again what it said before. Raises `errors.NotFound`, and `errors.ChangeUndone`
    where the line was edited again since."""
    await accounts.alone(session, account)
    edit = await store.edit(session, edit_id)
    if edit is None:
        raise errors.NotFound(what="edit")
    if edit.replaced_by is not None:
        raise errors.ChangeUndone
    version = await store.current(session)
    await store.forget_edit(session, edit_id)
    if edit.written:
        await changing.unsay(
            session, [source.message_id for source in edit.written.sources if isinstance(source, Quote)]
        )
    if version is None:
        return Rewritten(None)
    wrong = [edit.written] if edit.written else []
    text = Text(version.sections, version.memory).changed(
        edit.place, lambda lines: edits.put(lines, wrong, edit.former)
    )
    return Rewritten(await _published(session, account, version, text))


async def _said_by(session: AsyncSession, line: Line) -> FactView | None:
    """The fact that the line says and rests on, where it is one that holds."""
    if len(line.facts()) != 1 or not all(isinstance(source, Quote) and source.fact_id for source in line.sources):
        return None
    found = await facts.by_ids(session, line.facts())
    holds = [fact for fact in found if fact.status in (FactStatus.ACTIVE, FactStatus.PINNED)]
    return next((fact for fact in holds if folded(fact.statement) == folded(line.text)), None)


async def _through(session: AsyncSession, account: uuid.UUID, fact: FactView, text: str | None) -> Rewritten:
    if text is None:
        change = await changing.reject(session, account, fact.id)
    else:
        change = await changing.correct(session, account, fact.id, text)
    return Rewritten(await editing.after(session, account, change), change=change.id)


async def _noted(session: AsyncSession, account: uuid.UUID, place: Place, former: Line | None, text: str | None) -> int:
    """Keep an edit and the person's words; gives its id."""
    written = await _written(session, account, text) if text is not None else None
    edit = await store.add_edit(session, account, Edit(0, place, former, written))
    if former:
        await store.replace_edit(session, place, former.text, by=edit)
    return edit


async def _written(session: AsyncSession, account: uuid.UUID, text: str) -> Line:
    stated, now = changing.stated(text), datetime.now(UTC)
    message = await changing.say(session, account, stated, now)
    quote = Quote(
        message_id=message.id,
        conversation_id=message.conversation_id,
        title=changing.TITLE,
        said_at=now,
        start=0,
        end=len(stated),
        text=stated,
    )
    return Line(text=stated, sources=(quote,))


async def _published(session: AsyncSession, account: uuid.UUID, version: Version, text: Text) -> int:
    draft = editing.draft_of(version, text.sections, text.memory)
    return await store.publish(session, account, draft, VersionKind.EDITED)

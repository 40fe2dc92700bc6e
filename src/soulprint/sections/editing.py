"""A profile after the person has changed a fact: the lines that rest on it alone go or say the new thing, and what is
new stands in MEMORY. Everything else stays as the last pass wrote it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection

from sqlalchemy.ext.asyncio import AsyncSession

from soulprint import facts
from soulprint.facts import FactView, changing
from soulprint.facts.changing import Change, Kind
from soulprint.records import FactChange, VersionKind
from soulprint.records.sections import Draft, Line, MemoryPart, Quote, Sections
from soulprint.sections import store
from soulprint.sections.store import Version

QUOTED = 3
"""Proofs that a line shows."""


async def after(session: AsyncSession, account: uuid.UUID, change: Change) -> int | None:
    """Bring the profile up to date with a change of a fact; gives the number of the version that this made, None where
    nothing in it changes."""
    before = await store.current_number(session)
    match change.kind:
        case Kind.REMEMBERED:
            made = await edited(session, account, instead=_line(change.fact), category=change.fact.category)
        case Kind.CORRECTED:
            wrong = [change.former.id] if change.former else []
            made = await edited(
                session, account, without=wrong, instead=_line(change.fact), category=change.fact.category
            )
        case Kind.REJECTED:
            made = await edited(session, account, without=[change.fact.id])
        case Kind.PINNED | Kind.CONFIRMED:
            made = None
    if made is not None:
        await changing.note_version(session, change.id, before)
    return made


async def after_undoing(session: AsyncSession, account: uuid.UUID, change: FactChange) -> int | None:
    """Bring the profile up to date when a change was undone: the version before is used again, or, where others came
    since, another one is made. Gives the number of the version in use; None where nothing in it changes."""
    if change.version is None:
        return None
    if await store.current_number(session) == change.version + 1:
        await store.use(session, account, change.version)
        return change.version
    former = change.fact_id if change.kind == Kind.REJECTED else change.former_id
    back = await facts.by_ids(session, [former]) if former else []
    return await edited(
        session,
        account,
        without=[change.fact_id] if change.fact_id and change.kind != Kind.REJECTED else [],
        instead=_line(back[0]) if back else None,
        category=back[0].category if back else None,
    )


def _heading(category: str) -> str:
    from soulprint.memory import showing  # what writes MEMORY takes a while to load

    return showing.TITLES.get(category, category.replace("_", " ").capitalize())


def _line(fact: FactView) -> Line:
    return Line(text=fact.statement, sources=tuple(fact.sources[:QUOTED]))


async def edited(
    session: AsyncSession,
    account: uuid.UUID,
    *,
    without: Collection[int] = (),
    instead: Line | None = None,
    category: str | None = None,
) -> int | None:
    """Make a version without what rests on the facts `without` alone. `instead` takes the place of the first line that
    goes; where none does, or nothing is to go, it is added to MEMORY under the heading of its `category`.

    Gives the number of the new version; None where nothing in the profile changes or there is none.
    """
    version = await store.current(session)
    if version is None:
        return None
    edit = _Edit(frozenset(without), instead)
    sections = version.sections.model_copy(
        update={
            name: section.model_copy(update=_fields(section, edit.lines)) for name, section in version.sections.each()
        }
    )
    memory = [part.model_copy(update={"lines": edit.lines(part.lines)}) for part in version.memory]
    if instead and not edit.in_memory(version.memory, memory):
        memory = _added(memory, _heading(category or changing.CATEGORY), instead)
        edit.changed = True
    if not edit.changed:
        return None
    return await store.publish(session, account, draft_of(version, sections, memory), VersionKind.EDITED)


class _Edit:
    def __init__(self, without: frozenset[int], instead: Line | None) -> None:
        self._without = without
        self._instead = instead
        self.changed = False

    def lines(self, lines: list[Line]) -> list[Line]:
        found: list[Line] = []
        for line in lines:
            if not self._rests_on_what_goes(line):
                found.append(line)
                continue
            self.changed = True
            if self._instead and self._instead not in found:
                found.append(self._instead)
        return found

    def _rests_on_what_goes(self, line: Line) -> bool:
        facts = {source.fact_id for source in line.sources if isinstance(source, Quote)}
        return bool(facts) and None not in facts and facts <= self._without

    def in_memory(self, before: list[MemoryPart], after: list[MemoryPart]) -> bool:
        """Whether the new line has found a place in MEMORY."""
        return before != after and any(self._instead in part.lines for part in after)


def _fields(section: object, lines: Callable[[list[Line]], list[Line]]) -> dict[str, list[Line]]:
    return {name: lines(held) for name, _, held in section.fields()}  # type: ignore[attr-defined]


def _added(memory: list[MemoryPart], title: str, line: Line) -> list[MemoryPart]:
    if not any(part.title == title for part in memory):
        return [*memory, MemoryPart(title=title, lines=[line])]
    return [part.model_copy(update={"lines": [*part.lines, line]}) if part.title == title else part for part in memory]


def draft_of(version: Version, sections: Sections[Line], memory: list[MemoryPart]) -> Draft:
    """What `version` was made of, with another text."""
    return Draft(
        sections=sections,
        memory=memory,
        model=version.model,
        note=version.note,
        conversations_read=version.conversations_read,
        conversations_total=version.conversations_total,
    )

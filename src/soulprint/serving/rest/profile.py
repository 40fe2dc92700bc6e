"""The profile, the conversations it rests on, and what bears on a question."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse

from soulprint import errors, recall, sections
from soulprint.records.recalled import Kind, Recalled
from soulprint.serving import parameters
from soulprint.serving.door import At, Door
from soulprint.serving.rest import shapes

router = APIRouter()


@router.get("/profile")
async def profile(door: At) -> shapes.Profile:
    """The profile version in use, each line with its sources."""
    version = await current(door)
    lines = {
        name: {
            field: [shapes.ProfileLine.model_validate(line) for line in lines] for field, _, lines in section.fields()
        }
        for name, section in version.sections.each()
    }
    facts = {name: getattr(version, name) for name in shapes.Profile.model_fields if name != "sections"}
    return shapes.Profile(sections=lines, **facts)


@router.get("/profile.md", response_class=PlainTextResponse)
async def markdown(door: At) -> PlainTextResponse:
    """The profile as a markdown file."""
    version = await current(door)
    return PlainTextResponse(
        sections.markdown(version.sections, version.memory),
        media_type="text/markdown",
        headers={"content-disposition": 'attachment; filename="soulprint.md"'},
    )


@router.post("/profile/lines")
async def rewrite(door: At, wanted: shapes.LineWanted) -> shapes.LineRewritten:
    """Put the person's words in the place of a line, add one, or take one out. Every later version has it so."""
    place = sections.Place(wanted.section, wanted.field)
    async with door.database.session(door.account) as session:
        made = await sections.rewrite(session, door.account, place, wanted.former, wanted.text)
    return shapes.LineRewritten.model_validate(made)


@router.post("/profile/edits/{edit_id}/undo")
async def undo(door: At, edit_id: parameters.Id) -> shapes.LineRewritten:
    """Let a line say again what it said before the person edited it."""
    async with door.database.session(door.account) as session:
        return shapes.LineRewritten.model_validate(await sections.undo(session, door.account, edit_id))


@router.get("/profile/versions")
async def versions(
    door: At,
    before: Annotated[parameters.Number | None, Query(description="Only versions before this one.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> shapes.Versions:
    """The versions of the profile, the newest first."""
    async with door.database.session(door.account) as session:
        found = await sections.versions(session, before=before, limit=limit)
        current = await sections.current_number(session)
    return shapes.Versions(current=current, versions=[shapes.Version.model_validate(each) for each in found])


@router.post("/profile/versions/{number}/use")
async def use(door: At, number: parameters.Number) -> shapes.VersionUsed:
    """Go back to a version, or on to a later one again. Nothing is deleted."""
    async with door.database.session(door.account) as session:
        before = await sections.current_number(session)
        await sections.use(session, door.account, number)
    return shapes.VersionUsed(version=number, before=before)


@router.get("/recall")
async def recalled(
    door: At,
    q: Annotated[str, Query(min_length=1, max_length=10_000, description="A question, or a few words.")],
    limit: Annotated[int, Query(ge=1, le=200)] = 10,
    kind: Annotated[list[Kind] | None, Query(description="Only of these kinds.")] = None,
    since: Annotated[date | None, Query(description="Nothing said before this day.")] = None,
    until: Annotated[date | None, Query(description="Nothing said after it.")] = None,
) -> list[Recalled]:
    """What bears on a question: passages of the history, facts and lines of the profile, best first."""
    found = await recall.recall(
        door.database, door.account, door.settings, q, most=limit, kinds=kind or tuple(Kind), since=since, until=until
    )
    return found.best[:limit]


async def current(door: Door) -> sections.Version:
    """The version in use. Raises `errors.ProfileMissing` before the first one."""
    async with door.database.session(door.account) as session:
        version = await sections.current(session)
    if version is None:
        raise errors.ProfileMissing
    return version

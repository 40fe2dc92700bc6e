"""All that is kept of the person: to take with them, or to erase."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from soulprint import errors, handoff, pipeline
from soulprint.serving import belongings
from soulprint.serving.door import At
from soulprint.serving.rest import shapes

router = APIRouter()


@router.get("/export.zip", response_class=StreamingResponse, responses={200: {"content": {"application/zip": {}}}})
async def export(door: At) -> StreamingResponse:
    """Everything that is kept of the person, as one zip, which is written as it is sent."""
    return StreamingResponse(
        handoff.archived(door.database, door.account),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{belongings.archive_name()}"'},
    )


@router.post("/erase")
async def erase(door: At, wanted: shapes.Erase) -> shapes.Erasure:
    """Erase everything that is kept of the person. `word` must be `erase`. Gives the receipt."""
    if wanted.word.strip().lower() != belongings.WORD:
        raise errors.EraseUnconfirmed(word=belongings.WORD)
    return shapes.Erasure.model_validate(await pipeline.erase(door.database, door.account, door.settings))


@router.get("/erasures")
async def erasures(door: At) -> list[shapes.Erasure]:
    """The receipts of what was erased, the newest first."""
    async with door.database.session(door.account) as session:
        return [shapes.Erasure.model_validate(each) for each in await pipeline.erasures(session)]

"""Handing over an export, and what became of it."""

from __future__ import annotations

import asyncio
import uuid
from typing import Annotated

from fastapi import APIRouter, Header, Query, Request, Response

from soulprint import errors, pipeline
from soulprint.serving import store
from soulprint.serving.door import At, Door
from soulprint.serving.rest import shapes, uploads

router = APIRouter(prefix="/imports")

FILE = {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.post("", status_code=202, openapi_extra={"requestBody": FILE})
async def start(
    door: At,
    request: Request,
    response: Response,
    name: Annotated[str, Query(description="What you call the file; a label, nothing else.")] = "export",
    content_length: Annotated[int | None, Header(include_in_schema=False)] = None,
) -> shapes.ImportStarted:
    """Import the export in the body of the request and make the profile, in the background."""
    await refuse_while_busy(door)
    upload = await uploads.receive(request.stream(), content_length, door.settings.uploads, door.settings.upload_limit)
    try:
        return await started(door, upload, uploads.label(name), response)
    except Exception:
        await asyncio.to_thread((door.settings.uploads / upload).unlink, missing_ok=True)
        raise


async def refuse_while_busy(door: Door) -> None:
    """Raises `errors.ImportRunning`, before anything is taken that could not be imported now."""
    now = await pipeline.status(door.database, door.account, door.settings)
    if now.is_taking_in:
        raise errors.ImportRunning


async def started(door: Door, upload: str, label: str, response: Response) -> shapes.ImportStarted:
    """Begin to import a file of the uploads folder. Raises `errors.ImportRunning`; the file is then still there."""
    import_id = await door.background.start_import(door.account, upload, label)
    response.headers["location"] = f"/api/v1/imports/{import_id}"
    return shapes.ImportStarted(import_id=import_id)


@router.get("/{import_id}")
async def read(door: At, import_id: uuid.UUID) -> shapes.Import:
    """How far an import is; at its end, what became of each of its elements."""
    async with door.database.session(door.account) as session:
        return shapes.Import.model_validate(await store.imported(session, import_id))


@router.delete("/{import_id}", status_code=204)
async def cancel(door: At, import_id: uuid.UUID) -> None:
    """Stop an import that is running. What was read is kept."""
    if not door.background.cancel(import_id):
        raise errors.NotFound(what="running import with this id")

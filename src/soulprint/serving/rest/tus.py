"""Uploads that survive a lost connection, by the tus protocol 1.0 (https://tus.io): announced, sent in pieces, gone on
with after anything, and imported when they are whole."""

from __future__ import annotations

import asyncio
import base64
import binascii
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from starlette.requests import ClientDisconnect

from soulprint import errors
from soulprint.serving.door import At
from soulprint.serving.rest import imports, shapes, unfinished, uploads

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,termination"
PIECE_TYPE = "application/offset+octet-stream"
FINGERPRINT = 300
"""Characters of what a client may call the file for itself."""

router = APIRouter(prefix="/uploads")

Count = Annotated[int, Header(ge=0, lt=2**53)]


class Upload(shapes.Shape):
    """An upload that isn't imported yet."""

    id: uuid.UUID
    name: str
    """What the person calls the file."""
    fingerprint: str
    """By which whoever announced it knows the file again."""
    length: int
    held: int
    """How many bytes of it are here."""
    expires_at: datetime
    """When it is removed if nobody goes on with it."""


async def _speaks_tus(response: Response, tus_resumable: Annotated[str | None, Header()] = None) -> None:
    if tus_resumable != VERSION:
        raise HTTPException(412, headers={"tus-version": VERSION})
    response.headers["tus-resumable"] = VERSION


def _folder(door: At) -> unfinished.Folder:
    return unfinished.Folder(door.settings, door.account)


Folder = Annotated[unfinished.Folder, Depends(_folder)]
speaks_tus = [Depends(_speaks_tus)]


@router.get("")
async def listed(folder: Folder) -> list[Upload]:
    """The uploads that can be gone on with, or imported."""
    return [_shown(upload) for upload in await asyncio.to_thread(folder.listed)]


@router.options("", status_code=204)
async def able(door: At, response: Response) -> None:
    """What is spoken here."""
    response.headers.update(
        {
            "tus-resumable": VERSION,
            "tus-version": VERSION,
            "tus-extension": EXTENSIONS,
            "tus-max-size": str(door.settings.upload_limit),
        }
    )


@router.post("", status_code=201, dependencies=speaks_tus)
async def announce(
    folder: Folder,
    request: Request,
    response: Response,
    upload_length: Count,
    upload_metadata: Annotated[str, Header()] = "",
    upload_concat: Annotated[str | None, Header()] = None,
) -> None:
    """Announce a file; `Location` says where its pieces go. Of the metadata, `filename` is a label and nothing else,
    and `fingerprint` is given back in the list."""
    if upload_concat is not None or _has_body(request):
        raise HTTPException(400)
    said = _metadata(upload_metadata)
    about = unfinished.About(
        length=upload_length,
        label=uploads.label(said.get("filename", "")),
        fingerprint=said.get("fingerprint", "")[:FINGERPRINT],
    )
    upload_id = await asyncio.to_thread(folder.announce, about)
    response.headers["location"] = f"/api/v1/uploads/{upload_id}"
    response.headers["upload-expires"] = _expires(await asyncio.to_thread(folder.found, upload_id))


@router.head("/{upload_id}", dependencies=speaks_tus)
async def held(folder: Folder, upload_id: uuid.UUID, response: Response) -> None:
    """How far the upload is."""
    upload = await asyncio.to_thread(folder.found, upload_id)
    response.headers["upload-length"] = str(upload.about.length)
    _say(response, upload)


@router.patch("/{upload_id}", status_code=204, dependencies=speaks_tus)
async def add(
    folder: Folder,
    upload_id: uuid.UUID,
    request: Request,
    response: Response,
    upload_offset: Count,
    content_length: Annotated[int | None, Header(include_in_schema=False)] = None,
) -> None:
    """Send a piece, from the offset where the upload stands. What came before a lost connection is kept."""
    if request.headers.get("content-type") != PIECE_TYPE:
        raise HTTPException(415)
    upload = await asyncio.to_thread(folder.found, upload_id)
    if upload_offset != upload.held:
        raise errors.UploadMisplaced(offset=upload_offset, held=upload.held)
    if upload_offset + (content_length or 0) > upload.about.length:
        raise errors.UploadOverrun(length=upload.about.length)
    await _receive(folder, upload, request.stream())
    _say(response, await asyncio.to_thread(folder.settle, upload_id))


@router.delete("/{upload_id}", status_code=204, dependencies=speaks_tus)
async def remove(folder: Folder, upload_id: uuid.UUID) -> None:
    """Stop an upload. Nothing of it is kept."""
    await asyncio.to_thread(folder.remove, upload_id)


@router.post("/{upload_id}/import", status_code=202)
async def begin(door: At, folder: Folder, upload_id: uuid.UUID, response: Response) -> shapes.ImportStarted:
    """Import an upload that is whole and make the profile, in the background. While another import is running the
    upload stays as it is."""
    upload = await asyncio.to_thread(folder.found, upload_id)
    await imports.refuse_while_busy(door)
    taken = await asyncio.to_thread(folder.take, upload_id)
    try:
        started = await imports.started(door, taken, upload.about.label, response)
    except Exception:
        await asyncio.to_thread(folder.give_back, upload_id, taken)
        raise
    await asyncio.to_thread(folder.forget, upload_id)
    return started


async def _receive(folder: unfinished.Folder, upload: unfinished.Upload, pieces: AsyncIterator[bytes]) -> None:
    waiting, offset = bytearray(), upload.held
    try:
        async for piece in pieces:
            waiting += piece
            if offset + len(waiting) > upload.about.length:
                raise errors.UploadOverrun(length=upload.about.length)
            if len(waiting) >= uploads.PIECE:
                await asyncio.to_thread(folder.add, upload.id, offset, bytes(waiting))
                offset += len(waiting)
                waiting.clear()
    except ClientDisconnect:
        await asyncio.to_thread(folder.add, upload.id, offset, bytes(waiting))
        await asyncio.to_thread(folder.settle, upload.id)
        raise
    await asyncio.to_thread(folder.add, upload.id, offset, bytes(waiting))


def _has_body(request: Request) -> bool:
    return request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers


def _metadata(header: str) -> dict[str, str]:
    """The pairs of a key and a value in base64. Raises for what isn't."""
    said = {}
    for pair in filter(None, header.split(",")):
        key, _, value = pair.strip().partition(" ")
        try:
            said[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise HTTPException(400) from error
    return said


def _say(response: Response, upload: unfinished.Upload) -> None:
    response.headers["upload-offset"] = str(upload.held)
    response.headers["upload-expires"] = _expires(upload)


def _expires(upload: unfinished.Upload) -> str:
    return format_datetime(datetime.fromtimestamp(upload.expires, UTC), usegmt=True)


def _shown(upload: unfinished.Upload) -> Upload:
    return Upload(
        id=upload.id,
        name=upload.about.label,
        fingerprint=upload.about.fingerprint,
        length=upload.about.length,
        held=upload.held,
        expires_at=datetime.fromtimestamp(upload.expires, UTC),
    )

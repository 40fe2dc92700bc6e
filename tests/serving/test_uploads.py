"""Uploads in pieces, over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import os
import random
import time
import uuid
from collections import namedtuple
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from soulprint import accounts, importing
from soulprint.database import Database
from soulprint.pipeline import Background
from soulprint.settings import Settings
from tests.importing import exports
from tests.serving.conftest import Live, until

pytestmark = pytest.mark.anyio

TUS = {"tus-resumable": "1.0.0"}
PIECES = "application/offset+octet-stream"
UPLOADS = "/api/v1/uploads"


def export() -> bytes:
    talks = [exports.chatgpt_conversation("A talk", [("user", "I live in Lyon with my partner Théo and our cat.")])]
    return exports.zipped({"conversations.json": exports.as_written(talks), "photo.jpg": b"\xff" * 5000})


async def announce(live: Live, length: int, name: str = "export.zip", **headers: str) -> httpx2.Response:
    named = base64.b64encode(name.encode()).decode()
    mark = base64.b64encode(b"a mark").decode()
    about = {"upload-length": str(length), "upload-metadata": f"filename {named},fingerprint {mark}"}
    return await live.visitor.post(UPLOADS, headers=TUS | about | headers)


async def begun(live: Live, length: int, name: str = "export.zip") -> str:
    response = await announce(live, length, name)
    assert response.status_code == 201, response.text
    return str(response.headers["location"])


async def send(live: Live, address: str, offset: int, piece: bytes | AsyncIterator[bytes]) -> httpx2.Response:
    headers = TUS | {"upload-offset": str(offset), "content-type": PIECES}
    return await live.visitor.patch(address, headers=headers, content=piece)


async def held(live: Live, address: str) -> int:
    response = await live.visitor.head(address, headers=TUS)
    assert response.status_code == 200
    return int(response.headers["upload-offset"])


def problem(response: httpx2.Response, status: int) -> str:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    return str(response.json()["title"])


def change(live: Live, **settings: Any) -> None:
    door = live.app.state.door
    live.app.state.door = dataclasses.replace(door, started=door.settings.model_copy(update=settings))


def files(settings: Settings) -> list[Path]:
    return [path for path in settings.uploads.rglob("*") if path.is_file()]


async def ended(live: Live, started: httpx2.Response) -> dict[str, Any]:
    assert started.status_code == 202, started.text
    async with live.visitor.stream("GET", "/api/v1/events") as events:
        async for line in events.aiter_lines():
            if '"stage":"ready"' in line or '"stage":"failed"' in line:
                break
    found: dict[str, Any] = (await live.visitor.get(started.headers["location"])).json()
    return found


async def test_what_is_spoken_is_said(live: Live, settings: Settings) -> None:
    response = await live.visitor.options(UPLOADS)
    assert response.status_code == 204
    assert response.headers["tus-version"] == response.headers["tus-resumable"] == "1.0.0"
    assert response.headers["tus-extension"] == "creation,expiration,termination"
    assert response.headers["tus-max-size"] == str(settings.upload_limit)


async def test_pieces_become_an_import(live: Live, settings: Settings) -> None:
    whole = export()
    address = await begun(live, len(whole), "../../etc/my export.zip\0")
    offset = 0
    while offset < len(whole):
        assert await held(live, address) == offset
        response = await send(live, address, offset, whole[offset : offset + 999])
        assert (response.status_code, response.headers["tus-resumable"]) == (204, "1.0.0")
        assert "GMT" in response.headers["upload-expires"]
        offset = int(response.headers["upload-offset"])
    done = await ended(live, await live.visitor.post(f"{address}/import"))
    assert (done["status"], done["names"], done["report"]["imported"]) == ("complete", "my export.zip", 1)
    await until(lambda: not files(settings))
    problem(await live.visitor.post(f"{address}/import"), 404)


async def test_the_list_tells_what_can_be_gone_on_with(live: Live) -> None:
    address = await begun(live, 100)
    await send(live, address, 0, b"x" * 40)
    (upload,) = (await live.visitor.get(UPLOADS)).json()
    assert address == f"{UPLOADS}/{upload['id']}"
    assert (upload["name"], upload["fingerprint"]) == ("export.zip", "a mark")
    assert (upload["held"], upload["length"]) == (40, 100)


async def test_a_piece_goes_to_the_end_and_nowhere_else(live: Live, settings: Settings) -> None:
    address = await begun(live, 10)
    assert (await send(live, address, 0, b"01234")).status_code == 204
    for offset in (0, 4, 6, 9):
        assert problem(await send(live, address, offset, b"x"), 409) == "Upload misplaced"
    assert problem(await send(live, address, 5, b"567890"), 400) == "Upload overrun"
    assert (await send(live, address, 5, b"56789")).status_code == 204
    assert problem(await send(live, address, 10, b"x"), 400) == "Upload overrun"
    assert (await send(live, address, 10, b"")).status_code == 204
    (data,) = [path for path in files(settings) if not path.suffix]
    assert data.read_bytes() == b"0123456789"


async def test_a_body_without_a_length_ends_at_what_was_announced(live: Live) -> None:
    address = await begun(live, 3_000_000)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b"x" * 100_000

    assert problem(await send(live, address, 0, pieces()), 400) == "Upload overrun"
    assert 0 < await held(live, address) <= 3_000_000


async def test_what_came_before_a_lost_connection_is_kept(live: Live) -> None:
    address = await begun(live, 5_000_000)
    _, writer = await asyncio.open_connection("127.0.0.1", live.port)
    lines = [
        f"PATCH {address} HTTP/1.1",
        f"Host: 127.0.0.1:{live.port}",
        "Content-Length: 5000000",
        "Tus-Resumable: 1.0.0",
        "Upload-Offset: 0",
        f"Content-Type: {PIECES}",
        "\r\n",
    ]
    writer.write("\r\n".join(lines).encode() + b"x" * 2_500_000)
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    while await held(live, address) < 2_500_000:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    assert (await send(live, address, 2_500_000, b"y" * 2_500_000)).status_code == 204


async def test_of_two_that_send_the_same_each_byte_is_kept_once(live: Live, settings: Settings) -> None:
    whole = random.Random(1).randbytes(4_000_000)
    address = await begun(live, len(whole))

    async def persist() -> None:
        while (offset := await held(live, address)) < len(whole):
            await send(live, address, offset, whole[offset : offset + 300_000])

    await asyncio.gather(persist(), persist(), persist())
    (data,) = [path for path in files(settings) if not path.suffix]
    assert data.read_bytes() == whole


async def test_a_stopped_upload_leaves_nothing(live: Live, settings: Settings) -> None:
    address = await begun(live, 100)
    await send(live, address, 0, b"x" * 40)
    assert (await live.visitor.delete(address, headers=TUS)).status_code == 204
    assert files(settings) == []
    problem(await live.visitor.delete(address, headers=TUS), 404)
    problem(await send(live, address, 40, b"x"), 404)
    assert (await live.visitor.head(address, headers=TUS)).status_code == 404


async def test_only_tus_is_spoken_and_no_more_of_it_than_is_said(live: Live, settings: Settings) -> None:
    address = await begun(live, 100)
    named = {"upload-offset": "0", "content-type": PIECES}
    for headers in (named, named | {"tus-resumable": "0.2.2"}):
        response = await live.visitor.patch(address, headers=headers, content=b"x")
        assert problem(response, 412) == "Precondition failed"
        assert response.headers["tus-version"] == "1.0.0"
    problem(await live.visitor.patch(address, headers=TUS | named | {"content-type": "text/plain"}, content=b"x"), 415)
    problem(await live.visitor.patch(address, headers=TUS | {"content-type": PIECES}, content=b"x"), 422)
    for wrong in ({"upload-concat": "final;/a /b"}, {"upload-concat": "partial"}, {"upload-metadata": "filename ?"}):
        problem(await announce(live, 100, **wrong), 400)
    for length in ("-1", "x", str(2**60)):
        problem(await live.visitor.post(UPLOADS, headers=TUS | {"upload-length": length}), 422)
    problem(await live.visitor.post(UPLOADS, headers=TUS | {"upload-defer-length": "1"}), 422)
    problem(await live.visitor.post(UPLOADS, headers=TUS | {"upload-length": "5"}, content=b"12345"), 400)
    assert await held(live, address) == 0
    assert len(files(settings)) == 2


async def test_an_address_names_an_upload_and_no_file(live: Live, settings: Settings) -> None:
    address = await begun(live, 100)
    (settings.uploads / ("a" * 32)).write_bytes(b"another's")
    for name in (f"{address[len(UPLOADS) + 1 :]}.json", "..%2f" + "a" * 32, "..", "%2e%2e", "a.info", "a" * 32):
        for method in ("HEAD", "PATCH", "DELETE"):
            headers = TUS | {"upload-offset": "0", "content-type": PIECES}
            response = await live.visitor.request(method, f"{UPLOADS}/{name}", headers=headers)
            assert response.status_code in {404, 405, 422}, (method, name)
    assert len(files(settings)) == 3


async def test_no_account_sees_the_uploads_of_another(live: Live, database: Database) -> None:
    address = await begun(live, 4)
    await send(live, address, 0, b"1234")
    mine = live.app.state.door
    live.app.state.door = dataclasses.replace(mine, account=await accounts.local(database))
    assert (await live.visitor.get(UPLOADS)).json() == []
    assert (await live.visitor.head(address, headers=TUS)).status_code == 404
    problem(await send(live, address, 4, b""), 404)
    problem(await live.visitor.delete(address, headers=TUS), 404)
    problem(await live.visitor.post(f"{address}/import"), 404)
    live.app.state.door = mine
    assert await held(live, address) == 4


async def test_there_are_only_so_many_and_only_so_large(live: Live, settings: Settings) -> None:
    change(live, upload_limit=1000, upload_unfinished=3)
    assert problem(await announce(live, 1001), 413) == "Upload too large"
    assert problem(await announce(live, 0), 422) == "Upload empty"
    await begun(live, 1000)
    await begun(live, 900)
    assert problem(await announce(live, 101), 409) == "Uploads too many"
    last = await begun(live, 100)
    assert problem(await announce(live, 1), 409) == "Uploads too many"
    await live.visitor.delete(last, headers=TUS)
    assert (await announce(live, 1)).status_code == 201
    assert len(files(settings)) == 6


async def test_a_full_disk_is_told_and_what_is_here_is_kept(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    address = await begun(live, 100)

    def full(number: int, piece: memoryview) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        assert problem(await send(live, address, 0, b"x" * 100), 507) == "No space"
    assert await held(live, address) == 0
    usage = namedtuple("usage", ["total", "used", "free"])
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(100, 100, 150))
    assert problem(await announce(live, 51), 507) == "No space"
    assert (await announce(live, 50)).status_code == 201


async def test_what_is_not_whole_is_not_imported(live: Live) -> None:
    address = await begun(live, 100)
    await send(live, address, 0, b"x" * 99)
    assert problem(await live.visitor.post(f"{address}/import"), 409) == "Upload unfinished"
    assert await held(live, address) == 99


async def test_while_another_import_runs_the_upload_waits(live: Live, database: Database, account: uuid.UUID) -> None:
    whole = export()
    address = await begun(live, len(whole))
    await send(live, address, 0, whole)
    async with importing.begun(database, account, "another"):
        assert problem(await live.visitor.post(f"{address}/import"), 409) == "Import running"
    assert await held(live, address) == len(whole)
    assert (await ended(live, await live.visitor.post(f"{address}/import")))["status"] == "complete"


async def test_an_import_that_was_quicker_leaves_the_upload(
    live: Live, database: Database, account: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = export()
    address = await begun(live, len(whole))
    await send(live, address, 0, whole)

    async def unaware(_: object) -> None:
        """As if the other import began a moment later."""

    async with importing.begun(database, account, "another"):
        monkeypatch.setattr("soulprint.serving.rest.imports.refuse_while_busy", unaware)
        assert problem(await live.visitor.post(f"{address}/import"), 409) == "Import running"
    assert await held(live, address) == len(whole)


async def test_one_import_is_made_of_one_upload(live: Live) -> None:
    whole = export()
    address = await begun(live, len(whole))
    await send(live, address, 0, whole)
    responses = await asyncio.gather(*(live.visitor.post(f"{address}/import") for _ in range(4)))
    assert all(response.status_code in {202, 404, 409} for response in responses)
    assert sum(response.status_code == 202 for response in responses) == 1


async def test_an_upload_that_nobody_goes_on_with_is_removed(
    live: Live, settings: Settings, account: uuid.UUID, database: Database
) -> None:
    old, new = await begun(live, 100), await begun(live, 100)
    for path in files(settings):
        if uuid.UUID(old.rpartition("/")[2]).hex in path.name:
            os.utime(path, (0, time.time() - 8 * 24 * 3600))
    assert (await live.visitor.head(old, headers=TUS)).status_code == 404
    assert len((await live.visitor.get(UPLOADS)).json()) == 1
    background = Background(database, settings)
    await background.resume(account)
    await until(lambda: len(files(settings)) == 2)
    await background.close()
    assert await held(live, new) == 0


async def test_a_foreign_page_can_do_nothing(live: Live) -> None:
    address = await begun(live, 100)
    foreign = TUS | {"origin": "https://evil.example"}
    for method, path in [("POST", UPLOADS), ("OPTIONS", UPLOADS), ("GET", UPLOADS), ("POST", f"{address}/import")]:
        problem(await live.visitor.request(method, path, headers=foreign | {"upload-length": "5"}), 403)
    for method in ("HEAD", "PATCH", "DELETE"):
        response = await live.visitor.request(method, address, headers=foreign | {"x-http-method-override": "GET"})
        assert response.status_code == 403
    overriding = TUS | {"x-http-method-override": "DELETE"}
    assert (await live.visitor.get(UPLOADS, headers=overriding)).status_code == 200
    assert await held(live, address) == 0


async def test_no_name_of_a_file_goes_to_the_log(live: Live, capfd: pytest.CaptureFixture[str]) -> None:
    address = await begun(live, 100, "my secret talks.zip")
    await send(live, address, 7, b"x")
    await held(live, address)
    await live.visitor.delete(address, headers=TUS)
    assert "secret" not in "".join(capfd.readouterr())

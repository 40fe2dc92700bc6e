"""Handing over a large export in a real browser: in pieces, in part, and on after whatever breaks off."""

from __future__ import annotations

import asyncio
import base64
import io
import random
import socket
import struct
import time
import zipfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, Route, ViewportSize, expect

from soulprint.importing import formats
from soulprint.importing.files import choosing, zips
from soulprint.serving.rest import unfinished
from soulprint.settings import Settings
from tests.importing import exports
from tests.journeys.processes import Program
from tests.journeys.test_browser import DESK, browser, context, live, page
from tests.model_server.fixtures import credentials, model_server
from tests.package import free_port
from tests.serving.conftest import Live, until

__all__ = ["browser", "context", "credentials", "live", "model_server", "page"]

pytestmark = pytest.mark.anyio

MEGABYTE = 1_000_000
PHONE: ViewportSize = {"width": 390, "height": 780}
PICTURE = random.Random(4).randbytes(MEGABYTE)
UPLOADS = "**/api/v1/uploads/*"
TUS = {"tus-resumable": "1.0.0"}
PIECE = {"upload-offset": "0", "content-type": "application/offset+octet-stream"}


class Arrived(list[int]):
    """The sizes of what the server kept, in order."""


@pytest.fixture
def arrived(monkeypatch: pytest.MonkeyPatch) -> Arrived:
    sizes, add = Arrived(), unfinished.Folder.add

    def noted(folder: unfinished.Folder, upload_id: Any, offset: int, piece: bytes) -> None:
        add(folder, upload_id, offset, piece)
        sizes.append(len(piece))

    monkeypatch.setattr(unfinished.Folder, "add", noted)
    return sizes


@pytest.fixture
async def shaky(browser: Browser, live: Live) -> AsyncIterator[Page]:
    """A page where connections may break off, and nothing else may go wrong."""
    context = await browser.new_context(viewport=DESK, base_url=live.address)
    wrong: list[str] = []
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    context.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    yield await context.new_page()
    await context.close()
    assert [text for text in wrong if not text.startswith("Failed to load resource")] == []


def conversations() -> bytes:
    return exports.as_written([exports.chatgpt_conversation("A talk", [("user", "I live in Lyon with our old cat.")])])


def zipped(path: Path, pictures: int = 12) -> Path:
    """An export of mostly pictures."""
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(pictures):
            archive.writestr(f"user-1/picture-{number}.png", PICTURE)
        archive.writestr("conversations.json", conversations(), zipfile.ZIP_DEFLATED)
        archive.writestr("user.json", b'{"email": "ines@example.org"}')
    return path


async def send_whole(page: Page, path: Path) -> None:
    await page.set_input_files("#file", path)
    await page.get_by_label("The whole file").check()
    await page.get_by_role("button", name="Send").click()


def left(settings: Settings) -> list[Path]:
    return [path for path in settings.uploads.rglob("*") if path.is_file()]


class Gate:
    """Lets so many pieces through, and holds or breaks off the others."""

    def __init__(self, pieces: int, *, breaks: bool = False) -> None:
        self.pieces, self.breaks, self.waiting = pieces, breaks, asyncio.Event()

    async def __call__(self, route: Route) -> None:
        if route.request.method != "PATCH":
            await route.continue_()
        elif self.pieces > 0:
            self.pieces -= 1
            await route.continue_()
        elif self.breaks:
            self.waiting.set()
            await route.abort("connectionreset")
        else:
            self.waiting.set()


async def held_up(page: Page, path: Path, pieces: int = 2) -> None:
    """Begin to send the file, of which so many pieces come through."""
    gate = Gate(pieces)
    await page.route(UPLOADS, gate)
    await page.goto("/")
    await send_whole(page, path)
    await gate.waiting.wait()


async def test_a_file_goes_in_pieces_and_is_imported(page: Page, tmp_path: Path, arrived: Arrived) -> None:
    path = zipped(tmp_path / "export.zip")
    pieces: list[int] = []
    page.on("request", lambda asked: pieces.append(1) if asked.method == "PATCH" else None)
    await page.goto("/")
    await send_whole(page, path)
    await expect(page.locator("#progress")).to_contain_text("is imported", timeout=30_000)
    await expect(page.locator("#upload")).to_be_visible()
    assert sum(arrived) == path.stat().st_size
    assert len(pieces) > 2


async def test_only_the_conversations_are_sent(page: Page, tmp_path: Path, arrived: Arrived) -> None:
    await page.goto("/")
    await page.set_input_files("#file", zipped(tmp_path / "export.zip"))
    offer = page.locator(".offer")
    await expect(offer).to_contain_text("How much of export.zip is to be sent?")
    await expect(offer).to_contain_text("bytes of 12.0 MB")
    await expect(page.get_by_label("Only the conversations")).to_be_checked()
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#progress")).to_contain_text("is imported", timeout=30_000)
    assert 0 < sum(arrived) < 2_000


async def test_nothing_is_sent_when_the_person_says_not_now(page: Page, tmp_path: Path, settings: Settings) -> None:
    await page.goto("/")
    await page.set_input_files("#file", zipped(tmp_path / "export.zip"))
    await page.get_by_role("button", name="Not now").click()
    await expect(page.locator("label[for=file]")).to_be_visible()
    assert left(settings) == []


@pytest.mark.parametrize("live", [{"upload_limit": 5 * MEGABYTE}], indirect=True)
async def test_of_a_file_that_is_too_large_the_conversations_can_be_sent(page: Page, tmp_path: Path) -> None:
    await page.goto("/")
    await page.set_input_files("#file", zipped(tmp_path / "export.zip"))
    await expect(page.get_by_label("Only the conversations")).to_be_visible()
    await expect(page.get_by_label("The whole file")).to_be_hidden()
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator("#progress")).to_contain_text("is imported", timeout=30_000)


async def test_a_lost_connection_is_survived(shaky: Page, tmp_path: Path, arrived: Arrived) -> None:
    path = zipped(tmp_path / "export.zip")
    gate = Gate(2, breaks=True)
    await shaky.route(UPLOADS, gate)
    await shaky.goto("/")
    await send_whole(shaky, path)
    await gate.waiting.wait()
    await expect(shaky.locator("[data-wait]")).to_contain_text("The connection is gone")
    await shaky.unroute(UPLOADS, gate)
    await shaky.evaluate("dispatchEvent(new Event('online'))")
    await expect(shaky.locator("#progress")).to_contain_text("is imported", timeout=30_000)
    assert sum(arrived) == path.stat().st_size


async def test_a_restart_of_the_server_is_survived(shaky: Page, live: Live, tmp_path: Path, arrived: Arrived) -> None:
    path = zipped(tmp_path / "export.zip")
    gate = Gate(2)
    async with serving(live.app) as (port, stop):
        await shaky.route(UPLOADS, gate)
        await shaky.goto(f"http://127.0.0.1:{port}/")
        await send_whole(shaky, path)
        await gate.waiting.wait()
        await stop()
        await shaky.unroute_all(behavior="ignoreErrors")
    async with serving(live.app, port):
        await shaky.evaluate("dispatchEvent(new Event('online'))")
        await expect(shaky.locator("#progress")).to_contain_text("is imported", timeout=60_000)
    assert sum(arrived) == path.stat().st_size


def test_what_a_killed_server_had_of_an_upload_is_still_there(tmp_path: Path) -> None:
    program, whole = Program(tmp_path / "home"), zipped(tmp_path / "export.zip", pictures=4).read_bytes()
    with program.serving(free_port()) as serving:
        announced = httpx2.post(f"{serving.address}/api/v1/uploads", headers=TUS | {"upload-length": str(len(whole))})
        address = announced.headers["location"]
        with socket.create_connection(("127.0.0.1", int(serving.address.rpartition(":")[2]))) as connection:
            headers = TUS | {"Host": serving.address[7:], "Content-Length": str(len(whole))} | PIECE
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            connection.sendall(f"PATCH {address} HTTP/1.1\r\n{head}\r\n".encode() + whole[: len(whole) // 2])
            while not any(path.stat().st_size > MEGABYTE for path in program.home.glob("uploads/unfinished/*/*")):
                time.sleep(0.01)
            serving.process.kill()
            serving.process.wait()
    with program.serving(free_port()) as serving:
        held = int(httpx2.head(serving.address + address, headers=TUS).headers["upload-offset"])
        assert MEGABYTE < held <= len(whole) // 2
        rest = TUS | PIECE | {"upload-offset": str(held)}
        assert httpx2.patch(serving.address + address, headers=rest, content=whole[held:]).status_code == 204
        assert httpx2.post(f"{serving.address}{address}/import").status_code == 202
        status = serving.until(lambda status: status["version"] is not None)
        assert status["import"]["status"] == "complete"


async def test_after_a_reload_the_same_file_goes_on(page: Page, tmp_path: Path, arrived: Arrived) -> None:
    path = zipped(tmp_path / "export.zip")
    await held_up(page, path, pieces=3)
    sent = sum(arrived)
    await page.reload()
    await page.unroute_all(behavior="ignoreErrors")
    await expect(page.locator(".unfinished")).to_contain_text(
        f"export.zip: {100 * sent // path.stat().st_size} % is here"
    )
    await page.set_input_files("#file", path)
    await expect(page.locator("#progress")).to_contain_text("is imported", timeout=30_000)
    assert 0 < sent < sum(arrived) == path.stat().st_size


async def test_a_stopped_upload_is_gone(page: Page, tmp_path: Path, settings: Settings) -> None:
    await held_up(page, zipped(tmp_path / "export.zip"))
    assert len(left(settings)) == 2
    await page.get_by_role("button", name="Stop and remove").click()
    await expect(page.locator("label[for=file]")).to_be_visible()
    await expect(page.locator(".unfinished")).to_be_hidden()
    assert left(settings) == []


async def test_an_unfinished_upload_can_be_removed(page: Page, tmp_path: Path, settings: Settings) -> None:
    await held_up(page, zipped(tmp_path / "export.zip"))
    await page.reload()
    await page.unroute_all(behavior="ignoreErrors")
    await page.get_by_role("button", name="Remove it").click()
    await expect(page.locator(".unfinished")).to_be_hidden()
    assert left(settings) == []


async def test_a_second_tab_waits_for_the_first(context: BrowserContext, page: Page, tmp_path: Path) -> None:
    path = zipped(tmp_path / "export.zip")
    await held_up(page, path)
    other = await context.new_page()
    await other.goto("/")
    await expect(other.locator(".unfinished")).to_contain_text("Another tab is at it.")
    await expect(other.get_by_role("button", name="Remove it")).to_have_count(0)
    await other.set_input_files("#file", path)
    await expect(other.get_by_role("alert")).to_contain_text("Another tab is sending a file.")


async def test_the_keyboard_is_enough_to_choose_to_pause_and_to_go_on(
    page: Page, tmp_path: Path, arrived: Arrived
) -> None:
    path = zipped(tmp_path / "export.zip")
    gate = Gate(2)
    await page.route(UPLOADS, gate)
    await page.goto("/")
    await page.set_input_files("#file", path)
    await expect(page.get_by_label("Only the conversations")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Pause")).to_be_focused()
    await gate.waiting.wait()
    await page.keyboard.press("Enter")
    await expect(page.locator("[data-wait]")).to_contain_text("Paused.")
    await page.unroute_all(behavior="ignoreErrors")
    await page.keyboard.press("Enter")
    await expect(page.locator("#progress")).to_contain_text("is imported", timeout=30_000)
    assert sum(arrived) == path.stat().st_size


async def test_what_is_whole_while_another_import_runs_is_imported_later(shaky: Page, tmp_path: Path) -> None:
    async def refuse(route: Route) -> None:
        await route.fulfill(status=409, content_type="application/problem+json", body='{"detail": "Another runs."}')

    await shaky.route("**/import", refuse)
    await shaky.goto("/")
    await send_whole(shaky, zipped(tmp_path / "export.zip"))
    await expect(shaky.get_by_role("alert")).to_contain_text("Another runs.")
    await shaky.unroute("**/import", refuse)
    await shaky.get_by_role("button", name="Import it").click()
    await expect(shaky.locator("#progress")).to_contain_text("is imported", timeout=30_000)


async def test_every_state_fits_a_phone(page: Page, tmp_path: Path) -> None:
    async def fits() -> None:
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    await page.set_viewport_size(PHONE)
    gate = Gate(2)
    await page.route(UPLOADS, gate)
    await page.goto("/")
    path = zipped(tmp_path / f"{'a-very-long-name-of-an-export-' * 5}.zip")
    await page.set_input_files("#file", path)
    await expect(page.locator(".offer")).to_be_visible()
    await fits()
    await page.get_by_label("The whole file").check()
    await page.get_by_role("button", name="Send").click()
    await gate.waiting.wait()
    await fits()
    await page.reload()
    await page.unroute_all(behavior="ignoreErrors")
    await expect(page.locator(".unfinished")).to_be_visible()
    await fits()


# What of a zip is chosen, and the zip that is made of it


def plain(path: Path) -> None:
    zipped(path, pictures=2)


def with_descriptors(path: Path) -> None:
    class Stream(io.RawIOBase):
        """Can't go back, as a download."""

        def __init__(self) -> None:
            self.file = path.open("wb")

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return self.file.write(data)

        def close(self) -> None:
            self.file.close()
            super().close()

    with Stream() as stream, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("conversations-000.json", conversations())
        archive.writestr("picture.png", PICTURE)
        archive.writestr("conversations-001.json", conversations())
        with archive.open("conversations-002.json", "w", force_zip64=True) as member:
            member.write(conversations())


def with_wide_numbers(path: Path) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(zipfile, "ZIP64_LIMIT", 100)
        zipped(path, pictures=2)


def after_something_else(path: Path) -> None:
    zipped(path, pictures=1)
    path.write_bytes(b"#!/bin/sh\nexit\n" * 99 + path.read_bytes())


def with_many_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(70_000):
            archive.writestr(f"pictures/{number}", b"")
        archive.writestr("export/conversations.json", conversations())


def larger_than_32_bits(path: Path) -> None:
    """A hole of 5 GB stands for a recording; behind it are the conversations."""
    hole, name, data = 5 * 2**30, b"recording.wav", conversations()
    talk = b"conversations.json"
    with path.open("wb") as file:
        file.write(struct.pack("<4s5H3L2H", b"PK\3\4", 45, 0, 0, 0, 0, 0, 2**32 - 1, 2**32 - 1, len(name), 20))
        file.write(name + struct.pack("<2H2Q", 1, 16, hole, hole))
        file.seek(hole, io.SEEK_CUR)
        at, crc = file.tell(), zipfile.crc32(data)  # type: ignore[attr-defined]
        file.write(struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 0, crc, len(data), len(data), len(talk), 0))
        file.write(talk + data)
        start = file.tell()
        numbers = (2**32 - 1, 2**32 - 1, len(name), 20, 0, 0, 0, 0, 0)
        file.write(struct.pack("<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, 0, *numbers))
        file.write(name + struct.pack("<2H2Q", 1, 16, hole, hole))
        numbers = (len(data), len(data), len(talk), 12, 0, 0, 0, 0, 2**32 - 1)
        file.write(struct.pack("<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, crc, *numbers))
        file.write(talk + struct.pack("<2HQ", 1, 8, at))
        size, end = file.tell() - start, file.tell()
        file.write(struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 2, 2, size, start))
        file.write(struct.pack("<4sLQL", b"PK\6\7", 0, end, 1))
        file.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 2, 2, size, 2**32 - 1, 0))


def of_zips(path: Path) -> None:
    """As the privacy portal sends it."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(
            "User Online Activity/Conversations__abc.zip", exports.zipped({"conversations-000.json": conversations()})
        )
        archive.writestr("User Online Activity/Files__abc.zip", PICTURE)
        archive.writestr("User Online Activity/export_manifest.json", b'{"files": []}')


def of_odd_names(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("Zoë/CONVERSATIONS.JSON", "../conversations.json", "/conversations.json", "c:/conversations.json"):
            archive.writestr(name, conversations())
        for name in (
            "__MACOSX/._conversations.json",
            "folder/",
            "users.json",
            "chat.html",
            "日記/conversations-3.json",
        ):
            archive.writestr(name, b"" if name.endswith("/") else conversations())


def of_a_page(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("chat.html", "<html>" + "x" * 1000)
        archive.writestr("picture.png", PICTURE)
        archive.writestr("user.json", b"{}")


def of_renamed_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("chat.html", "<html>")
        archive.writestr("mine.json", conversations())
        archive.writestr("picture.png", PICTURE)


SOUND = [
    plain,
    with_descriptors,
    with_wide_numbers,
    after_something_else,
    with_many_members,
    larger_than_32_bits,
    of_zips,
    of_odd_names,
    of_a_page,
    of_renamed_members,
]

CHOOSE = """async (patterns) => {
  const { chosen } = await import("/static/zip.js");
  const made = await chosen(document.querySelector("#probe").files[0], patterns);
  if (!made) return null;
  const bytes = new Uint8Array(await made.blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


@pytest.fixture
async def choose(page: Page) -> Callable[[Path], Any]:
    """What the browser would send of a file, None for the whole."""
    await page.goto("/")
    patterns = await page.evaluate("JSON.parse(document.querySelector('#upload').dataset.members)")
    await page.evaluate(
        "document.body.append(Object.assign(document.createElement('input'), { type: 'file', id: 'probe' }))"
    )

    async def made(path: Path) -> bytes | None:
        await page.set_input_files("#probe", path)
        found = await page.evaluate(CHOOSE, patterns)
        return found if found is None else base64.b64decode(found)

    return made


async def test_the_browser_chooses_what_the_import_reads(choose: Callable[[Path], Any], tmp_path: Path) -> None:
    for build in SOUND:
        path = tmp_path / f"{build.__name__}.zip"
        build(path)
        made = await choose(path)
        assert made is not None, build.__name__
        assert names(made) == expected(path), build.__name__
        with zipfile.ZipFile(io.BytesIO(made)) as small, zipfile.ZipFile(path) as large:
            assert small.testzip() is None
            for name in small.namelist():
                assert small.read(name) == large.read(name), (build.__name__, name)
        for entry in zips.entries(memoryview(made)):
            assert b"".join(zips.inflated(memoryview(made), entry)), build.__name__


async def test_what_is_no_sound_zip_is_sent_as_it_is(choose: Callable[[Path], Any], tmp_path: Path) -> None:
    path, whole = tmp_path / "file.zip", tmp_path / "whole.zip"
    plain(whole)
    sound = whole.read_bytes()
    wild = random.Random(7)
    files = [
        b"",
        b"PK",
        b"buy milk",
        b"[]",
        sound[:-30],
        sound[: len(sound) // 2],
        b"PK\5\6" + b"\xff" * 18,
        b"\0" * 70_000,
    ]
    files += [b"PK\6\6" + bytes(52) + b"PK\6\7" + bytes(16) + b"PK\5\6" + b"\xff" * 18]
    for content in files:
        path.write_bytes(content)
        assert await choose(path) is None
    end = len(sound) - 400
    for _ in range(60):
        broken = bytearray(sound)
        for _ in range(wild.randint(1, 6)):
            broken[wild.randrange(end, len(broken))] = wild.randrange(256)
        path.write_bytes(broken)
        made = await choose(path)
        assert made is None or len(made) <= 4 * len(sound)


def names(content: bytes) -> list[str]:
    return sorted(entry.name for entry in zips.entries(memoryview(content)))


def expected(path: Path) -> list[str]:
    """The members that the import would read, and the manifests."""
    with zipfile.ZipFile(path) as archive:
        all_names = [name for name in archive.namelist() if not name.endswith("/")]
    safe = [name for name in all_names if not name.startswith("/") and name[1] != ":" and ".." not in name]
    manifests = [name for name in safe if name.endswith(choosing.MANIFEST)]
    found = [name for name in safe if name not in manifests]
    return sorted(manifests + choosing.chosen(found, lambda name: name, formats.known)[0])


@asynccontextmanager
async def serving(app: FastAPI, port: int = 0) -> AsyncIterator[tuple[int, Callable[[], Any]]]:
    """`app` on a port, with what stops it."""
    listening = socket.create_server(("127.0.0.1", port or free_port()))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    running = asyncio.create_task(server.serve(sockets=[listening]))

    async def stop() -> None:
        server.should_exit = True
        await running

    await until(lambda: server.started)
    try:
        yield listening.getsockname()[1], stop
    finally:
        await stop()

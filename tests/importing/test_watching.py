from __future__ import annotations

from contextlib import aclosing
from pathlib import Path

import pytest

from soulprint import errors, importing
from soulprint.importing import watching
from soulprint.settings import Settings
from tests.importing import exports

pytestmark = pytest.mark.anyio

TALK = [exports.chatgpt_conversation("One")]
STILL = 0.05


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "Downloads"
    folder.mkdir()
    return folder


async def test_what_lies_there_and_what_comes_is_told_once(folder: Path, settings: Settings) -> None:
    lying = exports.written(folder / "first.zip", exports.zipped({"conversations.json": TALK}))
    async with aclosing(watching.arrivals(folder, settings, STILL)) as arrivals:
        found = await anext(arrivals)
        assert (found.path, found.fingerprint, found.problem) == (lying, importing.fingerprint([lying]), None)
        exports.written(folder / "picture.png", b"\x89PNG")
        exports.written(folder / "list.json", {"some": "thing"})
        exports.written(folder / "second.json.crdownload", TALK)
        exports.written(folder / "export" / "conversations-000.json", TALK)
        assert (await anext(arrivals)).path == folder / "export"
        arrived = (folder / "second.json.crdownload").rename(folder / "second.json")
        assert (await anext(arrivals)).path == arrived
        exports.written(lying, exports.zipped({"conversations.json": [*TALK, exports.chatgpt_conversation("Two")]}))
        again = await anext(arrivals)
        assert again.path == lying
        assert again.fingerprint != found.fingerprint


async def test_a_bad_file_is_told_and_the_watch_goes_on(folder: Path, settings: Settings) -> None:
    locked = bytearray(exports.zipped({"conversations.json": TALK}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[locked.index(signature) + flags] |= 1
    exports.written(folder / "a.zip", bytes(locked))
    exports.written(folder / "b.json", TALK)
    async with aclosing(watching.arrivals(folder, settings, STILL)) as arrivals:
        bad, good = await anext(arrivals), await anext(arrivals)
    assert isinstance(bad.problem, errors.ExportUnreadable)
    assert (good.path.name, good.problem) == ("b.json", None)


async def test_a_list_of_links_is_told_as_the_export_is_elsewhere(folder: Path, settings: Settings) -> None:
    exports.written(folder / "manifest.json", {"files": [{"name": "conversations-000.zip", "url": "https://x"}]})
    async with aclosing(watching.arrivals(folder, settings, STILL)) as arrivals:
        assert isinstance((await anext(arrivals)).problem, errors.ExportElsewhere)


async def test_a_folder_that_goes_away_is_an_error(folder: Path, settings: Settings) -> None:
    exports.written(folder / "a.json", TALK)
    async with aclosing(watching.arrivals(folder, settings, STILL)) as arrivals:
        await anext(arrivals)
        (folder / "a.json").unlink()
        folder.rmdir()  # noqa: ASYNC240
        with pytest.raises(errors.ExportUnreadable):
            await anext(arrivals)


def test_what_still_grows_waits(folder: Path) -> None:
    waiting = watching.Waiting(still=3)
    path = exports.written(folder / "a.json", b"[")
    waiting.add([path, folder / "gone.json", exports.written(folder / "b.part", TALK)])
    assert waiting.settled(10) == []
    assert waiting.settled(12.9) == []
    exports.written(path, TALK)
    assert waiting.settled(13.5) == []
    assert waiting.settled(16) == []
    assert waiting.settled(16.6) == [(path, importing.fingerprint([path]))]
    waiting.add([path])
    assert waiting.settled(17) + waiting.settled(30) == []
    path.unlink()
    waiting.add([path])
    assert waiting.settled(31) == []

"""The command line where it is broken off and where nothing can be imported."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path

import pytest

from soulprint.database import Database
from soulprint.serving import cli
from soulprint.settings import Settings
from tests.importing import exports

pytestmark = pytest.mark.anyio


async def test_an_import_that_is_broken_off_says_what_is_kept(
    database: Database, account: uuid.UUID, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    export = exports.written(tmp_path / "conversations.json", [exports.chatgpt_conversation("One")])
    importer = cli._Importer(database, account, settings, as_json=False, no_pass=True, restore=False)
    importing = asyncio.create_task(importer.bring([export]))
    await asyncio.sleep(0)
    importing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await importing
    assert capsys.readouterr().err == "What was read is kept; the same command goes on from there.\n"

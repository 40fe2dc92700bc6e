"""What a person sees of exports on the command line: what files are, what is gone, and a folder that is watched."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import pytest

from tests.importing import exports
from tests.journeys.processes import Program
from tests.package import free_port

TALKS = [
    exports.chatgpt_conversation(title, [("user", f"I moved to Lyon in {number}.")], time=1.7e9 + number * 86_400)
    for number, title in enumerate(("first", "second", "third", "last"))
]
MEMORY = [{"conversations_memory": "She bakes.", "project_memories": {}, "account_uuid": "a"}]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path / "home")


def test_to_explain_opens_nothing(program: Program, tmp_path: Path) -> None:
    archive = exports.written(tmp_path / "export.zip", exports.zipped({"conversations.json": TALKS}))
    other = exports.written(tmp_path / "other.json", {"some": "thing"})
    told = program.run("import", "--explain", archive, other)
    assert told.returncode == 0, told.stderr
    assert "export.zip/conversations.json" in told.stdout
    assert "ChatGPT: elements have a mapping of messages with authors" in told.stdout
    assert "not read: its entries have the fields some" in told.stdout
    assert "An import would take 4 conversations with 4 messages of yours" in told.stdout
    first, second = program.json("import", "--explain", archive, other)
    assert (first["format"], first["conversations"], second["format"]) == ("chatgpt", 4, None)
    assert not program.home.exists()


@pytest.mark.parametrize(
    "arguments", [(), ("--watch", "nowhere"), ("--explain", "--watch", "."), ("nothing.zip",), (".", "--watch", ".")]
)
def test_wrong_use_is_told(program: Program, arguments: tuple[str, ...]) -> None:
    assert program.run("import", *arguments).returncode == 2
    assert not program.home.exists()


def test_what_is_gone_is_listed_kept_and_deleted(program: Program, tmp_path: Path) -> None:
    whole = exports.written(tmp_path / "whole.json", TALKS)
    memory = exports.written(tmp_path / "memories.json", MEMORY)
    later = exports.written(tmp_path / "later.json", [TALKS[0], *TALKS[2:]])
    first = program.run("import", whole, memory)
    assert "4 new conversations are in." in first.stdout
    assert "soulprint gone" not in first.stdout
    second = program.run("import", later)
    assert "Nothing new: 3 conversations were here already." in second.stdout
    assert "1 conversation is not in the newest export" in second.stdout
    assert "second" in program.run("gone").stdout
    assert program.run("gone", "--delete", "--keep").returncode == 2
    assert "1 conversation kept" in program.run("gone", "--keep").stderr
    assert program.json("gone") == []
    program.run("import", whole)
    assert program.json("import", later)["gone"] == 1
    deleted = program.run("gone", "--delete")
    assert deleted.returncode == 0, deleted.stderr
    assert "1 conversation was deleted here" in deleted.stdout
    assert "made without them" in deleted.stdout
    assert program.json("status")["conversations"] == 3
    part = exports.written(tmp_path / "part.json", [TALKS[3]])
    assert "probably a part of your history" in program.run("import", part).stdout
    assert program.run("gone", "--delete").returncode == 2
    assert program.json("status")["conversations"] == 3
    [claim] = program.json("claims")
    assert (claim["provider"], claim["kind"], claim["text"]) == ("claude", "provider_memory", "She bakes.")
    assert "Written by Claude’s memory, to be checked" in program.run("claims").stdout


def test_a_watched_folder_is_imported_beside_the_pages(program: Program, tmp_path: Path) -> None:
    folder = tmp_path / "Downloads"
    exports.written(folder / "first.json", TALKS[:1])
    exports.written(folder / "picture.png", b"\x89PNG")

    def has(number: int) -> Any:
        return lambda status: status["conversations"] == number and status["stage"] == "ready"

    with program.serving(free_port()) as serving:
        watching = program.start("import", "--watch", folder)
        try:
            serving.until(has(1))
            exports.written(folder / "bad.zip", exports.zipped({"conversations.json": TALKS})[:100])
            exports.written(folder / "second.zip.crdownload", exports.zipped({"conversations.json": TALKS}))
            (folder / "second.zip.crdownload").rename(folder / "second.zip")
            serving.until(has(4))
            assert watching.poll() is None
            watching.send_signal(signal.SIGINT)
            assert watching.wait(timeout=30) == 130
            assert serving.status()["conversations"] == 4
        finally:
            watching.kill()
            watching.wait()

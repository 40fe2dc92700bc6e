from __future__ import annotations

import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from soulprint import errors
from soulprint.importing.engine import frames, readers
from soulprint.importing.engine.batches import Batch
from soulprint.importing.engine.reading import Numbered
from soulprint.importing.files import archives
from tests.importing import exports, processes


def member(path: Path, size: int | None = None) -> archives.Member:
    size = path.stat().st_size if size is None else size
    return archives.Member(path.name, path, None, size, size, named=True, fingerprint=path.name)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The program, ready to be given tasks."""
    command = [sys.executable, "-m", readers.PROGRAM]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdin
        frames.send(process.stdin, frames.Setup(uuid.UUID(int=1), tmp_path, frozenset()))
        yield process
        process.kill()


def ask(reader: subprocess.Popen[bytes], *members: archives.Member) -> list[object]:
    """What it answers to a task, up to its end."""
    assert reader.stdin
    assert reader.stdout
    frames.send(reader.stdin, [Numbered(*each) for each in enumerate(members)])
    answers: list[object] = []
    while isinstance(answer := frames.received(reader.stdout), Batch):
        answers.append(answer)
    return [*answers, answer]


def test_a_reader_reads_one_task_after_the_other(reader: subprocess.Popen[bytes], tmp_path: Path) -> None:
    paths = [exports.written(tmp_path / f"{name}.json", [exports.chatgpt_conversation(name)]) for name in "abc"]
    [first, done] = ask(reader, *map(member, paths[:2]))
    assert isinstance(first, Batch)
    assert ({each.title for each in first.conversations.values()}, first.finished) == ({"a", "b"}, [0, 1])
    assert first.bytes_read == sum(path.stat().st_size for path in paths[:2])
    assert done == frames.Done()
    [second, _] = ask(reader, member(paths[2]))
    assert isinstance(second, Batch)
    assert second.bytes_read == paths[2].stat().st_size


def test_what_a_reader_cannot_read_is_told(reader: subprocess.Popen[bytes], tmp_path: Path) -> None:
    [error] = ask(reader, member(tmp_path / "gone.json", 5))
    assert isinstance(error, FileNotFoundError)
    assert reader.wait(30) == 1


def test_a_reader_ends_when_nobody_is_there_any_more(reader: subprocess.Popen[bytes]) -> None:
    assert reader.stdin
    reader.stdin.close()
    assert reader.wait(30) == 0


def test_a_reader_loads_neither_models_nor_pages() -> None:
    """Nor what talks to the database: it starts with each import."""
    asked = f"import sys, {readers.PROGRAM}; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert not {"fastapi", "pydantic_ai", "psycopg", "sqlalchemy", "soulprint.database"} & {*found.stdout.split()}


def test_small_members_share_a_task_and_a_large_one_stands_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "PROCESSES", 4)
    sizes = [10] * 1200 + [readers.TASK_BYTES * 3] + [10]
    members = [Numbered(number, member(tmp_path, size)) for number, size in enumerate(sizes)]
    setup = frames.Setup(uuid.UUID(int=1), tmp_path, frozenset())
    assert readers.are_worth_it(members)
    assert not readers.are_worth_it(members[:1200])
    assert len(readers.Readers(setup, members).sources()) == 4
    assert len(readers.Readers(setup, members[:600]).sources()) == 2
    assert len(readers.Readers(setup, members[:1]).sources()) == 1


def test_nothing_is_read_after_a_stop(tmp_path: Path) -> None:
    path = exports.written(tmp_path / "a.json", [exports.chatgpt_conversation()])
    work = readers.Readers(frames.Setup(uuid.UUID(int=1), tmp_path, frozenset()), [Numbered(0, member(path))])
    [source] = work.sources()
    work.stop()
    assert [*source] == []


def test_a_reader_that_was_killed_is_an_error(tmp_path: Path) -> None:
    fifo = tmp_path / "conversations.json"
    os.mkfifo(fifo)  # to open it takes until somebody writes
    work = readers.Readers(frames.Setup(uuid.UUID(int=1), tmp_path, frozenset()), [Numbered(0, member(fifo, 5))])
    [source] = work.sources()
    killer = threading.Thread(target=kill_reader)
    killer.start()
    with pytest.raises(errors.ReaderDied, match="signal 9"):
        next(source)
    killer.join()


def kill_reader() -> None:
    """As soon as there is one."""
    while not (found := processes.of()):
        pass
    for each in found:
        each.kill()

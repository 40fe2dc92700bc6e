"""A full pass whose processes are killed without warning, again and again: it goes on, and pays for nothing twice but
what was in flight."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.importing import exports
from tests.journeys.processes import Program
from tests.journeys.test_interrupted import using
from tests.model_server import ModelServer, reader, running

CONVERSATIONS = 80
CONCURRENCY = 4
LATENCY = 0.3
KILLS = (False, False, True, False, True, False, False, True)
"""Whether the database is killed too."""


@pytest.fixture(scope="module")
def model_server() -> Iterator[ModelServer]:
    with running(script=reader.plausible, latency=LATENCY) as server:
        yield server


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, model_server: ModelServer) -> Program:
    """With a model that reads in many small windows."""
    settings = {"SOULPRINT_EXTRACT_TOKENS": "500", "SOULPRINT_CONCURRENCY": str(CONCURRENCY)}
    return Program(tmp_path_factory.mktemp("home"), **using(model_server), **settings)


def begin(program: Program, folder: Path, first: int, conversations: int) -> None:
    """Import so many new conversations, and begin a pass over them that nobody works on yet."""
    done = program.run("import", export(folder, first, conversations), "--no-pass")
    assert done.returncode == 0, done.stderr
    assert program.run("pass", "full", "--no-wait").returncode == 0


def export(folder: Path, first: int, conversations: int) -> Path:
    talks = [
        exports.chatgpt_conversation(
            f"Talk {number}",
            [
                ("user", f"I live in town number {number} with my sister. I have worked there for {number} years."),
                ("assistant", "That is good to know, and here is what I would suggest. " * 20),
                ("user", f"I decided to build boat number {number} this summer, because I love the water."),
            ],
        )
        for number in range(first, first + conversations)
    ]
    return exports.written(folder / "export.json", talks)


def until_complete(program: Program, version: int) -> None:
    assert program.run("status", "--watch").returncode == 0
    found = program.json("status")["full_pass"]
    assert (found["status"], found["version"]) == ("complete", version), found


def until_asked(server: ModelServer, times: int, worker: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + 30
    while len(server.requests) < times and worker.poll() is None and time.monotonic() < patience:
        time.sleep(0.02)


def kill_database(program: Program) -> None:
    """What a power cut leaves of the built-in database."""
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "postgres":
            try:
                if Path(process.cwd()).is_relative_to(program.home) or str(program.home) in " ".join(process.cmdline()):
                    process.kill()
            except psutil.Error:
                continue


def test_a_pass_killed_again_and_again_goes_on_and_repeats_no_more_than_was_in_flight(
    program: Program, model_server: ModelServer, tmp_path: Path
) -> None:
    draw = random.Random(1)
    begin(program, tmp_path, 0, CONVERSATIONS)
    for with_database in KILLS:
        worker = program.start("worker")
        if draw.random() < 0.75:  # else at any moment of its start
            until_asked(model_server, len(model_server.requests) + 1, worker)
        time.sleep(draw.uniform(0, 3 * LATENCY))
        worker.kill()
        worker.wait()
        if with_database:
            kill_database(program)
    assert len(model_server.requests) > CONCURRENCY
    worker = program.start("worker")
    until_complete(program, 1)
    worker.terminate()
    worker.wait(30)
    assert model_server.repeated() <= len(KILLS) * CONCURRENCY
    found = program.json("facts")
    assert found
    assert all(fact["sources"] for fact in found)


def test_a_worker_takes_up_what_another_left_when_it_was_killed(
    program: Program, model_server: ModelServer, tmp_path: Path
) -> None:
    before = model_server.repeated()
    asked = len(model_server.requests)
    begin(program, tmp_path, 1_000, CONVERSATIONS // 2)
    first, second = program.start("worker"), program.start("worker")
    until_asked(model_server, asked + 2 * CONCURRENCY, first)
    first.kill()
    first.wait()
    until_complete(program, 2)
    second.terminate()
    second.wait(30)
    assert model_server.repeated() - before <= 2 * CONCURRENCY

"""A full pass whose processes are killed without warning, again and again: it goes on, and pays for nothing twice but
what was in flight."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from tests.importing import exports
from tests.journeys.processes import Program
from tests.journeys.test_interrupted import using
from tests.model_server import ModelServer, reader, running

CONVERSATIONS = 60
CONCURRENCY = 4


@pytest.fixture
def model_server() -> Iterator[ModelServer]:
    with running(script=reader.plausible, latency=0.4) as server:
        yield server


@pytest.fixture
def program(tmp_path: Path, model_server: ModelServer) -> Program:
    """With a history imported, and a model that reads it in many small windows."""
    settings = {"SOULPRINT_EXTRACT_TOKENS": "500", "SOULPRINT_CONCURRENCY": str(CONCURRENCY)}
    program = Program(tmp_path / "home", **using(model_server), **settings)
    done = program.run("import", export(tmp_path), "--no-pass")
    assert done.returncode == 0, done.stderr
    return program


def export(folder: Path) -> Path:
    talks = [
        exports.chatgpt_conversation(
            f"Talk {number}",
            [
                ("user", f"I live in town number {number} with my sister. I have worked there for {number} years."),
                ("assistant", "That is good to know, and here is what I would suggest. " * 20),
                ("user", f"I decided to build boat number {number} this summer, because I love the water."),
            ],
        )
        for number in range(CONVERSATIONS)
    ]
    return exports.written(folder / "export.json", talks)


def until_complete(program: Program) -> None:
    deadline = time.monotonic() + 150
    while (found := program.json("status")["full_pass"])["status"] == "processing":
        assert time.monotonic() < deadline, found
        time.sleep(0.5)
    assert (found["status"], found["version"]) == ("complete", 1), found


def repeated(server: ModelServer) -> int:
    """Requests that had been sent before, word for word."""
    return sum(count - 1 for count in Counter(request.raw for request in server.requests).values())


def kill_database(program: Program) -> None:
    """What a power cut leaves of the built-in database."""
    for process in psutil.process_iter(["name"]):
        if process.info["name"] == "postgres":
            try:
                if Path(process.cwd()).is_relative_to(program.home) or str(program.home) in " ".join(process.cmdline()):
                    process.kill()
            except psutil.Error:
                continue


@pytest.mark.parametrize("with_database", [False, True], ids=["worker", "worker and database"])
def test_a_killed_pass_goes_on_and_repeats_no_more_than_was_in_flight(
    program: Program, model_server: ModelServer, with_database: bool
) -> None:
    draw = random.Random(with_database)
    assert program.run("pass", "full", "--no-wait").returncode == 0
    kills = 0
    for _ in range(4):
        worker = program.start("worker")
        before = len(model_server.requests)
        patience = time.monotonic() + 30
        while len(model_server.requests) == before and worker.poll() is None and time.monotonic() < patience:
            time.sleep(0.05)
        time.sleep(draw.uniform(0, 1.5))
        worker.kill()
        worker.wait()
        kills += 1
        if with_database:
            kill_database(program)
    assert len(model_server.requests) > CONCURRENCY
    worker = program.start("worker")
    until_complete(program)
    worker.terminate()
    worker.wait(30)
    assert repeated(model_server) <= kills * CONCURRENCY
    assert program.json("facts")
    assert all(fact["sources"] for fact in program.json("facts"))


def test_a_worker_takes_up_what_another_left_when_it_was_killed(program: Program, model_server: ModelServer) -> None:
    assert program.run("pass", "full", "--no-wait").returncode == 0
    first, second = program.start("worker"), program.start("worker")
    while len(model_server.requests) < 2 * CONCURRENCY:
        time.sleep(0.05)
    first.kill()
    first.wait()
    until_complete(program)
    second.terminate()
    second.wait(30)
    assert repeated(model_server) <= CONCURRENCY

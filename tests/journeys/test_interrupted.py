"""Killed without warning: nothing is stuck, nothing is half written, nothing is paid for twice."""

from __future__ import annotations

import urllib.request
from pathlib import Path

import pytest

from tests.importing import exports
from tests.journeys.processes import EXAMPLE, Program
from tests.model_server import ModelServer, running
from tests.package import free_port

CONVERSATIONS = 20_000


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    talks = [
        exports.chatgpt_conversation(str(number), [("user", f"message {number}"), ("assistant", "answer " * 50)])
        for number in range(CONVERSATIONS)
    ]
    return exports.written(tmp_path_factory.mktemp("export") / "large.json", talks)


def test_a_killed_import_is_not_stuck_and_can_be_finished(tmp_path: Path, large: Path) -> None:
    program = Program(tmp_path)
    with program.serving(free_port()) as serving:
        importing = program.start("import", large, "--no-pass")
        serving.until(lambda status: 0 < status["conversations"] < CONVERSATIONS)
        importing.kill()
        importing.wait()
    stopped = program.json("status")
    assert stopped["import"]["status"] == "failed"
    assert "interrupted" in stopped["import"]["error"]
    assert 0 < stopped["conversations"] < CONVERSATIONS
    report = program.json("import", large, "--no-pass")
    assert (report["unchanged"], report["imported"], report["resumed"]) == (0, CONVERSATIONS, True)
    assert report["messages"] == {"user": CONVERSATIONS, "assistant": CONVERSATIONS}


def test_a_server_killed_at_its_work_goes_on_after_a_restart(tmp_path: Path) -> None:
    with running() as model_server:
        model_server.latency = 2.0
        program = Program(tmp_path, **using(model_server))
        with program.serving(free_port()) as serving:
            upload(serving.address, EXAMPLE)
            serving.until(lambda status: status["stage"] == "profiling" and bool(model_server.requests))
            serving.process.kill()
        asked = len(model_server.requests)
        with program.serving(free_port()) as serving:
            status = serving.until(lambda status: status["version"] is not None)
            assert (status["stage"], status["version"], status["run"]["note"]) == ("ready", 1, None)
        assert len(model_server.requests) <= asked + 1
        program.run("pass", "quick")
        assert len(model_server.requests) <= asked + 1


def using(model_server: ModelServer) -> dict[str, str]:
    return {
        "SOULPRINT_MODEL": "openai:gpt-5-mini",
        "OPENAI_BASE_URL": f"{model_server.url}/v1",
        "OPENAI_API_KEY": model_server.key,
    }


def upload(address: str, export: Path) -> None:
    request = urllib.request.Request(
        f"{address}/api/v1/imports?name={export.name}", data=export.read_bytes(), headers={"Origin": address}
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 202

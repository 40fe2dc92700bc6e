"""The program as a person types it: real processes, the built-in database, an export of our own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.package import fetch, free_port

EXAMPLE = Path(__file__).parents[2] / "examples" / "ines-chatgpt-export.zip"
SOULPRINT = Path(sys.executable).with_name("soulprint")

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    names = ("PATH", "HOME", "LANG", "SYSTEMROOT", "TEMP")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return kept | {"SOULPRINT_HOME": str(tmp_path_factory.mktemp("a home with spaces")), "COLUMNS": "200"}


@pytest.fixture(scope="module")
def run(environment: dict[str, str]) -> Run:
    def run(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
        command = [str(part) for part in (SOULPRINT, *arguments)]
        return subprocess.run(command, env=environment | more, capture_output=True, text=True, timeout=120)

    return run


@pytest.fixture(scope="module")
def imported(run: Run) -> dict[str, Any]:
    done = run("import", EXAMPLE, "--json")
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def test_an_import_accounts_for_every_conversation(imported: dict[str, Any]) -> None:
    outcomes = [imported[name] for name in ("imported", "updated", "unchanged", "empty")]
    outcomes += [*imported["skipped"].values(), *imported["failed"].values()]
    assert sum(outcomes) == imported["seen"] >= 90
    assert imported["profile_version"] == 1
    assert imported["skipped"]["do_not_remember"] >= 1


@pytest.mark.usefixtures("imported")
def test_a_second_import_changes_nothing(run: Run, imported: dict[str, Any]) -> None:
    again = json.loads(run("import", EXAMPLE, "--json").stdout)
    assert (again["imported"], again["updated"], again["unchanged"]) == (0, 0, imported["imported"])
    assert again["profile_version"] == 1
    same = ("messages", "user_characters", "conversations", "first_message_at", "last_message_at")
    assert {name: again[name] for name in same} == {name: imported[name] for name in same}


@pytest.mark.usefixtures("imported")
def test_every_line_of_the_profile_is_cited(run: Run) -> None:
    profile = json.loads(run("profile", "--json").stdout)
    fields = [lines for section in profile["sections"].values() for lines in section.values()]
    lines = [line for found in [*fields, *(part["lines"] for part in profile["memory"])] for line in found]
    assert len(lines) > 30
    assert [line["text"] for line in lines if not line["sources"]] == []
    assert "extracted quotes, no language model" in run("profile").stdout


@pytest.mark.usefixtures("imported")
def test_status_counts_what_is_stored(run: Run, imported: dict[str, Any]) -> None:
    status = json.loads(run("status", "--json").stdout)
    assert (status["stage"], status["version"], status["model"]) == ("ready", 1, "local")
    assert status["conversations"] == imported["conversations"]
    assert "nothing leaves this machine" in run("status").stdout


@pytest.mark.usefixtures("imported")
def test_a_question_is_answered_with_its_sources(run: Run) -> None:
    answer = json.loads(run("chat", "Where do I live now?", "--json").stdout)
    assert "Lyon" in answer["answer"]
    assert answer["sources"]


def test_the_doctor_names_what_is_used(run: Run, environment: dict[str, str]) -> None:
    report = json.loads(run("doctor", "--json").stdout)
    assert report["home"] == environment["SOULPRINT_HOME"]
    assert report["database"]["version"].startswith("18.")
    assert report["database"]["bypasses_row_security"] is False
    assert "vector" in report["database"]["extensions"]
    assert report["models"] == {"quick": "local", "chat": "local"}


@pytest.mark.parametrize(
    ("arguments", "more", "code", "said"),
    [
        (["import", "no such file.zip"], {}, 2, "does not exist"),
        (["import", __file__], {}, 1, "not a chat export we know"),
        (["nonsense"], {}, 2, "No such command"),
        (["status"], {"SOULPRINT_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}, 1, "can't be reached"),
        (["status"], {"SOULPRINT_QUICK_TOKENS": "many"}, 2, "SOULPRINT_QUICK_TOKENS can't be used"),
        (["status"], {"SOULPRINT_DATABASE_URL": "mysql://x"}, 1, "not Postgres"),
        (["up", "--no-open", "--host", "0.0.0.0"], {}, 1, "SOULPRINT_ACCESS_TOKEN"),
        (["pass", "quick"], {"SOULPRINT_MODEL": "nonsense"}, 1, "provider:name"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(
    run: Run, arguments: list[str], more: dict[str, str], code: int, said: str
) -> None:
    done = run(*arguments, **more)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_named(run: Run, environment: dict[str, str]) -> None:
    port = free_port()
    with serving(environment, port):
        done = run("up", "--no-open", "--port", str(port))
    assert (done.returncode, f"Port {port} on 127.0.0.1 is taken" in done.stderr) == (1, True)


def test_ctrl_c_stops_the_server_and_the_database(run: Run, environment: dict[str, str]) -> None:
    port = free_port()
    with serving(environment, port) as server:
        fetch(f"http://127.0.0.1:{port}/")
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=30) == 0
    assert not list(Path(environment["SOULPRINT_HOME"]).rglob("postmaster.pid"))


class serving:  # noqa: N801 (read as a verb)
    """`soulprint up` for as long as the block runs, answering when the block begins."""

    def __init__(self, environment: dict[str, str], port: int) -> None:
        self._command = [str(SOULPRINT), "up", "--no-open", "--port", str(port)]
        self._environment = environment
        self._page = f"http://127.0.0.1:{port}/api/v1/health"

    def __enter__(self) -> subprocess.Popen[bytes]:
        self._server = subprocess.Popen(self._command, env=self._environment, stderr=subprocess.DEVNULL)
        fetch(self._page)
        return self._server

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(timeout=30)

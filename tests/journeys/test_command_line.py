"""The program as a person types it: real processes, the built-in database, an export of our own."""

from __future__ import annotations

import json
import re
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.importing import exports
from tests.journeys.processes import EXAMPLE, Program
from tests.journeys.test_interrupted import using
from tests.model_server import reader, running
from tests.package import fetch, free_port


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    return Program(tmp_path_factory.mktemp("a home with spaces"), SOULPRINT_MODEL_EMBED="auto")


@pytest.fixture(scope="module")
def imported(program: Program) -> dict[str, Any]:
    report: dict[str, Any] = program.json("import", EXAMPLE)
    return report


def test_an_import_accounts_for_every_conversation(imported: dict[str, Any]) -> None:
    outcomes = [imported[name] for name in ("imported", "updated", "unchanged", "empty")]
    outcomes += [*imported["skipped"].values(), *imported["failed"].values()]
    assert sum(outcomes) == imported["seen"] >= 90
    assert imported["skipped"]["do_not_remember"] >= 1


@pytest.mark.usefixtures("imported")
def test_what_was_said_is_found(program: Program) -> None:
    found = program.json("recall", "Which river do my parents live on?", "-k", "3")
    assert 0 < len(found) <= 3
    named = {"kind", "score", "conversation_id", "title", "date", "message_ids", "text"}
    assert all(named <= {*each} and each["message_ids"] for each in found)
    assert any("Calder and Hebden" in each["text"] for each in found)
    [later] = program.json("recall", "canal boat", "--kind", "passage", "--since", "2024-09-01", "-k", "1")
    assert (later["kind"], later["date"] >= "2024-09-01") == ("passage", True)
    assert "Nothing in your history" in program.run("recall", "zzzzqqq").stdout
    told = re.search(r"(\S+) of (\S+) passages by meaning", program.run("index").stderr)
    assert told
    assert told[1] == told[2] != "0"


@pytest.mark.usefixtures("imported")
def test_a_second_import_changes_nothing(program: Program, imported: dict[str, Any]) -> None:
    again = program.json("import", EXAMPLE)
    assert (again["imported"], again["updated"], again["unchanged"]) == (0, 0, imported["imported"])
    assert (again["profile_version"], again["full_pass"]) == (2, None)
    same = ("messages", "user_characters", "conversations", "first_message_at", "last_message_at")
    assert {name: again[name] for name in same} == {name: imported[name] for name in same}


def test_every_conversation_is_read_after_an_import(program: Program, imported: dict[str, Any]) -> None:
    ended = imported["full_pass"]
    assert (imported["profile_version"], ended["status"], ended["cost_usd"]) == (2, "complete", 0)
    [extract] = [stage for stage in ended["stages"] if stage["name"] == "extract"]
    assert extract["counts"]["conversations"] + extract["counts"]["trivial"] == imported["conversations"]
    found = program.json("facts")
    assert len(found) > 50
    assert all(source["text"] for fact in found for source in fact["sources"] or pytest.fail("a fact without a source"))
    assert program.json("diff")["changes"]
    assert "Nothing new to read" in program.run("estimate").stdout
    assert "Every conversation is read" in program.run("pass", "full").stdout
    assert program.json("status")["version"] == 2


@pytest.mark.usefixtures("imported")
def test_facts_are_chosen_by_category_and_status(program: Program) -> None:
    chosen = program.json("facts", "--category", "projects", "--status", "active", "--limit", "3")
    assert [(fact["category"], fact["status"]) for fact in chosen] == [("projects", "active")] * 3
    assert "no such facts" in program.run("facts", "--category", "nonsense").stdout


def test_a_short_history_is_read_in_full_when_asked_for(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    done = program.run("import", short(tmp_path))
    assert "fewer than the 50" in done.stderr
    assert program.run("pass", "full", "--no-wait").returncode == 0
    assert "Nobody is working on it" in program.run("status").stdout
    assert "1 full pass" in program.run("doctor").stdout
    done = program.run("pass", "full")
    assert "going on with it" in done.stderr
    assert "Every conversation is read" in done.stdout
    assert program.run("pass", "stop").stderr == "No full pass is at work.\n"


def test_reading_again_by_another_model_is_agreed_to_first(tmp_path: Path) -> None:
    with running(script=reader.plausible) as server:
        program = Program(tmp_path / "home", **using(server))
        program.run("import", short(tmp_path))
        assert program.run("pass", "full").returncode == 0
        asked, other = len(server.requests), {"SOULPRINT_MODEL_EXTRACT": "openai:gpt-5-nano"}
        assert "read by another model" in program.run("estimate", **other).stdout
        done = program.run("pass", "full", "--again", **other)
        assert (done.returncode, "--yes or --ceiling" in done.stderr) == (2, True)
        assert len(server.requests) == asked
        assert program.run("pass", "full", "--again", "--yes", **other).returncode == 0
        assert len(server.requests) > asked


def short(folder: Path) -> Path:
    """An export of a few conversations."""
    said = [("user", "I live in Leeds with my sister, and I work as a carpenter."), ("assistant", "Good to know.")]
    talks = [exports.chatgpt_conversation(f"Talk {number}", said) for number in range(3)]
    return exports.written(folder / "export.json", talks)


@pytest.mark.usefixtures("imported")
def test_every_line_of_the_profile_is_cited(program: Program) -> None:
    profile = program.json("profile")
    fields = [lines for section in profile["sections"].values() for lines in section.values()]
    lines = [line for found in [*fields, *(part["lines"] for part in profile["memory"])] for line in found]
    assert len(lines) > 30
    [name] = profile["sections"]["identity"]["ai_name"]  # chosen, not found
    assert [line for line in lines if not line["sources"]] == [name]
    assert "extracted quotes, no language model" in program.run("profile").stdout


@pytest.mark.usefixtures("imported")
def test_status_counts_what_is_stored(program: Program, imported: dict[str, Any]) -> None:
    status = program.json("status")
    assert (status["stage"], status["version"], status["model"]) == ("ready", 2, "local")
    assert status["conversations"] == imported["conversations"]
    assert "nothing leaves this machine" in program.run("status").stdout


@pytest.mark.usefixtures("imported")
def test_a_question_is_answered_with_its_sources(program: Program) -> None:
    answer = program.json("chat", "Where do I live now?")
    assert "Lyon" in answer["answer"]
    assert answer["sources"]


def test_the_doctor_names_what_is_used(program: Program) -> None:
    report = program.json("doctor")
    assert report["home"] == str(program.home)
    assert report["database"]["version"].startswith("18.")
    assert report["database"]["bypasses_row_security"] is False
    assert "vector" in report["database"]["extensions"]
    assert set(report["models"].values()) == {"local"}
    assert report["workers"] == []
    passwords = json.loads((program.home / "postgres.passwords").read_text())
    assert [one for one in passwords.values() if one in json.dumps(report)] == []


@pytest.mark.parametrize(
    ("arguments", "more", "code", "said"),
    [
        (["import", "no such file.zip"], {}, 2, "does not exist"),
        (["import", __file__], {}, 1, "not a chat export we know"),
        (["nonsense"], {}, 2, "No such command"),
        (["status"], {"SOULPRINT_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}, 1, "can't be reached"),
        (["status"], {"SOULPRINT_QUICK_TOKENS": "many"}, 2, "SOULPRINT_QUICK_TOKENS can't be used"),
        (["status"], {"SOULPRINT_DATABASE_URL": "mysql://x"}, 1, "not Postgres"),
        (["status"], {"SOULPRINT_CATEGORIES": "boats"}, 2, "not JSON"),
        (["estimate"], {"SOULPRINT_MODEL": "nonsense:x"}, 1, "provider:name"),
        (["up", "--no-open", "--host", "0.0.0.0"], {}, 1, "SOULPRINT_ACCESS_TOKEN"),
        (["pass", "quick"], {"SOULPRINT_MODEL": "nonsense"}, 1, "provider:name"),
        (["pass", "full"], {"SOULPRINT_MODEL": "nonsense"}, 1, "provider:name"),
        (["facts", "--status", "nonsense"], {}, 2, "'superseded'"),
        (["diff", "1", "999"], {}, 1, "no version"),
    ],
)
def test_what_goes_wrong_is_said_in_one_line(
    program: Program, arguments: list[str], more: dict[str, str], code: int, said: str
) -> None:
    done = program.run(*arguments, **more)
    assert done.returncode == code
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_named(program: Program) -> None:
    port = free_port()
    with program.serving(port):
        done = program.run("up", "--no-open", "--port", str(port))
    assert (done.returncode, f"Port {port} on 127.0.0.1 is taken" in done.stderr) == (1, True)


def test_ctrl_c_stops_the_server_and_the_database(program: Program) -> None:
    port = free_port()
    with program.serving(port) as serving:
        fetch(f"{serving.address}/")
        serving.process.send_signal(signal.SIGINT)
        assert serving.process.wait(timeout=30) == 0
    assert not list(program.home.rglob("postmaster.pid"))


def test_a_worker_in_the_background_of_a_script_stops_when_told(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as shells start what is to run in the background
    try:
        worker = program.start("worker")
    finally:
        signal.signal(signal.SIGINT, before)
    while not program.json("doctor")["workers"]:
        assert worker.poll() is None
    worker.terminate()
    assert worker.wait(timeout=30) == 130
    assert program.json("doctor")["workers"] == []

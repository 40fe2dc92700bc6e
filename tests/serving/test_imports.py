"""What the command line shows of imports: hostile text is only text there, too."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

import pytest

from soulprint import errors, importing, pipeline
from soulprint.importing.reconciliation import Problem
from soulprint.kinds import ClaimKind
from soulprint.records import Claim
from soulprint.serving import imports

HOSTILE = "\x1b]0;owned\x07[bold]loud[/bold]\x9b31m\r"


def claim(kind: ClaimKind, provider: str, text: str = HOSTILE) -> Claim:
    return Claim(id=1, user_id=uuid.uuid4(), provider=provider, kind=kind, text=text, said_at=None)


def test_nothing_in_a_file_commands_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    read = importing.Explained(
        HOSTILE, 3, "chatgpt", HOSTILE, HOSTILE, missed=False, unknown_content={HOSTILE: 1}, failed={HOSTILE: 2}
    )
    imports.show_explained([read], as_json=False)
    imports.show_claims([claim(ClaimKind.ABOUT_ME, HOSTILE)], as_json=False)
    shown = capsys.readouterr().out
    assert "[bold]loud[/bold]" in shown
    assert not {"\x1b", "\x07", "\x9b", "\r"} & {*shown}


def file(**values: object) -> importing.Explained:
    told = {"where": "a.json", "size": 3, "format": "claude", "title": "Claude", "reason": "why", "missed": False}
    return importing.Explained(**told | values)  # type: ignore[arg-type]


def test_what_is_explained_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    files = [file(conversations=1_000, messages=1, claims=1), file(conversations=1), file(format=None, missed=True)]
    imports.show_explained(files, as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "An import would take 1,001 conversations with 1 message of yours, and 1 text about you, from Claude" in shown
    )
    assert "1 file would not be read." in shown
    imports.show_explained([file(format=None)], as_json=False)
    assert "Nothing would be imported." in capsys.readouterr().out


def test_many_files_of_one_kind_are_explained_together(capsys: pytest.CaptureFixture[str]) -> None:
    same = [file(where=f"{number}.json", elements=1, conversations=1) for number in range(20)]
    broken = file(where="broken.json", elements=1, failed={"cut_off": 1})
    other = file(where="b.json", format="chatgpt", title="ChatGPT", conversations=30)
    unread = [file(where=name, format=None, title=None, reason="it is a PDF") for name in ("a.pdf", "b.pdf")]
    imports.show_explained([*same, broken, other, *unread], as_json=False)
    shown = capsys.readouterr().out
    assert "20 files 60 bytes  Claude: why\n    0.json, 1.json, 2.json and 17 more\n" in shown
    assert "20 elements: 20 conversations" in shown
    assert "broken.json 3 bytes  Claude: why\n    1 element: 1 not readable" in shown
    assert "2 files 6 bytes  not read: it is a PDF\n    a.pdf, b.pdf\n" in shown
    assert "50 conversations with 0 messages of yours from ChatGPT, Claude; what" in " ".join(shown.split())
    imports.show_explained([*same, broken], as_json=True)
    assert capsys.readouterr().out.count('"where"') == 21


def test_where_nothing_is_imported_each_file_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    error = errors.ExportUnknown(name="d/a.json", reason="it is not JSON")
    alone = [file(where="d/a.json", reason="it is not JSON")]
    imports.show_refused(error, alone)
    assert "Nor" not in capsys.readouterr().err
    others = [file(where=f"d/{number}", reason=f"reason {number % 12}") for number in range(24)]
    imports.show_refused(error, [*alone, *others])
    shown = capsys.readouterr().err
    assert "Nor could this be imported:\n  d/0, d/12: reason 0\n" in shown
    assert "d/9, d/21: reason 9\n  and 4 other files, as" in shown


def report(**values: object) -> importing.Report:
    told = dict.fromkeys(("seen", "imported", "updated", "unchanged", "repeated", "empty", "removed"), 0)
    told |= {"conversations": 0, "user_characters": 0}
    rest: dict[str, object] = {
        "first_message_at": None,
        "last_message_at": None,
        "seconds": 0.0,
        "problems": [],
        "providers": {},
    }
    named: dict[str, dict[str, int]] = {"messages": {"user": 0, "assistant": 0}, "skipped": {}, "failed": {}}
    named |= {"unknown_content": {}, "left_out": {}}
    return importing.Report(**{"import_id": uuid.uuid4(), **told, **rest, **named, **values})  # type: ignore[arg-type]


def test_what_is_left_out_and_what_failed_stand_under_their_headings(capsys: pytest.CaptureFixture[str]) -> None:
    problems = [Problem(f"a.json#{number}", "no_messages") for number in range(12)] + [Problem("b.json", "cut_off")]
    counts = {"seen": 14, "imported": 1, "skipped": {"no_messages": 12}, "failed": {"cut_off": 1}}
    imports.show_import(pipeline.Outcome(report(**counts, problems=problems), 1), importing.NOTHING)
    left_out, failed = capsys.readouterr().out.split("Could not be read:")
    assert "Left out on purpose:\n  12 conversations: without a message by anyone\n    a.json#0: " in left_out
    assert left_out.endswith("a.json#9: without a message by anyone\n    and 2 more\n")
    assert "1 file: cut off" in failed
    assert "b.json: cut off" in failed
    assert "a.json" not in failed


@pytest.mark.parametrize(("provider", "told"), [("claude", True), ("chatgpt", False)])
def test_what_is_gone_is_told_after_imports_of_its_provider(
    capsys: pytest.CaptureFixture[str], provider: str, *, told: bool
) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    gone = importing.Gone(uuid.uuid4(), "A talk", now, 3, "claude", now)
    outcome = pipeline.Outcome(report(seen=1, unchanged=1, providers={provider: 1}), 1)
    imports.show_import(outcome, importing.Missing([gone], 9, reaches_back=True))
    assert ("the newest export of Claude" in capsys.readouterr().out) is told


def test_claims_stand_by_provider_and_by_who_said_them() -> None:
    kinds = (ClaimKind.PROVIDER_MEMORY, ClaimKind.ABOUT_ME, ClaimKind.PROJECT_INSTRUCTIONS)
    claims = [claim(kind, provider, provider) for provider in ("claude", "chatgpt") for kind in kinds]
    grouped = imports.claims_by_kind(claims)
    assert [provider for provider, _ in grouped] == ["chatgpt", "claude"]
    order = [ClaimKind.ABOUT_ME, ClaimKind.PROJECT_INSTRUCTIONS, ClaimKind.PROVIDER_MEMORY]
    assert [kind for kind, _ in grouped[0][1]] == order
    assert imports.claims_heading(ClaimKind.PROVIDER_MEMORY, "chatgpt") == (
        "Written by ChatGPT’s memory, to be checked"
    )

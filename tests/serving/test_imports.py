"""What the command line shows of imports: hostile text is only text there, too."""

from __future__ import annotations

import uuid

import pytest

from soulprint import importing
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


def test_what_is_explained_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    def file(**values: object) -> importing.Explained:
        told = {"where": "a.json", "size": 3, "format": "claude", "title": "Claude", "reason": "why", "missed": False}
        return importing.Explained(**told | values)  # type: ignore[arg-type]

    files = [file(conversations=1_000, messages=1, claims=1), file(conversations=1), file(format=None, missed=True)]
    imports.show_explained(files, as_json=False)
    shown = " ".join(capsys.readouterr().out.split())
    assert (
        "An import would take 1,001 conversations with 1 message of yours, and 1 text about you, from Claude" in shown
    )
    assert "1 file would not be read." in shown
    imports.show_explained([file(format=None)], as_json=False)
    assert "Nothing would be imported." in capsys.readouterr().out


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

from __future__ import annotations

from collections.abc import Sequence

import pytest

from soulprint.importing import formats
from soulprint.importing.files import choosing


def chosen(*names: str) -> tuple[Sequence[str], Sequence[str]]:
    return choosing.chosen(names, str, formats.known)


def test_known_names_are_read_and_others_looked_into() -> None:
    names = ("a/conversations-001.json", "a/recipes.json", "a/picture.png", "a/user.json", "a/chat.html")
    assert chosen(*names) == (["a/conversations-001.json"], ["a/recipes.json"])


def test_without_a_known_name_all_that_could_be_an_export_is_read() -> None:
    names = ("talk.jsonl", "Export.CSV", "page.html", "notes.txt", "Drive/A prompt", "a.pdf", "b.dat")
    assert chosen(*names) == ([*names[:5]], [])


def test_a_known_name_needs_no_ending() -> None:
    name = "Takeout/Drive/Google AI Studio/Python 3.11"
    assert chosen(name, "a/b.dat") == ([name], [])


def test_chatgpts_page_is_read_only_where_nothing_else_is() -> None:
    assert chosen("x/chat.html", "x/a.png") == (["x/chat.html"], [])
    assert chosen("x/chat.html", "x/talk.json") == (["x/talk.json"], [])


@pytest.mark.parametrize(
    "name",
    [
        "user.json",
        "x/USERS.JSON",
        "Files__abc.zip",
        "prod-mc-billing.json",
        "light_metadata-000.zip",
        "__MACOSX/conversations.json",
        "x/._conversations.json",
        "x/.DS_Store",
        "export_manifest.json",
    ],
)
def test_account_data_and_what_a_mac_adds_are_left_closed(name: str) -> None:
    assert not choosing.is_candidate(name)
    assert chosen(name) == ([], [])


@pytest.mark.parametrize(
    "name",
    [
        ".claude/settings.json",
        ".claude/settings.local.json",
        ".claude/todos/0b4c-agent-0b4c.json",
        ".claude/.credentials.json",
        "projects/-home-ines/sessions-index.json",
        "projects/-home-ines/0b4c/subagents/agent-1.meta.json",
        ".codex/auth.json",
    ],
)
def test_what_lies_beside_the_sessions_of_a_coding_agent_is_left_closed(name: str) -> None:
    session = "projects/-home-ines/0b4c.jsonl"
    assert chosen(name, session) == ([session], [])
    assert choosing.is_account_data(name)

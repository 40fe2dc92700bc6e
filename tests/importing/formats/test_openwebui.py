from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing import shapes
from soulprint.importing.formats import openwebui
from soulprint.importing.parsing import documents
from soulprint.kinds import ClaimKind, Modality
from tests.importing.formats.openwebui_exports import chat, message, talk


def outcome(value: dict[str, Any]) -> shapes.Outcome:
    [read] = openwebui.read(documents.document("a.json", memoryview(json.dumps(value).encode())))
    return read


def found(value: dict[str, Any]) -> shapes.Found:
    read = outcome(value)
    assert isinstance(read, shapes.Found)
    return read


def said(value: dict[str, Any]) -> list[tuple[str, bool]]:
    parsed = found(value).conversation
    return [(each.text, each.on_branch) for each in parsed.messages] if parsed else []


BRANCHED = [
    message("a", None, "user", "Hi", 0),
    message("b", "a", "assistant", "One model", 1),
    message("b2", "a", "assistant", "Another model", 1),
    message("c", "b", "user", "Old question", 2),
    message("d", "c", "assistant", "Old answer", 9),
    message("e", "b", "user", "New question", 3),
    message("f", "e", "assistant", "New answer", 4),
]


def test_the_branch_that_was_open_last_is_the_talk() -> None:
    expected = [
        ("Hi", True),
        ("One model", True),
        ("Old question", False),
        ("New question", True),
        ("New answer", True),
    ]
    assert said(chat("x", BRANCHED, "f")) == expected
    assert found(chat("x", BRANCHED, "f")).left_out == {"draft": 2}


def test_without_a_current_message_the_newest_counts() -> None:
    assert [text for text, on_branch in said(chat("x", BRANCHED, "nowhere")) if on_branch][-1] == "Old answer"


def test_a_flat_list_will_do() -> None:
    value = talk("garden")
    value["chat"].pop("history")
    assert said(value) == said(talk("garden"))


def test_reasoning_and_tools_are_left_out_of_answers_alone() -> None:
    tool = '<details type="tool_calls" done="true" name="x">\n<details>inner</details>\n</details>\nSunny.'
    prompt = '<details type="reasoning">mine</details>'
    shown = "<details><summary>Recipe</summary>\nFlour\n</details>"
    value = chat(
        "x",
        [
            message("a", None, "user", prompt),
            message("b", "a", "assistant", f"Well.\n{tool}"),
            message("c", "b", "assistant", shown),
            message("d", "c", "assistant", '<details type="reasoning">never closed'),
        ],
    )
    assert [text for text, _ in said(value)] == [prompt, "Well.\nSunny.", shown]
    assert found(value).left_out == {"tool": 1, "reasoning": 1}


def test_files_parts_and_system_messages() -> None:
    files = [{"type": "file", "file": {"data": {"content": "From a file"}}}, {"type": "image", "url": "data:…"}]
    parts = [{"type": "text", "text": "Look"}, {"type": "image_url"}, {"type": "hologram"}]
    value = chat("x", [message("s", None, "system", "Be brief"), message("a", "s", "user", parts, files=files)])
    read = found(value)
    assert read.conversation is not None
    assert [each.modality for each in read.conversation.messages] == [Modality.TEXT, Modality.ATTACHMENT]
    assert read.left_out == {"system": 1, "media": 2}
    assert read.unknown == {"hologram": 1}


def test_instructions_are_claims() -> None:
    value = talk("garden")
    value["chat"]["params"] = {"system": "Speak like a gardener."}
    claims = [(claim.kind, claim.text) for claim in found(value).claims]
    assert claims == [(ClaimKind.PROJECT_INSTRUCTIONS, "Speak like a gardener.")]


def test_temporary_and_empty_ones() -> None:
    temporary = outcome(talk("x") | {"id": "local:abc"})
    assert isinstance(temporary, shapes.Skipped)
    assert temporary.reason == shapes.DO_NOT_REMEMBER
    assert isinstance(outcome(talk("x") | {"chat": {}}), shapes.Skipped)
    assert found(chat("x", [])).conversation is None


@pytest.mark.parametrize("value", [None, [], {}, 1, "x", {"a": None}])
@pytest.mark.parametrize("name", ["chat", "title", "created_at", "history", "messages", "models", "params"])
def test_any_field_may_be_anything(name: str, value: Any) -> None:
    made = talk("x")
    (made if name in made else made["chat"])[name] = value
    outcome(made)


@given(st.lists(st.sampled_from(['<details type="reasoning">', "</details>", "<details>", "x", "\n"]), max_size=30))
def test_any_details(pieces: list[str]) -> None:
    text, kinds = openwebui.without_details("".join(pieces))
    assert text.count("x") <= pieces.count("x")
    assert len(kinds) <= len(pieces)

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing import shapes
from soulprint.importing.formats import librechat
from soulprint.importing.parsing import documents
from soulprint.kinds import ClaimKind, Modality
from tests.importing.formats import librechat_exports as exports
from tests.importing.formats.librechat_exports import ROOT, conversation, message


def outcome(value: dict[str, Any] | bytes) -> shapes.Outcome:
    content = value if isinstance(value, bytes) else json.dumps(value).encode()
    [read] = librechat.read(documents.document("a.json", memoryview(content)))
    return read


def found(value: dict[str, Any] | bytes) -> shapes.Found:
    read = outcome(value)
    assert isinstance(read, shapes.Found)
    return read


def said(value: dict[str, Any] | bytes) -> list[tuple[str, bool]]:
    parsed = found(value).conversation
    return [(each.text, each.on_branch) for each in parsed.messages] if parsed else []


BRANCHED = [
    message("a", "Hi", user=True),
    message("b", "Hello", "a", user=False),
    message("c", "Old question", "b", user=True, createdAt="2025-02-03T11:00:00Z"),
    message("d", "Old answer", "c", user=False, createdAt="2025-02-03T11:00:10Z"),
    message("e", "New question", "b", user=True, createdAt="2025-02-03T11:05:00Z"),
    message("f", "New answer", "e", user=False, createdAt="2025-02-03T11:05:10Z"),
]
EXPECTED = [("Hi", True), ("Hello", True), ("Old question", False), ("New question", True), ("New answer", True)]


def test_the_newest_branch_is_the_talk() -> None:
    assert said(conversation("x", BRANCHED)) == EXPECTED
    assert said(exports.as_tree(conversation("x", BRANCHED))) == EXPECTED


def test_a_tree_is_the_same_as_the_list() -> None:
    flat = exports.linear("long", 40)
    assert found(exports.as_tree(flat)) == found(flat)


def test_a_tree_without_links_goes_by_what_lies_around() -> None:
    tree = exports.as_tree(conversation("x", BRANCHED))
    text = json.dumps(tree).replace('"parentMessageId"', '"nobody"').replace('"messageId"', '"nothing"')
    assert said(text.encode()) == EXPECTED


def test_a_talk_of_thousands_of_messages_in_each_other() -> None:
    depth = 20_000
    inner = "".join(f'{{"text": "m{n}", "isCreatedByUser": true, "children": [' for n in range(depth)) + "]}" * depth
    read = said(f'{{"conversationId": "deep", "messagesTree": [{inner}]}}'.encode())
    assert [text for text, _ in read] == [f"m{number}" for number in range(depth)]


def test_content_in_parts() -> None:
    parts = [
        {"type": "think", "think": "hm"},
        {"type": "text", "text": {"value": "One"}},
        {"type": "tool_call", "tool_call": {"name": "x"}},
        {"type": "text", "text": "Two"},
        {"type": "hologram"},
    ]
    thought = ":::thinking\nlet me see\n:::\nThree"
    messages = [
        message("a", "Hi", user=True),
        message("b", "", "a", user=False, content=parts),
        message("c", thought, "b", user=False),
        message("d", "quota", "c", user=False, error=True),
    ]
    read = found(conversation("x", messages))
    assert [text for text, _ in said(conversation("x", messages))] == ["Hi", "One\nTwo", "Three"]
    assert read.left_out == {"reasoning": 2, "tool": 1, "system": 1}
    assert read.unknown == {"hologram": 1}


def test_files_are_nobodys_words() -> None:
    files = [{"filename": "a.txt", "text": "From a file"}, {"filename": "b.png"}]
    read = found(conversation("x", [message("a", "Look", user=True, files=files)]))
    assert read.conversation is not None
    assert [each.modality for each in read.conversation.messages] == [Modality.TEXT, Modality.ATTACHMENT]
    assert read.left_out == {"media": 1}


def test_instructions_are_claims() -> None:
    read = found(conversation("x", [message("a", "Hi", user=True)], options={"promptPrefix": "Be brief."}))
    assert [(claim.kind, claim.text) for claim in read.claims] == [(ClaimKind.PROJECT_INSTRUCTIONS, "Be brief.")]


def test_temporary_and_empty_ones() -> None:
    temporary = outcome(conversation("x", BRANCHED, isTemporary=True))
    assert isinstance(temporary, shapes.Skipped)
    assert (temporary.reason, temporary.provider_id) == (shapes.DO_NOT_REMEMBER, "x")
    assert isinstance(outcome(conversation("x", []) | {"messages": None}), shapes.Skipped)
    assert found(conversation("x", [])).conversation is None


@pytest.mark.parametrize("value", [None, [], {}, 1, "x"])
@pytest.mark.parametrize("name", [*BRANCHED[0]])
def test_any_field_may_be_anything(name: str, value: Any) -> None:
    outcome(conversation("x", [BRANCHED[0] | {name: value}, *BRANCHED[1:]]))


@given(st.text(alphabet='[]{}":,children messagesTree\\x', max_size=200))
def test_any_brackets(junk: str) -> None:
    content = f'{{"messagesTree": [{{"text": "a", "children": [{junk}]}}]}}'.encode()
    assert [*librechat.read(documents.document("a.json", memoryview(content)))]


def test_what_is_recognised() -> None:
    document = documents.document("a.json", memoryview(json.dumps(conversation("x", BRANCHED)).encode()))
    assert librechat.recognises(document)
    other = documents.document("a.json", memoryview(b'[{"messages": [{"sender": "human", "text": "Hi"}]}]'))
    assert librechat.recognises(other) is None
    assert ROOT not in exports.linear("x")["messages"][1]["parentMessageId"]

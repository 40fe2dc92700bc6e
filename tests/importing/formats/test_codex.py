from __future__ import annotations

from typing import Any

import pytest

from soulprint.importing import documents, shapes
from soulprint.importing.formats import codex
from soulprint.records import Modality
from tests.importing.formats.codex_exports import event, head, item, line, session, written


def outcomes(lines: list[Any]) -> list[shapes.Outcome]:
    document = documents.document("rollout-1.jsonl", memoryview(written(lines)))
    assert codex.recognises(document)
    return [*codex.read(document)]


def found(lines: list[Any]) -> shapes.Found:
    [read] = [each for each in outcomes(lines) if isinstance(each, shapes.Found)]
    return read


def said(lines: list[Any]) -> list[str]:
    parsed = found(lines).conversation
    return [message.text for message in parsed.messages] if parsed else []


def test_what_stands_twice_is_read_once() -> None:
    read = found(session("pond"))
    assert read.conversation is not None
    assert [message.text for message in read.conversation.messages] == ["Add a pond", "The pond is there."]
    assert {message.modality for message in read.conversation.messages} == {Modality.COMMAND}
    assert (read.conversation.provider_id, read.conversation.project) == ("session-pond", "garden")
    assert read.conversation.model == "gpt-5-codex"
    assert read.left_out == {"injected": 1, "reasoning": 1, "tool": 1}


def test_without_events_the_items_count() -> None:
    lines = [head(), item("user", "# AGENTS.md instructions for /x"), item("user", "Hi"), item("assistant", "Hello")]
    assert said(lines) == ["Hi", "Hello"]
    assert found([*lines, event("user_message", "Hi", 1)]).conversation is not None


def test_each_side_is_told_by_its_own_events() -> None:
    lines = [head(), item("user", "Hi"), event("user_message", "Hi"), item("assistant", "Hello", 1)]
    assert said(lines) == ["Hi", "Hello"]


def test_the_oldest_layout_has_bare_lines() -> None:
    parts = [{"type": "input_text", "text": "Hi"}]
    lines = [
        {"id": "old-1", "timestamp": "2025-06-01T10:00:00Z", "instructions": None, "git": {}},
        {"record_type": "state"},
        {"type": "message", "id": None, "role": "user", "content": parts},
        {"type": "function_call", "name": "shell"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello"}]},
    ]
    read = found(lines)
    assert read.conversation is not None
    assert read.conversation.provider_id == "old-1"
    assert said(lines) == ["Hi", "Hello"]
    assert read.left_out == {"tool": 1}


def test_a_fork_is_the_session_that_it_copied_gone_on() -> None:
    old = session("pond")
    forked = [head("fork"), *old, event("user_message", "And fish", 9)]
    assert found(old).conversation != found(forked).conversation
    first, second = found(old).conversation, found(forked).conversation
    assert first is not None
    assert second is not None
    assert first.provider_id == second.provider_id
    assert said(forked) == [*said(old), "And fish"]


def test_a_bad_line_costs_one_line() -> None:
    lines = [*session("pond"), '{"type": "event_msg", "payl', "[1]"]
    assert len(said(lines)) == 2
    assert [each.reason for each in outcomes(lines) if isinstance(each, shapes.Failed)] == ["not_json", "not_an_object"]


def test_developers_and_systems_messages_are_left_out() -> None:
    assert found([head(), item("developer", "Be brief"), item("user", "Hi")]).left_out == {"system": 1}


def test_a_session_without_talk_is_empty() -> None:
    read = found([head(), line("turn_context", {"model": "gpt-5"})])
    assert read.conversation is None
    assert read.counts


@pytest.mark.parametrize("value", [None, [], {}, 1, "x", [None], [{}], {"type": "message", "content": 1}])
@pytest.mark.parametrize("name", ["timestamp", "type", "payload"])
def test_any_field_may_be_anything(name: str, value: Any) -> None:
    lines = session("pond")
    lines[3][name] = value
    outcomes(lines)

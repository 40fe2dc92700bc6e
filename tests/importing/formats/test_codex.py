from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from soulprint.importing import shapes
from soulprint.importing.formats import codex
from soulprint.importing.parsing import documents
from soulprint.kinds import Modality
from tests.importing.formats.codex_exports import event, head, item, line, session, session_head, written


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


def conversations(lines: list[Any]) -> dict[str | None, list[str]]:
    parsed = [each.conversation for each in outcomes(lines) if isinstance(each, shapes.Found) and each.conversation]
    return {each.provider_id: [message.text for message in each.messages] for each in parsed}


def turn(began: datetime) -> dict[str, Any]:
    milliseconds = int(began.timestamp() * 1000)
    made = f"{milliseconds:012x}70008000000000000000"
    identity = str(uuid.UUID(made))
    return line("turn_context", {"turn_id": identity, "model": "gpt-5-codex"})


OCTOBER = datetime(2025, 10, 1, 10, tzinfo=UTC)


def test_what_a_fork_copied_stays_the_other_sessions() -> None:
    copied = [turn(OCTOBER - timedelta(days=2)), *session("pond")[1:]]
    own = [turn(OCTOBER + timedelta(seconds=1)), event("user_message", "And fish"), event("agent_message", "Swim.")]
    forked = [head("fork"), session_head("session-pond", OCTOBER - timedelta(days=3)), *copied, *own]
    assert conversations(forked) == {
        "fork": ["And fish", "Swim."],
        "session-pond": ["Add a pond", "The pond is there."],
    }


def test_a_copy_has_the_times_of_its_turns_so_that_the_original_is_newer() -> None:
    began = OCTOBER - timedelta(days=2)
    forked = [head("fork"), session_head("old", began), turn(began), event("user_message", "Hi")]
    [own, copied] = [each for each in outcomes(forked) if isinstance(each, shapes.Found)]
    assert own.conversation is None
    assert copied.conversation is not None
    assert copied.conversation.updated_at == copied.conversation.messages[0].sent_at == began


def test_a_copy_of_a_copy_is_divided_as_well() -> None:
    first, second = OCTOBER - timedelta(days=9), OCTOBER - timedelta(days=5)
    heads = [head("third"), session_head("second", second), session_head("first", first)]
    said_then = [(first, "One"), (second, "Two"), (OCTOBER, "Three")]
    turns = [each for began, text in said_then for each in (turn(began), event("user_message", text))]
    assert conversations([*heads, *turns]) == {"first": ["One"], "second": ["Two"], "third": ["Three"]}


def test_without_turns_a_copy_ends_where_the_clock_goes_on() -> None:
    forked = [
        head("fork"),
        session_head("old", OCTOBER - timedelta(days=3)),
        event("user_message", "Hi"),
        event("user_message", "Go on", 9),
    ]
    assert conversations(forked) == {"old": ["Hi"], "fork": ["Go on"]}


@pytest.mark.parametrize("mark", [{"source": {"subagent": {"thread_spawn": {}}}}, {"thread_source": "subagent"}])
def test_agents_that_the_model_started_are_left_out(mark: dict[str, Any]) -> None:
    lines = session("pond")
    lines[0]["payload"] |= mark
    read = found(lines)
    assert (read.conversation, read.counts, read.left_out["tool"]) == (None, False, 3)


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

"""Real-shaped exports with anything in them dropped, replaced or turned around: nothing crashes, whole conversations
are read, and the count adds up."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soulprint import errors
from soulprint.importing.engine.batches import Ready
from tests.importing import exports, oracle, reading

GOOD = "the good one"
WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(["\ud83d", "\0", "root", "user", "assistant", 1e18, -1, "text", [], {}, [[]], [None], {"a": []}]),
)


def chatgpt() -> list[dict[str, Any]]:
    speech = {"content_type": "audio_transcription", "text": "spoken"}
    spoken = exports.chatgpt_message("user", "", content={"content_type": "multimodal_text", "parts": [speech, None]})
    context = {"content_type": "user_editable_context", "user_profile": "p", "user_instructions": "i"}
    instructions = exports.chatgpt_message("user", "", content=context)
    first = exports.chatgpt_conversation("a", [instructions, ("user", "q"), ("assistant", "a"), spoken])
    exports.add_node(first["mapping"], "root", "other", exports.chatgpt_message("user", "edited"))
    return [first, exports.slim(exports.chatgpt_conversation("b", [("user", "q"), ("assistant", "a")]))]


def claude() -> list[dict[str, Any]]:
    blocks = [{"type": "thinking", "thinking": "t"}, {"type": "text", "text": "x"}]
    turns = [
        exports.claude_message("human", "q", 0, attachments=[{"file_name": "a", "extracted_content": "pasted"}]),
        exports.claude_message("assistant", "a", 1, content=blocks, parent_message_uuid="1"),
        exports.claude_message("human", "z", 2, content=json.dumps(blocks)),
    ]
    return [exports.claude_conversation("a", turns), exports.claude_conversation("b")]


def places(value: Any, found: list[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    """Every container and key in the tree."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        found.append((value, key))
        places(member, found)
    return found


@st.composite
def mutated(draw: st.DrawFn, make: Callable[[], list[dict[str, Any]]]) -> list[Any]:
    tree = copy.deepcopy(make())
    for _ in range(draw(st.integers(1, 5))):
        container, key = draw(st.sampled_from(places(tree, [])))
        action = draw(st.sampled_from(("drop", "replace", "repeat", "swap")))
        other, other_key = draw(st.sampled_from(places(tree, [])))
        if action == "drop":
            container.pop(key)
        elif action == "replace":
            container[key] = draw(WILD)
        elif action == "repeat":
            container[key] = copy.deepcopy(other[other_key])
        else:
            container[key] = draw(st.sampled_from([*exports.chatgpt_conversation()["mapping"], "other", "1"]))
        if not tree:
            break
    return tree


def check(folder: Path, tree: list[Any], good: dict[str, Any]) -> None:
    path = exports.written(folder / "export.json", [*tree, good])
    made = reading.batches(path)
    titles = [each.title for batch in made for each in batch.conversations.values()]
    assert titles.count(GOOD) == 1
    assert len(titles) + sum(map(reading.seen, made)) == len(tree) + 1
    for batch in made:
        for each in batch.conversations.values():
            check_rows(each)


def check_rows(ready: Ready) -> None:
    """That Postgres will take it."""
    messages = reading.messages(ready.rows)
    ids = [message.provider_id for message in messages]
    assert len(ids) == len(set(ids))
    for text in (ready.title or "", ready.provider_id, *ids, *(each.text for each in messages)):
        assert "\0" not in text
        text.encode()


SETTINGS = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SETTINGS
@given(mutated(chatgpt))
def test_mutated_chatgpt_exports(tmp_path: Path, tree: list[Any]) -> None:
    check(tmp_path, tree, exports.chatgpt_conversation(GOOD))


@SETTINGS
@given(mutated(claude))
def test_mutated_claude_exports(tmp_path: Path, tree: list[Any]) -> None:
    check(tmp_path, tree, exports.claude_conversation(GOOD))


@SETTINGS
@given(st.binary(max_size=12), st.floats(0, 1), st.booleans())
def test_damaged_bytes(tmp_path: Path, junk: bytes, position: float, cut: bool) -> None:
    content = exports.as_written([exports.chatgpt_conversation(GOOD), *chatgpt()])
    at = int(position * len(content))
    content = content[:at] + junk + (b"" if cut else content[at + len(junk) :])
    with contextlib.suppress(errors.ExportUnknown, errors.ExportUnreadable):
        reading.batches(exports.written(tmp_path / "export.json", content))


MESSAGES = st.lists(
    st.tuples(st.sampled_from(("user", "assistant", "system", "tool")), st.text(max_size=6)), min_size=1, max_size=6
)


@SETTINGS
@given(st.lists(MESSAGES, min_size=1, max_size=4), st.data())
def test_the_figures_are_those_of_a_naive_count(tmp_path: Path, talks: list[Any], data: st.DataObject) -> None:
    conversations = [exports.chatgpt_conversation(str(number), turns) for number, turns in enumerate(talks)]
    for conversation in conversations:
        nodes = [*conversation["mapping"]]
        for _ in range(data.draw(st.integers(0, 2))):
            parent = data.draw(st.sampled_from(nodes))
            message = exports.chatgpt_message(data.draw(st.sampled_from(("user", "assistant"))), "elsewhere")
            exports.add_node(conversation["mapping"], parent, f"extra-{len(conversation['mapping'])}", message)
        conversation["current_node"] = data.draw(st.sampled_from([*conversation["mapping"]]))
    expected = oracle.figures(conversations)
    made = reading.batches(exports.written(tmp_path / "export.json", conversations))
    said = [
        message
        for batch in made
        for each in batch.conversations.values()
        for message in reading.messages(each.rows)
        if message.on_branch
    ]
    users = [message.text for message in said if message.role == "user"]
    assert (len(users), len(said) - len(users)) == (expected.user, expected.assistant)
    if not any("\ud800" <= character <= "\udfff" for text in users for character in text):
        assert sum(map(len, users)) == expected.user_characters


@pytest.mark.parametrize("make", [chatgpt, claude])
def test_nothing_of_the_unmutated_is_lost(tmp_path: Path, make: Callable[[], list[dict[str, Any]]]) -> None:
    [batch] = reading.batches(exports.written(tmp_path / "export.json", make()))
    assert len(batch.conversations) == 2
    assert reading.seen(batch) == 0

"""The samples of every format with anything in them dropped, replaced, repeated or damaged: nothing crashes, what comes
out can be stored, and a whole conversation is read whatever stands beside it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.importing import formats, shapes
from soulprint.importing.parsing import documents
from soulprint.kinds import ClaimKind, Modality, Role
from tests.importing import samples

SAMPLES = {each.name: each for each in samples.samples()}
WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["\ud83d", "\0", "", "root", "1", "user", "assistant", "2091-01-01", 1e18, -1, 10**400, [], {}, [[]], [None]]
    ),
)
SETTINGS = settings(max_examples=40, deadline=None)


def outcomes(content: bytes, name: str) -> list[shapes.Outcome]:
    """What the format makes of the content, whether or not it would still recognise it."""
    document = documents.document(SAMPLES[name].member, memoryview(content))
    formats.recognised(document)
    read = [*next(each for each in formats.FORMATS if name == each.NAME).read(document)]
    for outcome in read:
        check(outcome)
    return read


def check(outcome: Any) -> None:
    if not isinstance(outcome, shapes.Found):
        assert isinstance(outcome, shapes.Failed | shapes.Skipped)
        assert isinstance(outcome.reason, str)
        return
    assert outcome.left_out.keys() <= shapes.LEFT_OUT.keys()
    assert all(count > 0 for count in (*outcome.left_out.values(), *outcome.unknown.values()))
    assert all(claim.kind in ClaimKind and claim.text.strip() for claim in outcome.claims)
    if outcome.conversation is not None:
        check_conversation(outcome.conversation)


def check_conversation(parsed: Any) -> None:
    assert parsed.messages
    for text in (parsed.provider_id, parsed.title, parsed.project, parsed.model):
        assert text is None or isinstance(text, str)
    times = [parsed.started_at, parsed.updated_at, *(message.sent_at for message in parsed.messages)]
    assert all(time is None or (isinstance(time, datetime) and time.tzinfo) for time in times)
    for message in parsed.messages:
        assert isinstance(message.role, Role)
        assert isinstance(message.modality, Modality)
        assert isinstance(message.provider_id, str)
        assert isinstance(message.on_branch, bool)
        assert message.text.strip()


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every container and key in the tree."""
    found, waiting = [], [tree]
    while waiting:
        value = waiting.pop()
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, member in members:
            found.append((value, key))
            waiting.append(member)
    return found


def mutate(draw: Callable[..., Any], tree: list[Any]) -> None:
    for _ in range(draw(st.integers(1, 4))):
        found = places(tree)
        if not found:
            return
        container, key = draw(st.sampled_from(found))
        other, other_key = draw(st.sampled_from(found))
        action = draw(st.sampled_from(("drop", "replace", "repeat")))
        if action == "drop":
            container.pop(key)
        else:
            container[key] = draw(WILD) if action == "replace" else copy.deepcopy(other[other_key])


def trees(sample: samples.Sample) -> tuple[list[Any], bool] | None:
    """The values that the sample is made of, and whether it is lines of them; None where it isn't JSON."""
    try:
        value = json.loads(sample.content)
    except ValueError:
        if not sample.member.endswith(".jsonl"):
            return None
        return [json.loads(line) for line in sample.content.splitlines() if line.strip()], True
    return [value], False


def written(values: Sequence[Any], lines: bool) -> bytes:
    return b"\n".join(json.dumps(each).encode() for each in values) if lines else json.dumps(values[0]).encode()


@pytest.mark.parametrize("name", [name for name, sample in SAMPLES.items() if trees(sample)])
@SETTINGS
@given(data=st.data())
def test_mutated_trees(name: str, data: st.DataObject) -> None:
    made = trees(SAMPLES[name])
    assert made
    values, lines = copy.deepcopy(made)
    mutate(data.draw, values)
    outcomes(written(values, lines) if values else b"", name)


@pytest.mark.parametrize("name", SAMPLES)
@SETTINGS
@given(junk=st.binary(max_size=12), position=st.floats(0, 1), cut=st.booleans())
def test_damaged_bytes(name: str, junk: bytes, position: float, cut: bool) -> None:
    content = SAMPLES[name].content
    at = int(position * len(content))
    outcomes(content[:at] + junk + (b"" if cut else content[at + len(junk) :]), name)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_prefix_of_a_file_can_be_read(name: str) -> None:
    content = SAMPLES[name].content
    for end in range(0, len(content), max(1, len(content) // 60)):
        outcomes(content[:end], name)


@pytest.mark.parametrize("name", [name for name, sample in SAMPLES.items() if trees(sample)])
@SETTINGS
@given(data=st.data())
def test_a_whole_conversation_is_read_beside_damaged_ones(name: str, data: st.DataObject) -> None:
    made = trees(SAMPLES[name])
    assert made
    value, lines = made[0][0], made[1]
    if lines or not isinstance(value, list) or len(found(outcomes(SAMPLES[name].content, name))) != len(value):
        pytest.skip("a file of this format is not a list of conversations")
    *others, good = copy.deepcopy(value)
    mutate(data.draw, others)
    expected = found(outcomes(written([[good]], False), name))
    read = found(outcomes(written([[*others, good]], False), name))
    assert read[-1] == expected[-1]


def found(read: Sequence[shapes.Outcome]) -> list[shapes.ParsedConversation]:
    return [each.conversation for each in read if isinstance(each, shapes.Found) and each.conversation]

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing import shapes
from soulprint.importing.formats import aistudio
from soulprint.importing.parsing import documents
from soulprint.kinds import ClaimKind, Role
from tests.importing.formats import aistudio_exports as exports

WILD = st.one_of(
    st.none(), st.integers(), st.text(max_size=5), st.lists(st.none()), st.dictionaries(st.text(), st.none())
)


def outcomes(value: object, where: str = "Google AI Studio/Garden plans") -> list[shapes.Outcome]:
    return [*aistudio.read(documents.document(where, memoryview(exports.written(value))))]


def found(value: object, where: str = "Google AI Studio/Garden plans") -> shapes.Found:
    (outcome,) = outcomes(value, where)
    assert isinstance(outcome, shapes.Found)
    return outcome


def parsed(value: object, where: str = "Google AI Studio/Garden plans") -> shapes.ParsedConversation:
    conversation = found(value, where).conversation
    assert conversation is not None
    return conversation


def test_a_prompt_is_a_conversation() -> None:
    made = found(exports.talk("garden"))
    conversation = made.conversation
    assert conversation is not None
    assert (conversation.title, conversation.model) == ("Garden plans", "gemini-2.5-pro")
    assert conversation.started_at == datetime(2025, 6, 1, 10, 0, 0, 123_000, tzinfo=UTC)
    assert [(each.role, each.text) for each in conversation.messages] == [
        (Role.USER, "Plan a garden"),
        (Role.ASSISTANT, "Here is your garden."),
        (Role.USER, "Make it smaller"),
        (Role.ASSISTANT, "A small one."),
    ]
    assert made.left_out == {"reasoning": 2, "media": 1}
    assert made.claims == [shapes.ParsedClaim(ClaimKind.PROJECT_INSTRUCTIONS, "Answer like a gardener.")]


def test_several_prompts_in_a_file_have_no_title() -> None:
    made = [*aistudio.read(documents.document("all", memoryview(exports.sample())))]
    assert [each.conversation and each.conversation.title for each in made if isinstance(each, shapes.Found)] == [
        None
    ] * 3


def test_the_id_stays_when_the_prompt_goes_on() -> None:
    talk = exports.talk("garden")
    before = parsed(talk).provider_id
    talk["chunkedPrompt"]["chunks"].append(exports.chunk("user", "More", 9))
    assert parsed(talk, "renamed.json").provider_id == before


def test_prompts_that_begin_alike_stay_apart() -> None:
    timeless = [
        parsed(exports.prompt([exports.chunk("user", "hi", None), exports.chunk("model", answer, None)])).provider_id
        for answer in ("hello", "good day")
    ]
    assert len({*timeless}) == 2


def test_a_branch_is_not_the_prompt_that_it_was_made_from() -> None:
    talk, branch, other = (exports.talk("garden") for _ in range(3))
    branch["chunkedPrompt"]["chunks"][2]["branchParent"] = {"promptId": "prompts/1", "displayName": "Garden plans"}
    other["chunkedPrompt"]["chunks"][4]["branchParent"] = {"promptId": "prompts/1"}
    assert len({parsed(each).provider_id for each in (talk, branch, other)}) == 3


def test_code_errors_and_unsent_input_are_left_out() -> None:
    chunks = [
        exports.chunk("user", "run it"),
        exports.chunk("model", None, executableCode={"code": "1"}),
        exports.chunk("model", None, codeExecutionResult={"output": "1"}),
        exports.chunk("model", None, errorMessage="failed"),
        exports.chunk("narrator", "meanwhile"),
        exports.chunk(None, "who?"),
    ]
    made = found(exports.prompt(chunks, chunkedPrompt={"chunks": chunks, "pendingInputs": [{"text": "wait"}]}))
    assert made.left_out == {"tool": 2, "system": 1, "draft": 1}
    assert made.unknown == {"role narrator": 1, "no role": 1}


@pytest.mark.parametrize(
    ("where", "title"),
    [
        ("a.zip/Google AI Studio/Tea: green.json", "Tea: green"),
        ("Untitled prompt (3)", None),
        ("C:\\x\\Tea 3.5", "Tea 3.5"),
    ],
)
def test_the_title_is_the_files_name(where: str, title: str | None) -> None:
    assert parsed(exports.talk("garden"), where).title == title


def test_nulls_everywhere() -> None:
    assert found({"chunkedPrompt": None}).conversation is None
    assert found({"chunkedPrompt": {"chunks": None}, "runSettings": None, "systemInstruction": None}).claims == []
    empty: dict[str, Any] = dict.fromkeys(exports.chunk("a", "b"))
    made = parsed({"chunkedPrompt": {"chunks": [None, {}, empty, 3, exports.chunk("user", "x")]}, "runSettings": 5})
    assert [each.text for each in made.messages] == ["x"]


@given(st.lists(st.tuples(st.sampled_from(aistudio.Chunk.__struct_fields__), WILD)))
def test_wild_fields(fields: list[tuple[str, Any]]) -> None:
    wild = [exports.chunk("user", "a") | {name: value} for name, value in fields]
    made = parsed(exports.prompt([*wild, exports.chunk("user", "good")]))
    assert made.messages[-1].text == "good"


@pytest.mark.parametrize(
    ("path", "is_member"),
    [
        (exports.MEMBER, True),
        ("Google AI Studio/Python 3.11", True),
        ("Google AI Studio/picture.png", False),
        ("Google AI Studio/folder/deeper", False),
        ("Drive/Garden plans", False),
    ],
)
def test_members(path: str, is_member: bool) -> None:
    assert bool(aistudio.MEMBERS.search(path.lower())) is is_member

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.importing import formats, shapes
from soulprint.importing.formats import grok
from soulprint.importing.parsing import documents
from soulprint.kinds import ClaimKind, Modality, Role
from tests.importing.formats import grok_exports as exports

WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.none()),
    st.dictionaries(st.text(), st.none()),
)


def outcomes(content: object) -> list[shapes.Outcome]:
    written = content if isinstance(content, bytes) else exports.written(content)
    return [*grok.read(documents.document("prod-grok-backend.json", memoryview(written)))]


def found(*responses: dict[str, Any] | None, **fields: Any) -> shapes.Found:
    (outcome,) = outcomes({"conversations": [exports.conversation(responses, **fields)]})
    assert isinstance(outcome, shapes.Found)
    return outcome


def parsed(*responses: dict[str, Any] | None, **fields: Any) -> shapes.ParsedConversation:
    conversation = found(*responses, **fields).conversation
    assert conversation is not None
    return conversation


def said(conversation: shapes.ParsedConversation) -> list[tuple[Role, str, bool]]:
    return [(each.role, each.text, each.on_branch) for each in conversation.messages]


def test_a_conversation_is_the_way_to_its_leaf() -> None:
    first, *_, beside = outcomes(exports.sample())
    assert isinstance(first, shapes.Found)
    assert first.conversation is not None
    assert said(first.conversation) == [
        (Role.USER, "Wie schneide ich Rosen?", True),
        (Role.ASSISTANT, "In March.", True),
        (Role.USER, "And the old ones?", False),
        (Role.USER, "And old ones?", True),
        (Role.ASSISTANT, "Only in March.", True),
    ]
    assert (first.conversation.provider_id, first.conversation.title) == ("a", "Garden")
    assert first.conversation.model == "grok-4"
    assert first.conversation.started_at == datetime(2025, 7, 1, 10, 0, 0, 123_456, tzinfo=UTC)
    assert first.conversation.messages[-1].sent_at == datetime(2025, 7, 1, 10, 3, tzinfo=UTC)
    assert first.left_out == {"reasoning": 2, "tool": 1, "material": 1}
    assert isinstance(beside, shapes.Found)
    assert beside.claims == [shapes.ParsedClaim(ClaimKind.PROJECT_INSTRUCTIONS, "Answer like a gardener.")]
    assert beside.left_out == {"activity": 1, "media": 1}
    assert not beside.counts


def test_without_links_the_time_counts() -> None:
    conversation = parsed(
        exports.response("3", "human", "third", 3),
        exports.response("2", "model", "second", 2),
        exports.response("1", "human", "first", 1),
        exports.response("4", "Assistant", "fourth", 4),
    )
    assert [text for _, text, on_branch in said(conversation) if on_branch] == ["first", "second", "third", "fourth"]


def test_without_a_leaf_the_newest_counts() -> None:
    talk = exports.talk()
    talk["conversation"]["leaf_response_id"] = "gone"
    talk["responses"][-1]["response"]["create_time"] = exports.stamp(30)
    (outcome,) = outcomes([talk])
    assert isinstance(outcome, shapes.Found)
    assert outcome.conversation is not None
    assert [text for _, text, on_branch in said(outcome.conversation) if on_branch][-1] == "And the old ones?"


def test_an_answer_without_a_link_follows_what_was_said_before() -> None:
    conversation = parsed(
        exports.response("1", "human", "q"),
        exports.response("2", "assistant", "a", 1),
        exports.response("3", "human", "more", 2, parent_response_id="2"),
        exports.response("4", "assistant", "b", 3, parent_response_id="gone"),
    )
    assert [(text, on_branch) for _, text, on_branch in said(conversation)] == [
        ("q", True),
        ("a", True),
        ("more", True),
        ("b", True),
    ]


def test_an_edited_first_prompt_stands_off_the_branch() -> None:
    conversation = parsed(
        exports.response("1", "human", "frist"),
        exports.response("2", "assistant", "?", 1, parent_response_id="1"),
        exports.response("3", "human", "first", 2),
        exports.response("4", "assistant", "a", 3, parent_response_id="3"),
    )
    assert said(conversation) == [
        (Role.USER, "first", True),
        (Role.ASSISTANT, "a", True),
        (Role.USER, "frist", False),
    ]


@pytest.mark.parametrize("time", ["2025-07-01T10:00:00Z", 1_751_364_000, {"$date": "2025-07-01T10:00:00Z"}])
def test_times_are_written_in_several_ways(time: object) -> None:
    conversation = parsed(exports.response("1", "human", "q", create_time=time))
    assert conversation.messages[0].sent_at == datetime(2025, 7, 1, 10, tzinfo=UTC)


def test_older_ids_and_bare_responses() -> None:
    question = exports.response(None, "human", "q", response_id="old")
    (outcome,) = outcomes([{"conversation": {"id": "a"}, "responses": [question]}])
    assert isinstance(outcome, shapes.Found)
    assert outcome.conversation is not None
    assert [each.provider_id for each in outcome.conversation.messages] == ["old"]


def test_files_that_came_with_a_prompt() -> None:
    files = ["3fa85f64-5717", {"file_name": "a.txt", "content": "pasted"}]
    made = found(exports.response("1", "human", "", file_attachments=files, generated_image_urls=["x"]))
    assert made.conversation is not None
    assert [(each.text, each.modality) for each in made.conversation.messages] == [("pasted", Modality.ATTACHMENT)]
    assert made.left_out == {"media": 2}


def test_a_failed_answer_is_no_answer() -> None:
    made = found(
        exports.response("1", "human", "q"),
        exports.response("2", "assistant", "Failed to respond.", 1, parent_response_id="1", error="Failed to respond."),
        exports.response("3", "assistant", "Half an ans", 2, parent_response_id="1", error="Timeout", partial=True),
    )
    assert made.conversation is not None
    assert [each.text for each in made.conversation.messages] == ["q", "Half an ans"]
    assert made.left_out == {"system": 2}


def test_temporary_chats_are_not_remembered() -> None:
    (outcome,) = outcomes([exports.conversation([exports.response("1", "human", "q")], temporary=True)])
    assert isinstance(outcome, shapes.Skipped)
    assert (outcome.reason, outcome.provider_id) == (shapes.DO_NOT_REMEMBER, "a")
    assert outcome.changed_at == datetime(2025, 7, 1, 11, 0, 0, 123456, tzinfo=UTC)


def test_repeated_ids_lose_nothing() -> None:
    conversation = parsed(exports.response("1", "human", "q"), exports.response("1", "assistant", "a", 1))
    assert [each.provider_id for each in conversation.messages] == ["1", "1#1"]


def test_only_answers_lose_marks() -> None:
    conversation = parsed(
        exports.response("1", "human", f"What is {exports.MARK}?"),
        exports.response("2", "assistant", f'a{exports.MARK}b<grok:render x="1"/>c<grok:render>cut off', 1),
    )
    assert [each.text for each in conversation.messages] == [f"What is {exports.MARK}?", "abc<grok:render>cut off"]


def test_marks_without_an_end_take_linear_time() -> None:
    text = "<grok:render>" * 200_000
    assert grok.without_marks(text) == text


def test_an_account_without_conversations() -> None:
    for content in (exports.written(exports.account([])), exports.written(exports.account(None))):
        document = documents.document("a", memoryview(content))
        recognised = formats.recognised(document)
        assert recognised is not None
        assert recognised[0] is grok
        made = [*grok.read(document)]
        assert sum(len(each.claims) for each in made if isinstance(each, shapes.Found)) == 1
        assert not any(each.counts for each in made if isinstance(each, shapes.Found))


def test_a_flawed_file_still_gives_the_instructions() -> None:
    content = exports.sample().replace(b'"In March."', b'"In \\ud83d March.", "odd": NaN')
    made = outcomes(content)
    assert sum(isinstance(each, shapes.Found) and each.conversation is not None for each in made) == 3
    assert sum(len(each.claims) for each in made if isinstance(each, shapes.Found)) == 1


def test_a_file_that_breaks_off() -> None:
    content = exports.sample()
    made = outcomes(content[: content.index(b'"Pond"') + 300])
    assert [type(each) for each in made] == [shapes.Found, shapes.Failed]


def test_nothing_but_nulls() -> None:
    nulls = dict.fromkeys(exports.response("1", "human", "q"))
    heading = dict.fromkeys(exports.talk()["conversation"])
    made = outcomes(
        exports.account(
            [{"conversation": heading, "responses": [{"response": nulls}, {"response": None}, None]}, {}, None, 7],
            projects=[None, {"custom_personality": None}],
            tasks=None,
            media_posts=None,
        )
    )
    assert made == [
        shapes.Found(),
        shapes.Skipped("no_messages", "prod-grok-backend.json#1"),
        shapes.Failed("not_an_object", "prod-grok-backend.json#2"),
        shapes.Failed("not_an_object", "prod-grok-backend.json#3"),
    ]


@settings(deadline=None)
@given(st.data())
def test_mutated_accounts(data: st.DataObject) -> None:
    account = exports.account([exports.talk("a"), exports.talk("b"), exports.talk("good", "the good one")])
    tree = copy.deepcopy(account)
    *others, _ = tree["conversations"]
    for _ in range(data.draw(st.integers(1, 4))):
        found = [place for each in others for place in places(each)] + [*places(tree["projects"])]
        container, key = data.draw(st.sampled_from(found))
        container[key] = data.draw(WILD)
    made = [each for each in outcomes(tree) if not isinstance(each, shapes.Found) or each.counts]
    assert len(made) == 3
    assert made[-1] == outcomes(account)[2]


def places(value: Any) -> list[tuple[Any, Any]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, member in members for place in ((value, key), *places(member))]

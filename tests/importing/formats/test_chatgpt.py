from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from soulprint.importing import shapes
from soulprint.importing.formats import chatgpt
from soulprint.importing.parsing import documents
from soulprint.kinds import ClaimKind, Modality
from tests.importing import exports


def read(conversation: object) -> shapes.Outcome:
    return chatgpt.conversation(memoryview(exports.as_written(conversation)))


def found(conversation: dict[str, Any]) -> shapes.Found:
    outcome = read(conversation)
    assert isinstance(outcome, shapes.Found)
    return outcome


def said(conversation: dict[str, Any]) -> list[str]:
    parsed = found(conversation).conversation
    return [message.text for message in parsed.messages if message.on_branch] if parsed else []


def content(kind: str | None, **fields: Any) -> dict[str, Any]:
    return exports.chatgpt_message("user", "") | {"content": {"content_type": kind, **fields}}


def test_a_plain_conversation() -> None:
    parsed = found(exports.chatgpt_conversation("Bread", [("user", "How hot?"), ("assistant", "250 °C")])).conversation
    assert parsed is not None
    assert (parsed.title, parsed.provider_id, parsed.model) == ("Bread", exports.identity("Bread"), "gpt-4o")
    assert parsed.started_at == datetime.fromtimestamp(exports.TIME, UTC)
    assert [(each.role, each.text) for each in parsed.messages] == [("user", "How hot?"), ("assistant", "250 °C")]


def test_the_slim_shape_says_the_same() -> None:
    full = exports.chatgpt_conversation(turns=[("user", "a"), ("assistant", "b"), ("user", "c")])
    assert found(exports.slim(full)) == found(full)


def fork() -> dict[str, Any]:
    """A question asked twice: `first` was edited to `second`, and the second way is the current one."""
    conversation = exports.chatgpt_conversation(
        turns=[("user", "second"), ("assistant", "two")], time=exports.TIME + 10
    )
    other = exports.add_node(conversation["mapping"], "root", "x", exports.chatgpt_message("user", "first"))
    exports.add_node(conversation["mapping"], other, "y", exports.chatgpt_message("assistant", "one"))
    conversation["mapping"]["root"]["children"].reverse()
    return conversation


def test_only_the_persons_side_of_another_branch_is_kept_and_flagged() -> None:
    parsed = found(fork()).conversation
    assert parsed is not None
    assert [(each.text, each.on_branch) for each in parsed.messages] == [
        ("first", False),
        ("second", True),
        ("two", True),
    ]


def test_the_current_node_decides_even_against_time() -> None:
    assert said(fork() | {"current_node": "y"}) == ["first", "one"]


@pytest.mark.parametrize("current", [None, "gone"])
def test_without_a_current_node_the_newest_leaf_decides(current: str | None) -> None:
    assert said(fork() | {"current_node": current}) == ["second", "two"]


def test_of_leaves_without_times_the_last_in_the_file_decides() -> None:
    conversation = fork() | {"current_node": None}
    for node in conversation["mapping"].values():
        if node["message"]:
            node["message"]["create_time"] = None
    assert said(conversation) == ["first", "one"]


def test_children_alone_make_a_tree() -> None:
    conversation = exports.chatgpt_conversation(turns=[("user", "a"), ("assistant", "b")])
    for node in conversation["mapping"].values():
        del node["parent"]
    assert said(conversation) == ["a", "b"]


def test_a_bag_of_messages_is_ordered_by_time() -> None:
    conversation = exports.chatgpt_conversation(turns=[("user", "a"), ("assistant", "b"), ("user", "c")])
    nodes = [node | {"parent": None, "children": []} for node in conversation["mapping"].values()]
    mapping = {node["id"]: node for node in reversed(nodes)}
    assert said(conversation | {"mapping": mapping}) == ["a", "b", "c"]


def test_a_circle_and_dangling_links_end_the_way() -> None:
    conversation = exports.chatgpt_conversation(turns=[("user", "a"), ("assistant", "b"), ("user", "c")])
    mapping, last = conversation["mapping"], conversation["current_node"]
    first = mapping["root"]["children"][0]
    mapping[first]["parent"] = last
    assert said(conversation) == ["a", "b", "c"]
    mapping[first]["parent"] = "nowhere"
    mapping["root"]["children"] = ["nowhere"]
    assert said(conversation) == ["a", "b", "c"]


def test_a_flat_list_of_messages() -> None:
    messages = [exports.chatgpt_message("user", "a"), exports.chatgpt_message("assistant", "b")]
    assert said({"title": "t", "id": "1", "messages": messages}) == ["a", "b"]


@pytest.mark.parametrize(
    "hidden",
    [
        {"author": {"role": "system"}},
        {"author": {"role": "tool", "name": "browser"}},
        {"author": None},
        {"weight": 0},
        {"weight": 0.0},
        {"metadata": {"is_visually_hidden_from_conversation": True}},
        {"recipient": "bio"},
        {"recipient": "canmore.create_textdoc"},
        {"channel": "analysis"},
        {"content": None},
        {"content": {"content_type": "thoughts", "thoughts": [{"summary": "s", "content": "c"}]}},
        {"content": {"content_type": "tether_quote", "text": "web"}},
    ],
)
def test_what_runs_behind_the_scenes_is_not_said(hidden: dict[str, Any]) -> None:
    message = exports.chatgpt_message("user", "hidden") | hidden
    assert said(exports.chatgpt_conversation(turns=[message, ("user", "seen")])) == ["seen"]


@pytest.mark.parametrize(
    "harmless", [{"weight": None}, {"recipient": None}, {"metadata": None}, {"channel": "commentary"}]
)
def test_missing_fields_hide_nothing(harmless: dict[str, Any]) -> None:
    assert said(exports.chatgpt_conversation(turns=[exports.chatgpt_message("user", "seen") | harmless])) == ["seen"]


def test_text_is_kept_to_the_byte_and_parts_are_joined_by_line_breaks() -> None:
    message = content("text", parts=["  “a” ", "", "e\u0301\n"])
    assert said(exports.chatgpt_conversation(turns=[message])) == ["  “a” \n\ne\u0301\n"]


def test_pictures_say_nothing_and_speech_is_marked() -> None:
    picture = {"content_type": "image_asset_pointer", "asset_pointer": "sediment://x", "metadata": {"dalle": None}}
    speech = {"content_type": "audio_transcription", "text": "spoken", "direction": "in"}
    turns = [content("multimodal_text", parts=[picture, None, "look"]), content("multimodal_text", parts=[speech])]
    parsed = found(exports.chatgpt_conversation(turns=turns)).conversation
    assert parsed is not None
    assert [(each.text, each.modality) for each in parsed.messages] == [
        ("look", Modality.TEXT),
        ("spoken", Modality.VOICE),
    ]


def test_a_transcript_repeated_below_the_same_parent_counts_once() -> None:
    speech = {"content_type": "audio_transcription", "text": "spoken"}
    conversation = exports.chatgpt_conversation(turns=[content("multimodal_text", parts=[speech])])
    exports.add_node(conversation["mapping"], "root", "again", exports.chatgpt_message("user", " spoken\n"))
    parsed = found(conversation).conversation
    assert parsed is not None
    assert [each.modality for each in parsed.messages] == [Modality.VOICE]


def test_unknown_content_is_left_out_and_named() -> None:
    parts = [{"content_type": "hologram", "data": 1}, "hi"]
    outcome = found(exports.chatgpt_conversation(turns=[content("smell"), content("multimodal_text", parts=parts)]))
    assert outcome.unknown == {"smell": 1, "hologram": 1}
    assert outcome.conversation is not None


def test_a_conversation_without_text_is_empty() -> None:
    assert found(exports.chatgpt_conversation(turns=[("user", " \n"), ("assistant", "")])).conversation is None


def test_citation_marks_go_from_answers_and_stay_in_questions() -> None:
    marked = "It rained \ue200cite\ue202turn0search1\ue201today【12†source】. \ue203So\ue204\ue206"
    assert said(exports.chatgpt_conversation(turns=[("user", marked), ("assistant", marked)])) == [
        marked,
        "It rained today. So",
    ]


@pytest.mark.parametrize("mark", [{"is_do_not_remember": True}, {"is_temporary_chat": True}])
def test_what_is_not_to_be_remembered_is_skipped_and_not_named(mark: dict[str, Any]) -> None:
    outcome = read(exports.chatgpt_conversation("Secret", name=1, update_time=1.75e9, **mark))
    changed_at = datetime.fromtimestamp(1.75e9, UTC)
    assert outcome == shapes.Skipped("do_not_remember", provider_id=exports.identity(1), changed_at=changed_at)


def test_a_conversation_without_a_mapping_is_skipped() -> None:
    assert read(exports.chatgpt_conversation("t", mapping=None)) == shapes.Skipped("no_messages", "t")


PROFILE = "The user provided the following information about themselves.\nUser profile:\n```I bake.\n```code```\n```"
HOW = "The user provided the additional info about how they would like you to respond:\n```Be short.```"


def test_custom_instructions_are_claims() -> None:
    hidden = {"author": {"role": "user"}, "weight": 0.0, "create_time": None}
    new = content("user_editable_context", user_profile=PROFILE, user_instructions=HOW) | hidden
    data = {"about_user_message": "I bake.", "about_model_message": "Be short."}
    old = exports.chatgpt_message(
        "system", "", metadata={"is_user_system_message": True, "user_context_message_data": data}
    )
    time = datetime.fromtimestamp(exports.TIME, UTC)
    for message, profile in ((new, "I bake.\n```code```"), (old, "I bake.")):
        outcome = found(exports.chatgpt_conversation(turns=[message, ("user", "Hi")]))
        assert outcome.claims == [
            shapes.ParsedClaim(ClaimKind.ABOUT_ME, profile, time),
            shapes.ParsedClaim(ClaimKind.HOW_TO_ANSWER, "Be short.", time),
        ]
        assert outcome.conversation is not None
        assert [each.text for each in outcome.conversation.messages] == ["Hi"]


def test_bio_memory_is_a_claim_even_in_an_empty_conversation() -> None:
    memory = content("model_editable_context", model_set_context="1. Likes rye.") | {"author": {"role": "assistant"}}
    outcome = found(exports.chatgpt_conversation(turns=[memory]))
    assert [(each.kind, each.text) for each in outcome.claims] == [(ClaimKind.PROVIDER_MEMORY, "1. Likes rye.")]
    assert outcome.conversation is None


@pytest.mark.parametrize("kind", ["text", "code"])
def test_what_was_noted_for_the_memory_is_a_claim_without_a_time(kind: str) -> None:
    held = {"content_type": kind} | ({"text": "Likes rye."} if kind == "code" else {"parts": ["Likes rye."]})
    noted = exports.chatgpt_message("assistant", "", content=held, recipient="bio")
    outcome = found(exports.chatgpt_conversation(turns=[("user", "I like rye"), noted, ("assistant", "Noted.")]))
    assert outcome.claims == [shapes.ParsedClaim(ClaimKind.PROVIDER_MEMORY, "Likes rye.")]
    assert outcome.left_out == {}
    assert outcome.conversation is not None
    assert [each.text for each in outcome.conversation.messages] == ["I like rye", "Noted."]


def test_a_share_link_may_hold_the_branch_alone() -> None:
    talk = exports.chatgpt_conversation("Shared")
    talk["linear_conversation"] = [*talk.pop("mapping").values()]
    assert chatgpt.recognises(documents.document("x", memoryview(exports.as_written(talk))))
    parsed = found(talk).conversation
    assert parsed is not None
    assert [each.text for each in parsed.messages] == ["Hello", "Hi there"]


def test_an_extension_writes_prompts_and_responses() -> None:
    saved = {
        "metadata": {
            "title": "Rye",
            "user": {"name": "Ines", "email": "ines@example.org"},
            "dates": {"created": "2025-03-01T10:00:00Z", "updated": "3/1/2025 11:00:00", "exported": "now"},
            "link": "https://chatgpt.com/c/67c2-1",
        },
        "messages": [
            {"role": "Prompt", "time": "3/1/2025, 10:00:00 AM", "say": "Which flour?"},
            {"role": "Response", "time": None, "say": "Rye."},
        ],
    }
    assert chatgpt.recognises(documents.document("x", memoryview(exports.as_written(saved))))
    parsed = found(saved).conversation
    assert parsed is not None
    assert [(each.role, each.text) for each in parsed.messages] == [("user", "Which flour?"), ("assistant", "Rye.")]
    assert (parsed.provider_id, parsed.title, parsed.started_at) == ("67c2-1", "Rye", shapes.moment(1740823200))


@pytest.mark.parametrize("time", [1e18, -5, 0, "soon", True, float("nan"), 10**400, 4.2e9, {}])
def test_absurd_times_are_unknown(time: object) -> None:
    conversation = exports.chatgpt_conversation(turns=[("user", "Hi")], create_time=time, update_time=time)
    for node in conversation["mapping"].values():
        if node["message"]:
            node["message"]["create_time"] = time
    parsed = found(conversation).conversation
    assert parsed is not None
    assert (parsed.started_at, parsed.updated_at, parsed.messages[0].sent_at) == (None, None, None)


@pytest.mark.parametrize("time", [exports.TIME * 1000, str(exports.TIME), "2023-11-14T22:13:20Z", int(exports.TIME)])
def test_times_in_other_writings_are_understood(time: object) -> None:
    assert shapes.moment(time) == datetime.fromtimestamp(exports.TIME, UTC)


def test_recognised_by_content() -> None:
    def reason(value: object) -> str | None:
        return chatgpt.recognises(documents.document("x", memoryview(exports.as_written(value))))

    conversation = exports.chatgpt_conversation()
    assert reason([None, 5, conversation])
    assert reason(exports.slim(conversation))
    assert reason([conversation | {"mapping": None}])
    assert reason([conversation | {"mapping": {}}])
    assert not reason([{"id": "1", "mapping": {"1": {"message": {"fragments": [], "model": "deepseek"}}}}])
    assert not reason([exports.claude_conversation()])
    assert not reason([{"title": "x", "messages": [{"role": "user", "content": "x"}]}])
    assert not reason([])


def test_what_is_left_out_is_counted() -> None:
    def said(role: str, text: str = "x", **fields: Any) -> dict[str, Any]:
        return exports.chatgpt_message(role, text, **fields)

    picture = {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}, "Look"]}
    turns: list[exports.Turn | dict[str, Any]] = [
        said("system", "You are ChatGPT"),
        said("system", ""),
        said("user", "", content=picture),
        said("user", "put in by an app", metadata={"is_visually_hidden_from_conversation": True}),
        said("assistant", "print(2)", recipient="python"),
        content("execution_output", text="2"),
        content("thoughts", thoughts=[]),
        said("assistant", "thinking aloud", channel="analysis"),
        content("tether_quote", text="a page"),
        ("assistant", "Two."),
    ]
    conversation = exports.chatgpt_conversation(turns=turns)
    exports.add_node(conversation["mapping"], "root", "draft", said("assistant", "Another answer"))
    expected = {"system": 1, "media": 1, "injected": 1, "tool": 2, "reasoning": 2, "material": 1, "draft": 1}
    assert found(conversation).left_out == expected

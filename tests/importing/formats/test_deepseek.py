from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.importing import formats, shapes
from soulprint.importing.formats import chatgpt, deepseek
from soulprint.importing.parsing import documents
from soulprint.kinds import Modality, Role
from tests.importing.formats import deepseek_exports as exports

WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.none()),
    st.dictionaries(st.text(), st.none()),
)


def outcomes(value: object) -> list[shapes.Outcome]:
    return [*deepseek.read(documents.document("conversations.json", memoryview(exports.written(value))))]


def found(value: object) -> shapes.Found:
    (outcome,) = outcomes(value)
    assert isinstance(outcome, shapes.Found)
    return outcome


def parsed(value: object) -> shapes.ParsedConversation:
    conversation = found(value).conversation
    assert conversation is not None
    return conversation


def said(conversation: shapes.ParsedConversation) -> list[tuple[Role, str, bool]]:
    return [(each.role, each.text, each.on_branch) for each in conversation.messages]


def test_a_conversation_is_the_way_to_its_newest_message() -> None:
    made = found(exports.talk())
    conversation = made.conversation
    assert conversation is not None
    assert said(conversation) == [
        (Role.USER, "Когда обрезать розы?", True),
        (Role.ASSISTANT, "In March.", True),
        (Role.USER, "And the old ones?", False),
        (Role.USER, "And old ones?", True),
        (Role.ASSISTANT, "Only in March.", True),
    ]
    assert (conversation.provider_id, conversation.title) == ("a", "Garden")
    assert conversation.started_at == datetime(2025, 7, 1, 10, 0, 0, 123_000, tzinfo=UTC)
    assert conversation.messages[0].sent_at == datetime(2025, 7, 1, 10, 1, 0, 123_000, tzinfo=UTC)
    assert conversation.zone_known
    assert made.left_out == {"reasoning": 1, "material": 3}
    assert made.unknown == {}


def test_fragments_are_told_apart() -> None:
    kinds = ["THINK", "TIP", "TOOL_OPEN", "READ_LINK", "RESPONSE", "TEMPLATE_RESPONSE", "HOLOGRAM", None]
    answer = exports.message([exports.fragment(kind, f"{kind}!") for kind in kinds])
    made = found(exports.conversation(exports.tree({"1": ("root", exports.asked("q")), "2": ("1", answer)})))
    assert made.conversation is not None
    assert [each.text for each in made.conversation.messages] == ["q", "RESPONSE!\nTEMPLATE_RESPONSE!"]
    assert made.left_out == {"reasoning": 1, "system": 1, "tool": 1, "material": 1}
    assert made.unknown == {"HOLOGRAM": 1, "no type": 1}


def test_only_answers_lose_marks() -> None:
    mark = "x[citation:1][reference:12][citation:]"
    conversation = parsed(
        exports.conversation(exports.tree({"1": ("root", exports.asked(mark)), "2": ("1", exports.answered(mark))}))
    )
    assert [each.text for each in conversation.messages] == [mark, "x[citation:]"]


def test_a_question_and_its_answer_in_one_message() -> None:
    both = exports.message([exports.fragment("RESPONSE", "a"), exports.fragment("REQUEST", "q")])
    conversation = parsed(exports.conversation(exports.tree({"1": ("root", both)})))
    assert [(each.provider_id, each.text) for each in conversation.messages] == [("1", "q"), ("1/answer", "a")]


def test_older_messages_have_roles() -> None:
    nodes = {
        "1": ("root", exports.message(None, content="q", role="USER", reasoning_content=None)),
        "2": ("1", exports.message(None, 1, content="a", role="assistant", reasoning_content="Hm.")),
        "3": ("2", exports.message(None, 2, content="?", role="narrator")),
    }
    made = found(exports.conversation(exports.tree(nodes)))
    assert made.conversation is not None
    assert [(each.role, each.text) for each in made.conversation.messages] == [(Role.USER, "q"), (Role.ASSISTANT, "a")]
    assert made.left_out == {"reasoning": 1}
    assert made.unknown == {"role narrator": 1}


def test_links_by_children_alone() -> None:
    talk = exports.talk()
    for node in talk["mapping"].values():
        del node["parent"]
    assert said(parsed(talk)) == said(parsed(exports.talk()))


def test_without_links_the_time_counts() -> None:
    talk = exports.talk()
    for node in talk["mapping"].values():
        del node["parent"], node["children"]
    assert [text for _, text, _ in said(parsed(talk))] == [
        "Когда обрезать розы?",
        "In March.",
        "And the old ones?",
        "Later.",
        "And old ones?",
        "Only in March.",
    ]


def test_links_in_a_circle_and_to_nowhere() -> None:
    nodes = exports.tree({"1": ("root", exports.asked("q")), "2": ("1", exports.answered("a"))})
    nodes["1"]["parent"], nodes["2"]["parent"] = "2", "1"
    nodes["3"] = {"id": "3", "parent": "gone", "children": [], "message": exports.asked("more", 9)}
    assert {text for _, text, _ in said(parsed(exports.conversation(nodes)))} >= {"q", "more"}


def test_files_that_came_with_a_prompt() -> None:
    files = [{"file_name": "a.pdf"}, {"file_name": "a.txt", "content": "pasted"}, None]
    made = found(exports.conversation(exports.tree({"1": ("root", exports.asked("q", files=files))})))
    assert made.conversation is not None
    assert [(each.text, each.modality) for each in made.conversation.messages] == [
        ("q", Modality.TEXT),
        ("pasted", Modality.ATTACHMENT),
    ]
    assert made.left_out == {"media": 2}


def test_a_page_with_fragments() -> None:
    messages = [
        exports.page_message(1, None, "USER", fragments=[exports.fragment("REQUEST", "q")]),
        exports.page_message(2, 1, "ASSISTANT", fragments=[exports.fragment("RESPONSE", "a")]),
        exports.page_message(3, 1, "ASSISTANT", fragments=[exports.fragment("RESPONSE", "another")]),
    ]
    conversation = parsed(exports.page(messages, current_message_id=2))
    assert (conversation.provider_id, conversation.title) == ("a", "Garden")
    assert [text for _, text, _ in said(conversation)] == ["q", "a"]
    assert conversation.started_at == datetime(2025, 7, 1, 10, 0, 0, 123_000, tzinfo=UTC)


def test_an_older_page_and_a_shared_one() -> None:
    messages = [
        exports.page_message(1, None, "USER", content="q"),
        exports.page_message(2, 1, "ASSISTANT", content="a", thinking_content="Hm.", search_results=[{}, {}]),
    ]
    made = found(exports.page(messages))
    shared = {"data": {"biz_data": {"title": "Shared", "messages": messages}}}
    assert made.left_out == {"reasoning": 1, "material": 2}
    assert parsed(shared).title == "Shared"
    assert (
        said(parsed(shared))
        == said(parsed(exports.page(messages)))
        == [
            (Role.USER, "q", True),
            (Role.ASSISTANT, "a", True),
        ]
    )


@pytest.mark.parametrize(
    "value",
    [
        [exports.talk()],
        exports.talk(),
        [exports.conversation({})],
        [exports.conversation(exports.tree({"1": ("root", exports.message(None, content="q", role="USER"))}))],
        exports.page([exports.page_message(1, None, "USER", content="q")]),
    ],
)
def test_it_alone_recognises_its_shapes(value: object) -> None:
    document = documents.document("conversations.json", memoryview(exports.written(value)))
    assert [each for each in formats.FORMATS if each.recognises(document)] == [deepseek]


def test_a_tree_of_chatgpt_is_left_to_it() -> None:
    node: dict[str, Any] = {
        "id": "1",
        "parent": None,
        "children": [],
        "message": {"author": {"role": "user"}, "content": {}},
    }
    content = exports.written([{"mapping": {"1": node}, "inserted_at": None}])
    document = documents.document("conversations.json", memoryview(content))
    assert chatgpt.recognises(document)
    assert not deepseek.recognises(document)


def test_nothing_but_nulls() -> None:
    nulls = dict.fromkeys(exports.asked("q"))
    node: dict[str, Any] = dict.fromkeys(("id", "parent", "children", "message"))
    made = outcomes(
        [
            exports.conversation({"root": None, "1": node, "2": node | {"message": nulls}}, None, None),
            exports.conversation(None),
            None,
            7,
        ]
    )
    assert made == [
        shapes.Found(),
        shapes.Skipped("no_messages", "Garden", "a"),
        shapes.Failed("not_an_object", "conversations.json#2"),
        shapes.Failed("not_an_object", "conversations.json#3"),
    ]


@settings(deadline=None)
@given(st.data())
def test_mutated_conversations(data: st.DataObject) -> None:
    good = exports.talk("good", "the good one")
    tree = copy.deepcopy([exports.talk(), exports.talk("b")])
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(tree)))
        container[key] = data.draw(WILD)
    made = outcomes([*tree, good])
    assert len(made) == len(tree) + 1
    assert made[-1] == found(good)


def places(value: Any) -> list[tuple[Any, Any]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, member in members for place in ((value, key), *places(member))]

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.importing import formats, shapes
from soulprint.importing.formats import lechat
from soulprint.importing.parsing import documents, elements
from soulprint.kinds import Role
from tests.importing.formats import lechat_exports as exports

WILD = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.none()),
    st.dictionaries(st.text(), st.none()),
)


def outcomes(content: object, where: str = exports.MEMBER) -> list[shapes.Outcome]:
    written = content if isinstance(content, bytes) else exports.written(content)
    return [*lechat.read(documents.document(where, memoryview(written)))]


def found(content: object, where: str = exports.MEMBER) -> shapes.Found:
    (outcome,) = outcomes(content, where)
    assert isinstance(outcome, shapes.Found)
    return outcome


def parsed(content: object, where: str = exports.MEMBER) -> shapes.ParsedConversation:
    conversation = found(content, where).conversation
    assert conversation is not None
    return conversation


def said(conversation: shapes.ParsedConversation) -> list[tuple[Role, str]]:
    return [(each.role, each.text) for each in conversation.messages]


def test_a_file_is_a_conversation() -> None:
    made = found(exports.talk())
    conversation = made.conversation
    assert conversation is not None
    assert said(conversation) == [
        (Role.USER, "Quand tailler les roses ?"),
        (Role.ASSISTANT, "In March, above a bud.\nNot later."),
        (Role.USER, "And the old ones?"),
        (Role.ASSISTANT, "Only in March."),
    ]
    assert (conversation.provider_id, conversation.title) == (exports.CHAT, None)
    assert conversation.started_at == datetime(2025, 7, 1, 10, 0, 0, 123_000, tzinfo=UTC)
    assert conversation.updated_at == datetime(2025, 7, 1, 10, 3, 0, 123_000, tzinfo=UTC)
    assert made.left_out == {"media": 1, "tool": 1, "material": 2}
    assert made.unknown == {}


def test_files_put_into_one_come_apart_again() -> None:
    conversations = [each.conversation for each in outcomes(exports.sample()) if isinstance(each, shapes.Found)]
    assert [each.provider_id for each in conversations if each] == [exports.CHAT, "b", "c"]


@pytest.mark.parametrize("where", [f"Export/{exports.MEMBER}", f"export\\{exports.MEMBER.upper()}"])
def test_the_id_is_also_in_the_name(where: str) -> None:
    conversation = parsed([exports.message("1", "user", "q", chatId=None)], where)
    assert conversation.provider_id == exports.CHAT
    assert parsed([exports.message("1", "user", "q", chatId=None)], "renamed.json").provider_id is None


def test_messages_without_a_chat_go_with_the_others() -> None:
    conversation = parsed([exports.message("1", "user", "q", chatId=None), exports.message("2", "assistant", "a", 1)])
    assert [text for _, text in said(conversation)] == ["q", "a"]


def test_the_order_of_the_file_counts_where_times_are_missing_or_the_same() -> None:
    conversation = parsed(
        [
            exports.message("2", "user", "second", 2),
            exports.message("3", "assistant", "third", None),
            exports.message("4", "user", "fourth", 2),
            exports.message("1", "user", "first", 1),
        ]
    )
    assert [text for _, text in said(conversation)] == ["first", "second", "third", "fourth"]


def test_versions_and_repeated_ids() -> None:
    conversation = parsed(
        [
            exports.message("1", "user", "newer", version=1),
            exports.message("1", "user", "older", version=0),
            exports.message("2", "assistant", "a", 1),
            exports.message("2", "assistant", "a", 1),
            exports.message("2", "assistant", "another", 1),
        ]
    )
    assert [(each.provider_id, each.text) for each in conversation.messages] == [
        ("1", "newer"),
        ("2", "a"),
        ("2#4", "another"),
    ]


def test_chunks_and_roles_that_are_not_known() -> None:
    chunks = [{"type": "hologram"}, {"type": None}, {"type": "thinking", "text": "Hm."}, exports.text("a")]
    made = found(
        [
            exports.message("1", "user", "q", quotes=[{"text": "quoted"}], canvas=[{"title": "draft"}, None]),
            exports.message("2", "assistant", None, 1, contentChunks=chunks),
            exports.message("3", "narrator", "?", 2),
            exports.message("4", "system", "be kind", 3),
            exports.message("5", None, "?", 4),
            exports.message("6", "user", [exports.text("in "), exports.text("pieces")], 5),
        ]
    )
    assert made.conversation is not None
    assert [each.text for each in made.conversation.messages] == ["q", "a", "in pieces"]
    assert made.left_out == {"material": 3, "reasoning": 1, "system": 1}
    assert made.unknown == {"hologram": 1, "no type": 1, "role narrator": 1, "no role": 1}


def test_a_bad_message_costs_only_itself() -> None:
    made = outcomes([*exports.talk(), 7, None])
    assert made[:2] == [
        shapes.Failed("not_an_object", f"{exports.MEMBER}#4"),
        shapes.Failed("not_an_object", f"{exports.MEMBER}#5"),
    ]
    assert made[2:] == outcomes(exports.talk())


def test_a_file_that_breaks_off() -> None:
    content = exports.written(exports.talk())
    failed, whole = outcomes(content[: content.index(b"And the old ones")])
    assert failed == shapes.Failed("cut_off", f"{exports.MEMBER}#3")
    assert isinstance(whole, shapes.Found)
    assert whole.conversation is not None
    assert len(whole.conversation.messages) == 3


def test_what_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lechat, "MESSAGES", 3)
    assert outcomes(exports.talk()) == [shapes.Failed("too_many_elements", exports.MEMBER)]
    monkeypatch.setattr(elements, "LARGEST", 100)
    assert outcomes(exports.talk()) == [shapes.Failed("too_large", exports.MEMBER)]


@pytest.mark.parametrize("content", [exports.sample(), json.dumps(exports.talk()).encode()])
def test_it_alone_recognises_its_files(content: bytes) -> None:
    document = documents.document("a.json", memoryview(content))
    assert [each for each in formats.FORMATS if each.recognises(document)] == [lechat]


def test_nothing_but_nulls() -> None:
    nulls = dict.fromkeys(exports.message("1", "user", "q"))
    assert outcomes([nulls, {}]) == [shapes.Found()]
    assert outcomes([]) == []


@settings(deadline=None)
@given(st.data())
def test_mutated_files(data: st.DataObject) -> None:
    tree = copy.deepcopy(exports.talk("b"))
    for _ in range(data.draw(st.integers(1, 4))):
        container, key = data.draw(st.sampled_from(places(tree)))
        container[key] = data.draw(WILD)
    made = outcomes([*exports.talk("good"), *tree])
    good = [each for each in made if isinstance(each, shapes.Found) and _is_good(each)]
    assert len(good) == 1
    assert good[0].conversation is not None
    assert {*said(parsed(exports.talk("good")))} <= {*said(good[0].conversation)}
    failed = sum(isinstance(each, shapes.Failed) for each in made)
    assert failed == sum(not isinstance(each, dict) for each in tree)


def _is_good(outcome: shapes.Found) -> bool:
    return outcome.conversation is not None and outcome.conversation.provider_id == "good"


def places(value: Any) -> list[tuple[Any, Any]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place for key, member in members for place in ((value, key), *places(member))]

from __future__ import annotations

import json
from typing import Any

import pytest

from soulprint.importing import shapes
from soulprint.importing.formats import perplexity
from soulprint.importing.parsing import documents
from tests.importing.formats.perplexity_exports import captured, saved, turns

SAID = ["What is a pond?", "A pond is green.", "Why?", "Because it is [so](https://e.org)."]


def outcomes(value: Any) -> list[shapes.Outcome]:
    document = documents.document("a.json", memoryview(json.dumps(value).encode()))
    assert perplexity.recognises(document)
    return [*perplexity.read(document)]


def talks(value: Any) -> list[shapes.ParsedConversation]:
    return [each.conversation for each in outcomes(value) if isinstance(each, shapes.Found) and each.conversation]


@pytest.mark.parametrize("make", [saved, captured])
def test_a_thread_is_one_talk(make: Any) -> None:
    [read] = talks(make("pond", turns("pond")))
    assert [message.text for message in read.messages] == SAID
    assert [message.role for message in read.messages] == ["user", "assistant"] * 2
    assert read.title == "pond"


def test_threads_may_be_listed() -> None:
    assert [read.title for read in talks([saved("a", turns("a")), saved("b", turns("b"))])] == ["a", "b"]


def test_sources_and_related_queries_are_nobodys_words() -> None:
    [found] = outcomes(captured("pond", turns("pond")))
    assert isinstance(found, shapes.Found)
    assert found.left_out == {"material": 4}
    assert not any("Not a question" in text for text in SAID)
    [found] = outcomes(saved("pond", turns("pond")))
    assert isinstance(found, shapes.Found)
    assert found.left_out == {"material": 2}


def test_pieces_stand_in_for_an_answer() -> None:
    thread = captured("pond", [("What?", "")])
    thread["entries"][0]["blocks"][1]["markdown_block"]["chunks"] = ["One ", "two"]
    thread["entries"][0]["blocks"].append({"intended_usage": "hologram"})
    [found] = outcomes(thread)
    assert isinstance(found, shapes.Found)
    assert found.conversation is not None
    assert [message.text for message in found.conversation.messages] == ["What?", "One two"]
    assert found.unknown == {"hologram": 1}


def test_ids_stay() -> None:
    assert talks(captured("pond", turns("pond")))[0].provider_id == "thread-pond"
    bare = {"metadata": {}, "conversations": saved("x", turns("pond"))["conversations"]}
    longer = {"metadata": {}, "conversations": [*bare["conversations"], {"query": "More?", "answer": "Yes"}]}
    assert talks(bare)[0].provider_id == talks(longer)[0].provider_id


def test_one_bad_turn_costs_one_turn() -> None:
    thread = saved("pond", turns("pond"))
    thread["conversations"].insert(1, 7)
    assert [message.text for message in talks(thread)[0].messages] == SAID
    assert [each.reason for each in outcomes(thread) if isinstance(each, shapes.Failed)] == ["not_an_object"]


@pytest.mark.parametrize(
    ("answer", "read"),
    [
        ("It is[1][2], so.[3]", "It is, so."),
        ("So[1]: `a[0]` and\n```\nb[2]\n```\nfar[3].", "So[1]: `a[0]` and\n```\nb[2]\n```\nfar."),
        ("see [1](https://e.org) and [x]", "see [1](https://e.org) and [x]"),
        ("[1]: https://e.org", "[1]: https://e.org"),
    ],
)
def test_marks_of_sources(answer: str, read: str) -> None:
    assert perplexity.without_marks(answer) == read


@pytest.mark.parametrize("value", [None, [], {}, 1, "x", [None], [{}]])
@pytest.mark.parametrize("name", ["uuid", "query_str", "blocks", "updated_datetime", "sources", "answer"])
def test_any_field_may_be_anything(name: str, value: Any) -> None:
    thread = captured("pond", turns("pond"))
    thread["entries"][0][name] = value
    outcomes(thread)

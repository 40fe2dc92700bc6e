from __future__ import annotations

import json
from typing import Any

import pytest

from soulprint.importing import shapes
from soulprint.importing.formats import characterai
from soulprint.importing.parsing import documents
from soulprint.kinds import Modality, Role
from tests.importing.formats.characterai_exports import dump, history, talk, turn

SAID = ["*salutes* Welcome aboard the Petrel!", "*bows* I am a pirate of ninety years.", "Arr."]


def outcomes(value: Any) -> list[shapes.Outcome]:
    document = documents.document("a.json", memoryview(json.dumps(value).encode()))
    assert characterai.recognises(document)
    return [*characterai.read(document)]


def talks(value: Any) -> list[shapes.ParsedConversation]:
    return [each.conversation for each in outcomes(value) if isinstance(each, shapes.Found) and each.conversation]


LAYOUTS: list[Any] = [
    dump(talk("Petrel")),
    {"character": {"name": "Captain"}, "histories": [talk("Petrel")]},
    [{"character": "Captain", "external_id": "Petrel", "msgs": talk("Petrel")["msgs"]}],
    {
        "character_name": "Captain",
        "chat_id": "Petrel",
        "messages": [
            {"is_human": False, "text": SAID[0]},
            {"is_human": True, "text": SAID[1]},
            {"is_human": False, "text": SAID[2]},
        ],
    },
    {
        "chats": [
            {
                "chat_id": "Petrel",
                "turns": [
                    {"author": {"name": "Captain"}, "candidates": [{"raw_content": SAID[0]}]},
                    {"author": {"is_human": True}, "candidates": [{"raw_content": SAID[1]}]},
                    {"author": {"name": "Captain"}, "candidates": [{"raw_content": SAID[2]}]},
                ],
            }
        ]
    },
]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_is_the_same_talk(layout: Any) -> None:
    [read] = talks(layout)
    assert [message.text for message in read.messages] == SAID
    assert [message.role for message in read.messages] == [Role.ASSISTANT, Role.USER, Role.ASSISTANT]
    assert read.provider_id == "Petrel"


def test_everything_is_said_in_a_part() -> None:
    [read] = talks(dump(talk("Petrel")))
    assert {message.modality for message in read.messages} == {Modality.ROLE_PLAY}
    assert (read.title, read.project) == ("Captain", "char-1")


def test_the_chosen_answer_counts_and_others_are_drafts() -> None:
    swiped = turn(None, human=False, swipes=["one", "two", {"text": "three"}], swipe_id=2)
    [read] = [each for each in outcomes(dump(history("x", [swiped]))) if isinstance(each, shapes.Found)]
    assert read.conversation is not None
    assert [message.text for message in read.conversation.messages] == ["three"]
    assert read.left_out == {"draft": 2}


def test_missing_times_stay_missing() -> None:
    bare = {"external_id": "x", "msgs": [{"text": "Hi", "src": {"is_human": True}}]}
    [read] = talks(dump(bare))
    assert read.started_at is None
    assert read.messages[0].sent_at is None


def test_a_talk_without_an_id_keeps_the_one_made_of_its_beginning() -> None:
    turns = talk("Petrel")["msgs"]
    short, long = ({"msgs": turns[:3]}, {"msgs": [*turns, turn("More", human=True, number=9)]})
    assert talks(dump(short))[0].provider_id == talks(dump(long))[0].provider_id


def test_dumps_without_talks_are_accounted_for() -> None:
    [skipped] = [each for each in outcomes([dump(talk("x")), dump()]) if isinstance(each, shapes.Skipped)]
    assert skipped.reason == "no_messages"


@pytest.mark.parametrize("value", [None, [], {}, 1, "x", [None], [{}]])
@pytest.mark.parametrize("name", [*turn("a", human=True), "swipes", "candidates", "swipe_id", "author"])
def test_any_field_may_be_anything(name: str, value: Any) -> None:
    broken = turn("Hello", human=True) | {name: value}
    outcomes(dump(history("x", [turn("Hi", human=False), broken])))

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from soulprint.measuring import words
from soulprint.measuring.topics import EXAMPLES, Collector, Topic
from tests.measuring.messages import NOON, say, talk, talks_of


def topics_of(conversations: Sequence[tuple[str | None, str]]) -> list[Topic]:
    """The topics of conversations given as title and the person's text."""
    collector = Collector(talks_of([title for title, _ in conversations]))
    said = [say(text, conversation=number) for number, (_, text) in enumerate(conversations, 1)]
    collector.add(words.typed(said))
    return collector.result()


OTHERS = [
    (f"{word.title()} {number}", f"something on {word} and on {word}")
    for number, word in enumerate(("rice", "taxes", "moths", "glue", "chess"), 5)
]


def test_a_topic_is_what_several_titles_name() -> None:
    found = topics_of(
        [
            ("Half-marathon plan", "I run 5 km"),
            ("Half marathon shoes", "which ones"),
            ("After the half marathon", "my knee hurts"),
            *OTHERS,
        ]
    )
    assert (found[0].label, found[0].conversations) == ("Half marathon", 3)
    assert set(found[0].terms) >= {"half marathon", "marathon"}


def test_a_topic_is_found_without_titles() -> None:
    found = topics_of(
        [
            (None, "the sourdough is flat, what does sourdough need"),
            (None, "feed the sourdough? this sourdough smells"),
            *OTHERS,
        ]
    )
    assert [(topic.label, topic.conversations) for topic in found] == [("Sourdough", 2)]


def test_what_is_said_once_in_passing_is_no_topic() -> None:
    assert topics_of([("A", "and my kayak"), ("B", "the kayak too"), ("C", "kayak"), *OTHERS]) == []


def test_plurals_and_genitives_are_one_term() -> None:
    found = topics_of([("Bridges", "x"), ("A bridge", "y"), ("The bridge's bearing", "z"), *OTHERS])
    assert found[0].conversations == 3


def test_labels_keep_the_case_of_titles() -> None:
    found = topics_of([("Weir dashboard", "x"), ("ESP32 for Weir", "y"), ("SQL for Weir", "z"), *OTHERS])
    assert found[0].label == "Weir"


def test_terms_of_the_same_conversations_are_one_topic() -> None:
    found = topics_of(
        [("Drowned Bells prep", "x"), ("Drowned Bells finale", "y"), ("Drowned Bells song", "z"), *OTHERS]
    )
    assert [topic.label for topic in found] == ["Drowned Bells"]


def test_function_words_of_several_languages_are_no_topics() -> None:
    said = "ich habe das nicht und ich habe es auch nicht, je ne suis pas, je ne sais pas, I don't know, I don't"
    assert topics_of([(None, said)] * 6) == []


def test_a_topic_knows_its_time_and_its_newest_conversations() -> None:
    talks = {
        (made := talk(number, "Pottery class", NOON + timedelta(days=30 * number))).id: made for number in range(1, 21)
    }
    collector = Collector(talks)
    collector.add(words.typed([say("clay", conversation=number) for number in range(1, 21)]))
    (topic,) = [topic for topic in collector.result() if "pottery" in topic.terms]
    assert topic.conversations == 20
    assert (topic.first, topic.last) == (NOON + timedelta(days=30), NOON + timedelta(days=600))
    assert topic.examples[0] == uuid.UUID(int=20)
    assert len(topic.examples) == EXAMPLES


def test_scripts_without_spaces_are_cut_into_runs() -> None:
    found = topics_of([("マラソンの計画", "はい"), ("マラソンの靴", "はい"), *OTHERS])
    assert [topic.terms[0] for topic in found] == ["マラソン"]


def test_a_conversation_without_a_record_does_no_harm() -> None:
    collector = Collector({})
    texts = ["kayak kayak"] * 3 + ["rice", "taxes", "moths", "glue", "chess", "wool", "tea", "ink", "jam", "tin"]
    collector.add(words.typed([say(text, conversation=number) for number, text in enumerate(texts)]))
    assert [(topic.label, topic.conversations, topic.first) for topic in collector.result()] == [("Kayak", 3, None)]


@given(st.lists(st.tuples(st.one_of(st.none(), st.text()), st.text(min_size=1)), max_size=12))
def test_any_text_can_be_read_and_gives_the_same_each_time(conversations: list[tuple[str | None, str]]) -> None:
    found = topics_of(conversations)
    assert found == topics_of(conversations)
    assert all(2 <= topic.conversations <= len(conversations) for topic in found)

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.facts.finding import local
from soulprint.facts.shapes import Finding
from soulprint.kinds import Modality, Role
from soulprint.llm import minilm
from soulprint.reading import Dialogue, Talk, Utterance
from soulprint.records.facts import CATEGORIES

pytestmark = pytest.mark.skipif(not minilm.available(), reason="needs the extra `local`")

NOON = datetime(2024, 5, 12, 12, tzinfo=UTC)


def dialogue(*said: str, answered: Sequence[str] = (), at: datetime | None = NOON, number: int = 1) -> Dialogue:
    """A conversation in which the person says `said`; each answer stands after the message at its place."""
    turns: list[tuple[Role, str]] = []
    for place, text in enumerate(said):
        turns += [(Role.USER, text), *((Role.ASSISTANT, answer) for answer in answered[place : place + 1])]
    told = [
        Utterance(number * 1000 + place, place, role, text, at, Modality.TEXT)
        for place, (role, text) in enumerate(turns)
    ]
    talk = Talk(uuid.UUID(int=number), "A talk", at, "chatgpt", len(told))
    return Dialogue(talk, b"hash", tuple(told))


def found_in(*said: str, answered: Sequence[str] = (), at: datetime | None = NOON) -> list[Finding]:
    return local.findings([dialogue(*said, answered=answered, at=at)], minilm.Embedder.load())


def test_what_the_person_says_of_themself_is_found_with_its_place() -> None:
    text = "Thanks. So we live in Leeds, near the canal. Can you plan a walk?"
    (finding,) = found_in(text)
    assert finding.quote == finding.statement == "we live in Leeds, near the canal."
    assert text[finding.start : finding.end] == finding.quote
    assert (finding.category, finding.about, finding.said_at) == ("decisions", "home", NOON)


def test_every_category_is_one_of_the_five() -> None:
    found = found_in(
        "I've never owned a car.",
        "I'm restoring an old piano.",
        "We're getting married on 3 May",
        "I believe schools should start later",
        "I can't stand coriander",
        "I've decided to quit my job",
        "from now on answer in German",
    )
    assert {finding.category for finding in found} == set(CATEGORIES)


def test_what_an_assistant_says_is_never_found() -> None:
    assert found_in("Tell me a story", answered=["I live in Oslo with my wife. I'm allergic to nuts."]) == []


def test_what_others_wrote_is_not_found() -> None:
    assert found_in("translate into French: I live in Berlin and I'm allergic to nuts.") == []
    assert found_in("User: I'm 22 and I live in Austin.") == []
    assert found_in("what does this mean\n\n" + "I love cakes of all kinds. " * 60) == []


def test_the_same_said_twice_is_two_findings() -> None:
    twice = [dialogue("I live in Leeds.", number=1), dialogue("I live in Leeds.", number=2)]
    found = local.findings(twice, minilm.Embedder.load())
    assert [finding.conversation_id.int for finding in found] == [1, 2]


def test_dates_and_language_are_told() -> None:
    (english,) = found_in("We're moving from Leeds to Lyon on 18 May, by train, with a cat.")
    assert (english.language, english.true_from) == ("en", date(2024, 5, 18))
    (french,) = found_in("J'habite en France depuis 2021 et j'écris déjà des réclamations")
    assert (french.language, french.true_from) == ("fr", date(2021, 1, 1))


def test_undated_messages_have_the_date_of_their_conversation() -> None:
    talk = dialogue("I live in Leeds.")
    (turn,) = talk.turns
    bare = Utterance(turn.message_id, 0, turn.role, turn.text, None, turn.modality)
    (finding,) = local.findings([Dialogue(talk.talk, b"hash", (bare,))], None)
    assert finding.said_at == NOON


def test_a_sentence_that_opens_with_a_quotation_begins_after_it() -> None:
    (finding,) = found_in('"j\'ai sorti le chat" is very useful because we have a cat, Rivet')
    assert finding.quote == "we have a cat, Rivet"


def test_a_short_sentence_that_points_elsewhere_is_none() -> None:
    assert found_in("I love working with her.") == []
    assert found_in("I prefer working with Marta than without her.") != []


def test_rules_alone_find_less_and_nothing_else() -> None:
    said = ["I live in Leeds.", "I worry about them all the time and I show it by making tables."]
    sure = {finding.quote for finding in local.findings([dialogue(*said)], None)}
    assert sure <= {finding.quote for finding in found_in(*said)}
    assert "I live in Leeds." in sure


@given(
    st.lists(
        st.sampled_from(["I live in Rome", "I hate mud", ". ", "\n", '"', "“", ", and ", "x" * 90, "?", "ß", "🙂"]),
        max_size=60,
    )
)
def test_quotes_are_exact_in_any_text(parts: list[str]) -> None:
    text = "".join(parts)
    for finding in local.findings([dialogue(text)] if text.strip() else [], None):
        assert text[finding.start : finding.end] == finding.quote == finding.statement
        assert "\n" not in finding.statement
        assert finding.about

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from soulprint import indexing, recall
from soulprint.database import Database
from soulprint.kinds import Modality, Role
from soulprint.recall import grouping
from soulprint.records import FactStatus
from soulprint.records.recalled import Kind, Recalled
from soulprint.settings import Settings
from tests.rows import NOON, add_conversation, add_fact

pytestmark = pytest.mark.anyio


class Asker:
    """A person who talks and asks."""

    def __init__(self, database: Database, account: uuid.UUID, settings: Settings) -> None:
        self.database, self.account = database, account
        self.settings = settings.model_copy(update={"model_embed": "off"})

    async def talked(self, *said: str, answered: Sequence[str] = (), **given: object) -> None:
        async with self.database.session(self.account) as session:
            await add_conversation(session, self.account, said, answered=answered, **given)  # type: ignore[arg-type]

    async def found(self, question: str, **given: object) -> list[Recalled]:
        await indexing.index_all(self.database, self.account)
        found = await recall.recall(self.database, self.account, self.settings, question, **given)  # type: ignore[arg-type]
        return found.best

    async def texts(self, question: str, **given: object) -> list[str]:
        """What fits, without what merely stands beside it."""
        return [each.text for each in await self.found(question, **given) if each.why != grouping.BESIDE]


@pytest.fixture
def asker(database: Database, account: uuid.UUID, settings: Settings) -> Asker:
    return Asker(database, account, settings)


async def test_the_message_with_the_rare_words_comes_first(asker: Asker) -> None:
    await asker.talked("I run in the morning", "We bought a cat called Rivet")
    await asker.talked("How do I run this script?", "What is a cat in shell?")
    assert "We bought a cat called Rivet" in (await asker.texts("What is my cat Rivet doing?"))[0]


async def test_words_are_found_in_their_other_forms(asker: Asker) -> None:
    await asker.talked("Last week I went hiking with my sisters in the mountains of Wales", "And then it rained a lot")
    await asker.talked("Ich habe gestern meine Wohnungen in Köln vermietet und bin sehr froh darüber")
    assert "hiking" in (await asker.texts("when did we hike"))[0]
    assert "Köln" in (await asker.texts("Wohnung in Koln"))[0]


async def test_a_turn_is_found_by_what_stands_around_it(asker: Asker) -> None:
    await asker.talked("Which city suits a violinist best?", "I chose Graz in the end", "What about bread?")
    await asker.talked("Tell me a joke", "Another one", "And a third")
    turns = [turn.text for each in await asker.found("violinist") for turn in each.said]
    assert turns.index("I chose Graz in the end") < turns.index("What about bread?")
    assert "Tell me a joke" not in turns


async def test_a_conversation_is_found_by_its_title(asker: Asker) -> None:
    await asker.talked("How long do I knead it?", title="Sourdough for beginners")
    await asker.talked("How long do I boil it?", title="Eggs")
    [best] = await asker.found("sourdough")
    assert (best.title, best.text) == ("Sourdough for beginners", "How long do I knead it?")


async def test_whose_turns_are_meant_is_understood(asker: Asker) -> None:
    await asker.talked(
        "I bake sourdough bread", "One", "Two", answered=["Fine", "Well", "Use more sourdough for bread"]
    )
    assert (await asker.found("What did I say of sourdough?"))[0].said[0].role == Role.USER
    assert (await asker.found("What did you recommend about sourdough?"))[0].said[0].role == Role.ASSISTANT


async def test_a_name_by_which_a_side_is_addressed_means_its_turns(asker: Asker) -> None:
    for dish in ("soup", "bread", "stew"):
        await asker.talked(f"Hey Otto! I cooked {dish}.", answered=[f"Hi Mira! Cooked {dish} is fine."])
    best = (await asker.found("What did Mira cook?"))[0]
    other = (await asker.found("What did Otto cook?"))[0]
    assert best.said[0].text.startswith("Hey Otto")
    assert other.said[0].role == Role.ASSISTANT


async def test_a_time_in_the_question_counts(asker: Asker) -> None:
    for year in (2021, 2022, 2023):
        await asker.talked(f"We rented a boat, the {year}th", started_at=datetime(year, 7, 3, tzinfo=UTC))
    assert (await asker.texts("Which boat did we rent in July 2022?"))[0] == "We rented a boat, the 2022th"
    assert (await asker.texts("What did I do on 3 July 2021?"))[0] == "We rented a boat, the 2021th"


async def test_a_range_of_time_leaves_all_else_out(asker: Asker) -> None:
    for year in (2021, 2022, 2023):
        await asker.talked(f"a boat in {year}", started_at=datetime(year, 7, 3, tzinfo=UTC))
    since, until = date(2022, 1, 1), date(2022, 12, 31)
    assert await asker.texts("boat", since=since, until=until) == ["a boat in 2022"]


async def test_a_mistyped_word_is_understood(asker: Asker) -> None:
    await asker.talked("My neighbour Katarzyna plays the accordion")
    await asker.talked("What is a kettle?")
    for mistyped in ("Katarzina", "acordion", "accord"):
        assert await asker.texts(mistyped) == ["My neighbour Katarzyna plays the accordion"]


async def test_neighbours_are_joined_and_repeats_left_out(asker: Asker) -> None:
    await asker.talked("The kayak is red", "The kayak has a leak", "The kayak is red")
    await asker.talked("The kayak is red", started_at=None)
    found = await asker.found("kayak")
    said = [turn.text for each in found for turn in each.said]
    assert sorted(said) == ["The kayak has a leak", "The kayak is red"]
    assert found[0].text == "You: The kayak is red\nYou: The kayak has a leak"


async def test_a_short_turn_is_shown_with_the_one_that_it_answers(asker: Asker) -> None:
    await asker.talked("Where does your aunt live now, and since when?", "Trondheim, since May")
    [best] = await asker.found("Trondheim")
    assert best.text == "You: Where does your aunt live now, and since when?\nYou: Trondheim, since May"


async def test_words_bound_what_is_found(asker: Asker) -> None:
    for number in range(9):
        await asker.talked(f"the kayak of {number} people is here and there")
    found = await asker.found("kayak", words=30)
    assert 1 <= len(found) <= 3
    assert len(await asker.found("kayak", most=2)) == 2


@pytest.mark.parametrize(
    "question", ["", "   ", "?!", "zzzunknown", "' | & ! ( :* <->", "a\\b:c", "%_", "the of and", "\0"]
)
async def test_a_question_without_an_answer_finds_nothing(asker: Asker, question: str) -> None:
    await asker.talked("Hello there")
    assert await asker.found(question) == []


async def test_nothing_of_another_account_is_found(asker: Asker, database: Database, settings: Settings) -> None:
    await asker.talked("My secret garden")
    assert await asker.texts("garden")
    assert (await recall.recall(database, uuid.uuid4(), settings, "garden")).best == []


async def test_files_and_parts_that_are_played_are_not_found(asker: Asker) -> None:
    await asker.talked("The dragon sleeps", modality=Modality.ROLE_PLAY)
    await asker.talked("The dragon wakes", modality=Modality.ATTACHMENT)
    assert await asker.found("dragon") == []


async def test_what_is_shown_is_a_span_of_its_message(asker: Asker) -> None:
    text = "filler " * 400 + "the kingfisher nests by the weir " + "filler " * 400
    await asker.talked(text)
    best = (await asker.found("kingfisher"))[0]
    [turn] = best.said
    assert text[turn.start : turn.end] == turn.text
    assert "kingfisher nests" in turn.text
    assert len(turn.text) <= grouping.LONG
    assert (turn.provider_id, turn.said_at) == ("m0", NOON)


async def test_what_makes_something_a_secret_may_stand_elsewhere_in_the_message(
    asker: Asker, database: Database
) -> None:
    text = "aws_secret_access_key:\n" + "the kingfisher nests here. " * 60 + "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    await asker.talked(text)
    await asker.found("kingfisher")
    found = await recall.recall(database, asker.account, asker.settings, "kingfisher")
    assert found.best


@pytest.mark.parametrize(
    ("said", "question"),
    [
        ("来月から東京の会社で働きます。", "東京"),
        ("我从明年开始在上海的大学读书。", "上海大学"),
        ("ผมอาศัยอยู่ที่เชียงใหม่มาสามปีแล้ว", "เชียงใหม่"),
        ("저는 부산에서 살아요", "부산"),
        ("Nous buvons l'eau du puits", "eau"),
        ("Sie wohnt in Ko\u0308ln", "Köln"),
        ("ÜBERGRÖSSE ist zu groß", "Übergröße, groß"),
        ("«Ваня» – мой кот", "ваня"),
        ("see soulprint.example/notes_of_may", "notes may"),
        ("Я живу в Казани", "Казань"),
    ],
)
async def test_words_are_found_in_every_script_and_beside_every_sign(asker: Asker, said: str, question: str) -> None:
    await asker.talked(said)
    await asker.talked("nothing of the kind")
    assert await asker.texts(question) == [said]


async def test_the_message_with_the_whole_name_comes_first(asker: Asker) -> None:
    for said in ("京都は古い都です", "東のほうへ行く", "東京都に住んでいます"):
        await asker.talked(said)
    assert (await asker.texts("東京都"))[0] == "東京都に住んでいます"
    assert sorted(await asker.texts("東")) == ["東のほうへ行く", "東京都に住んでいます"]


async def test_facts_are_found_by_their_proofs_and_their_words(asker: Asker, database: Database) -> None:
    async with database.session(asker.account) as session:
        _, messages = await add_conversation(session, asker.account, ["We moved to Lyon in May"])
        new = await add_fact(session, messages[:1], "Lives in Lyon", about="home")
        old = {"about": "home", "status": FactStatus.SUPERSEDED, "superseded_by": new.id}
        await add_fact(session, messages[:1], "Lives in Leeds", **old)
        await add_fact(session, messages[:1], "Keeps bees in Lyon", status=FactStatus.REJECTED)
    facts = [each for each in await asker.found("When did I move?") if each.kind == Kind.FACT]
    assert [fact.text for fact in facts] == ["Lives in Lyon", "Lives in Leeds"]
    assert (facts[1].status, facts[1].instead) == ("superseded", "Lives in Lyon")
    assert facts[0].said[0].text
    assert not [each for each in await asker.found("move", kinds=[Kind.PASSAGE]) if each.kind != Kind.PASSAGE]

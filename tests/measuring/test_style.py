from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.kinds import Modality
from soulprint.measuring import words
from soulprint.measuring.style import Measurer, Share, Style
from soulprint.measuring.traits import traits
from soulprint.reading import Said
from tests.measuring.messages import NOON, say


def measured(said: Sequence[Said | str]) -> Style:
    measurer = Measurer()
    measurer.add(words.typed(say(one) if isinstance(one, str) else one for one in said))
    return measurer.result()


def test_nothing_measured_is_all_zero() -> None:
    style = measured([])
    assert (style.messages, style.own, style.lengths.median) == (0, 0, 0)
    assert style.languages == ()
    assert traits(style) == []


def test_lengths_are_exact() -> None:
    style = measured(["a"] * 5 + ["one two three"] * 3 + ["x " * 10] * 2)
    assert (style.lengths.lower, style.lengths.median, style.lengths.upper) == (1, 1, 3)
    assert style.own == 10


@pytest.mark.parametrize(
    ("text", "shares"),
    [
        ("how long does rice take", {"questions", "lower_case_starts"}),
        ("Is it open?", {"questions"}),
        ("Thanks, please go on!", {"thanks", "please", "exclamations"}),
        ("Merci, s'il te plaît", {"thanks", "please"}),
        ("Danke, kannst du das bitte kürzen", {"thanks", "please", "du"}),
        ("Guten Tag, Können Sie mir helfen", {"greetings", "formal_sie", "sie", "first_person"}),
        ("hi, i'm lost lol", {"greetings", "lower_case_starts", "first_person", "contractions", "slang"}),
        ("Maybe later…", {"hedges"}),
        ("WHY IS IT SO SLOW", {"capitals", "questions"}),
        ("My favourite colour.", {"british", "full_stops", "first_person"}),
        ("Nice 🎉", {"emoji"}),
        ("ok :)", {"slang", "emoticons", "lower_case_starts"}),
    ],
)
def test_each_manner_is_counted(text: str, shares: set[str]) -> None:
    style = measured([text])
    always = {"one_liners", "cased_starts"}
    assert {name for name, share in style.shares.items() if share.count} - always == shares
    assert set(style.shares.values()) <= {Share(0, 1), Share(1, 1)}


def test_code_and_pastes_are_told_from_typed_words() -> None:
    style = measured(["why does this fail\n```\nthanks " + "please " * 100 + "\n```", "short"])
    assert style.shares["code"] == Share(1, 2)
    assert style.shares["pasted"] == Share(1, 2)
    assert style.shares["please"] == Share(0, 2)
    assert (style.lengths.median, style.lengths.upper) == (1, 4)


def test_spoken_messages_say_nothing_of_spelling() -> None:
    style = measured([say("i like it", modality=Modality.VOICE), "I like it"])
    assert (style.messages, style.own, style.voice) == (2, 1, 1)
    assert style.shares["lower_case_starts"] == Share(0, 1)
    assert sum(style.hours) == 2


def test_times_are_counted_in_utc() -> None:
    style = measured([say("a", sent_at=NOON), say("b", sent_at=NOON + timedelta(days=400)), say("c", sent_at=None)])
    assert style.hours[12] == 2
    assert style.weekdays[6] == 1  # NOON is a Sunday
    assert [(year.year, year.messages) for year in style.years] == [(2024, 1), (2025, 1)]


def test_a_clock_of_an_unknown_zone_tells_no_hours() -> None:
    style = measured([say("a"), replace(say("b"), zone_known=False)])
    assert sum(style.hours) == sum(style.weekdays) == 1
    assert style.messages == 2


def test_favourite_emoji_are_whole() -> None:
    style = measured(["👩‍💻 👍🏽 👍🏽", "🇩🇪"])
    assert dict(style.emoji) == {"👍🏽": 2, "👩‍💻": 1, "🇩🇪": 1}


ENGLISH = "could you tell me how to get from the station to the old harbour"
FRENCH = "je voudrais savoir comment aller de la gare au vieux port cet après-midi"


def test_languages_over_the_years() -> None:
    early = [say(f"{ENGLISH} {n}") for n in range(40)]
    late = [say(f"{FRENCH if n % 2 else ENGLISH} {n}", sent_at=NOON + timedelta(days=366)) for n in range(40)]
    style = measured([*early, *late])
    assert [(language.code, round(language.share, 2)) for language in style.languages] == [("en", 0.75), ("fr", 0.25)]
    assert style.languages[1].years == ((2024, 0.0), (2025, 0.5))
    sentences = [trait.sentence for trait in traits(style)]
    assert "Writes in English (75 %) and French (25 %)." in sentences
    assert "Writes more French than before: 0 % in 2024, 50 % in 2025." in sentences


def test_the_sample_of_languages_is_the_same_in_any_order() -> None:
    said = [say(f"{ENGLISH} {n}") for n in range(700)]
    assert measured(said).languages == measured(said[::-1]).languages


def test_traits_carry_their_numbers() -> None:
    style = measured(["please shorten this text a bit"] * 18 + ["ok then"] * 12)
    found = {trait.id: trait for trait in traits(style)}
    assert found["please"].sentence == "Says please in 60 % of messages (18 of 30)."
    assert (found["please"].value, found["please"].over) == ("18 of 30", 30)
    assert found["length"].sentence == ("Writes short messages: half of 30 have 6 words or fewer, a quarter 6 or more.")
    assert "emoji" not in found


def test_little_says_nothing() -> None:
    assert traits(measured(["please"] * 19)) == []


def test_a_style_is_plain_json() -> None:
    style = measured([f"{ENGLISH} 🎉"] * 30)
    assert json.loads(json.dumps(dataclasses.asdict(style), default=str))["own"] == 30


@given(st.lists(st.text(min_size=1), max_size=20))
def test_any_text_can_be_measured(texts: list[str]) -> None:
    style = measured(texts)
    assert style.messages == len(texts)
    assert all(0 <= share.count <= share.over <= len(texts) for share in style.shares.values())
    traits(style)


def test_batches_add_up() -> None:
    said = [say(f"{ENGLISH} {n}", sent_at=NOON + timedelta(hours=n)) for n in range(90)]
    whole, parts = Measurer(), Measurer()
    whole.add(words.typed(said))
    for start in range(0, 90, 20):
        parts.add(words.typed(said[start : start + 20]))
    assert whole.result() == parts.result()

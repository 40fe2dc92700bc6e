from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.facts.meaning import slots

TRUTH = json.loads((Path(__file__).parents[2] / "examples" / "ines" / "truth.json").read_text())

SUBJECTS = [
    ("I live in Ghent with two dogs", "home"),
    ("We moved to Lisbon last spring", "home"),
    ("Ich wohne seit 2019 in Bremen", "home"),
    ("J'habite à Nantes depuis trois ans", "home"),
    ("Vivo en Sevilla con mi pareja", "home"),
    ("Moro em Coimbra", "home"),
    ("Abito a Torino", "home"),
    ("Ik woon in Utrecht", "home"),
    ("I work for Harlow & Sons", "employer"),
    ("first day at Kestrel Foods", "employer"),
    ("Je travaille chez Renaud Meubles", "employer"),
    ("I'm a pharmacist in a small town", "job"),
    ("I repair clocks for a living", "job"),
    ("Je suis ingénieure", "job"),
    ("I've been vegan since 2018", "diet"),
    ("I don't eat meat", "diet"),
    ("I'm allergic to penicillin", "allergy"),
    ("Je suis allergique aux noix", "allergy"),
    ("My name is Tomas Reyes", "name"),
    ("Please call me Tom", "form of address"),
    ("my birthday is on 3 March", "birthday"),
    ("I'm engaged!", "relationship"),
    ("Our wedding is on 4 July", "wedding"),
    ("I'm 42 and I've never skied", "age"),
    ("My partner is a pastry chef", "partner"),
    ("My favourite colour is green", "favourite colour"),
    ("My sister Nora lives in Cork", "sister"),
    ("meine Schwester ist Ärztin", "sister"),
    ("ma mère habite à Lille", "mother"),
    ("minha avó faz bolos", "grandmother"),
    ("we have a cat called Biscuit", "cat"),
    ("My B2 exam is in June", "language level"),
    ("I speak Polish at home", "languages"),
    ("I never got a driving licence", "driving"),
    ("I'm not religious", "religion"),
    ("no emojis please", "emoji"),
    ("British spelling, always", "spelling"),
    ("I think in kilometres", "units"),
    ("keep your answers short", "answer length"),
]


@pytest.mark.parametrize(("statement", "subject"), SUBJECTS)
def test_what_a_statement_is_of(statement: str, subject: str) -> None:
    assert slots.about(statement, "decisions") == subject


@pytest.mark.parametrize(
    ("statement", "subject"),
    [
        ("I'm building a greenhouse monitor called Fern", "fern"),
        ('I run a campaign, "The Long Tide"', "the long tide"),
        ("I'm restoring a 1962 Lambretta", "lambretta"),
        ("I'm knitting socks", "socks"),
    ],
)
def test_a_project_goes_by_its_name(statement: str, subject: str) -> None:
    assert slots.about(statement, "projects") == subject


@pytest.mark.parametrize(
    ("statement", "subject"),
    [
        ("I love public transport the way others love football", "public transport"),
        ("I can't stand gels", "gels"),
        ("I prefer tea to coffee", "tea"),
        ("I think that rivers should be public", "rivers"),
    ],
)
def test_anything_else_goes_by_its_telling_words(statement: str, subject: str) -> None:
    assert slots.about(statement, "preferences") == subject


REPLACED = [
    ("We're moving to Lyon in May", "We're moving to Nice instead"),
    ("I live in Leeds", "I've moved to Lyon!"),
    ("I live in Leeds, near the canal", "I live in Lyon now"),
    ("We're moving from Leeds to Lyon on 18 May", "I've moved to Lyon!"),
    ("i live in leeds", "i live in porto now"),
    ("Ich wohne in Bremen", "Ich bin nach Kiel gezogen"),
    ("J'habite à Nantes", "J'habite maintenant à Brest"),
    ("Vivo en Sevilla", "Ahora vivo en Bilbao"),
    ("Moro em Coimbra", "Agora moro em Braga"),
    ("Abito a Torino", "Adesso abito a Genova"),
    ("Ik woon in Utrecht", "Ik woon nu in Gent"),
    ("We're based in Oslo", "We live in Bergen these days"),
    ("I work for Harlow & Sons", "I've just joined Kestrel Foods"),
    ("I work for a small consultancy, Thornhill Reeve", "first day at Atelier Brouette"),
    ("My contract with Thornhill Reeve ends 31 December", "first day at Atelier Brouette"),
    ("Je travaille chez Renaud Meubles", "Je travaille maintenant chez Dupin"),
    ("I'm a teacher", "I'm a software developer now"),
    ("I inspect bridges for a living", "I'm a data engineer, I get paid for this"),
    ("I've been a bridge inspector for ten years", "I work as a data engineer"),
    ("I've been vegetarian since 2015", "from now on fish is fine, meat isn't"),
    ("I'm vegetarian", "I think I eat fish again now."),
    ("I'm vegetarian", "I'm vegan now"),
    ("Je suis végétarienne", "Je mange du poisson maintenant"),
    ("Ich bin Vegetarierin", "Ich esse wieder Fleisch"),
    ("evening classes in French, A2 level", "my teacher says I'm at B1 now"),
    ("I'm at B1 in German", "I passed the B2!"),
    ("I'm 34", "I'm 35 now"),
    ("I turn 40 in May", "I'm 41 years old"),
    ("I'm single", "I'm engaged!"),
    ("I'm engaged", "We got married on Saturday, so I'm married"),
    ("I'm married", "I'm divorced"),
    ("no emojis please", "emojis are fine again"),
    ("use british spelling", "american spelling please"),
    ("metric units", "I'd like imperial units from now on, I think in miles"),
    ("keep your answers short", "I prefer long answers with examples now"),
    ("My favourite colour is green", "My favourite colour is now blue"),
    ("I drink coffee every morning", "I stopped drinking coffee"),
    ("I play tennis on Sundays", "I don't play tennis any more"),
    ("I use pandas for everything", "I switched from pandas to polars"),
    ("Ich spiele Tennis", "Ich spiele Tennis nicht mehr"),
    ("I'm restoring the Peugeot", "The Peugeot is finished"),
]
KEPT = [
    ("I live in Leeds", "We're moving to Lyon in May"),
    ("Ich wohne in Bremen", "Wir ziehen nach Kiel"),
    ("I live in Lyon now", "I used to live in Leeds"),
    ("I live in Lyon", "When I lived in Leeds I ran more"),
    ("I live in Lyon", "I'd love to live in Kyoto"),
    ("I live in Lyon", "maybe I should live in Nice"),
    ("I live in Lyon", "We live on the hill"),
    ("I live in Lyon", "J'habite en France"),
    ("I live in Lyon", "I live in Lyon, by the river"),
    ("I live in Ghent", "We live in Ghent with two dogs"),
    ("I work for Harlow & Sons", "I work for Harlow"),
    ("I'm a data engineer", "I was a teacher"),
    ("I'm an engineer", "I'm a data engineer"),
    ("I inspect bridges for a living", "I've been a bridge inspector for ten years"),
    ("I've been a bridge inspector for ten years", "Je suis ingénieure"),
    ("I'm vegetarian", "I've been vegetarian for nine years"),
    ("I'm allergic to hazelnuts", "I'm allergic to penicillin"),
    ("My sister lives in Cork", "My sister is a nurse"),
    ("I love tea", "I love coffee"),
    ("I'm building a shed", "I'm building a boat"),
    ("I drink coffee every morning", "I don't like waiting for coffee"),
    ("I run before work", "I stopped smoking"),
    ("I'm 34", "I'm 35 km from home"),
]


@pytest.mark.parametrize(("older", "newer"), REPLACED)
def test_the_newer_takes_the_place_of_the_older(older: str, newer: str) -> None:
    assert slots.newer_wins(subject_of(older, newer), older, newer)


@pytest.mark.parametrize(("older", "newer"), KEPT)
def test_both_stay_where_both_may_be_true(older: str, newer: str) -> None:
    assert not slots.newer_wins(subject_of(older, newer), older, newer)


def subject_of(older: str, newer: str) -> str:
    """What both are of: consolidation compares two statements only then, or where their words are alike."""
    subjects = slots.about(older, "preferences"), slots.about(newer, "preferences")
    return subjects[0] if subjects[0] == subjects[1] or not slots.single_valued(subjects[1]) else subjects[1]


def test_homes_are_one_at_a_time_and_sisters_are_not() -> None:
    assert slots.single_valued("home")
    assert slots.single_valued("diet")
    assert slots.single_valued("favourite colour")
    assert not slots.single_valued("sister")
    assert not slots.single_valued("allergy")


def test_what_the_example_replaces_is_told_by_some_pair_of_its_quotes() -> None:
    facts = {fact["id"]: fact for fact in TRUTH["facts"]}
    replaced = [(fact, facts[fact["superseded_by"]]) for fact in facts.values() if fact["superseded_by"]]
    told = [fact["id"] for fact, by in replaced if any_pair(fact, by)]
    assert set(told) == {fact["id"] for fact, _ in replaced}


def any_pair(fact: dict[str, list[dict[str, str]]], by: dict[str, list[dict[str, str]]]) -> bool:
    pairs = ((old["quote"], new["quote"]) for old in fact["quotes"] for new in by["quotes"])
    return any(slots.newer_wins(slots.about(new, "decisions"), old, new) for old, new in pairs)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_has_a_subject_and_can_be_compared(older: str, newer: str) -> None:
    subject = slots.about(older, "preferences")
    assert 1 <= len(subject.split()) <= 4
    slots.newer_wins(subject, older, newer)
    slots.newer_wins("home", older, newer)

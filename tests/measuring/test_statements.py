from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soulprint.llm import minilm
from soulprint.measuring import rules, statements

embedded = pytest.mark.skipif(not minilm.available(), reason="needs the extra `local`")

SELF = {
    "en": ("hi, I'm a midwife and live in Bergen with my two sons", "about"),
    "de": ("Ich wohne seit zehn Jahren in Dresden und arbeite als Tischler", "about"),
    "fr": ("Je travaille comme sage-femme à Toulouse depuis dix ans", "about"),
    "es": ("Vivo en Salamanca con mi mujer y trabajo como carpintero", "about"),
    "pt": ("Moro em Coimbra com meu marido e trabalho como parteira", "about"),
    "it": ("Vivo a Padova con mia moglie e lavoro come falegname", "about"),
    "nl": ("Ik woon al tien jaar in Leiden en werk als timmerman", "about"),
    "ru": ("Я живу в Самаре и работаю инженером", "about"),
}

TRAPS = [
    "I want to add a button that opens a dialog",
    "I have a list of numbers, how do I sort it in python?",
    "I get this error when I run my script",
    "proofread this: I am a nurse from Ohio and I have two children.",
    "Translate the following:\n\nI live in Paris. I have a dog.",
    "Act as a pirate. I am the captain and I live on a ship.",
    'She said "I live in Rome and I have three sons" and left.',
    "```\nI live in Paris\n```\nwhy does this fail",
    "> I live in Paris and I work at a bank\nwrite an answer to him",
    "Dear Hiring Manager, I have worked in sales for ten years and I live in Boston.",
    "write a story about a knight: I live in a castle and my wife is a queen",
    "do I live in a simulation?",
    "if I live in Ohio, do I need a permit",
    "I love it, thanks!",
]


@pytest.mark.parametrize(("text", "category"), SELF.values(), ids=SELF.keys())
def test_self_description_is_a_candidate(text: str, category: str) -> None:
    (found,) = statements.candidates(3, text)
    assert found.message == 3
    assert found.category == category


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("My favourite composer is Arvo Pärt", "preferences"),
        ("I'm building a sailing boat in my barn", "projects"),
        ("We moved to Utrecht in May 2019", "dates"),
        ("I believe that kindness is a skill", "beliefs"),
        ("I decided to leave the bank and become a gardener", "decisions"),
        ("From now on please answer in Dutch", "instruction"),
        ("Bitte duze mich immer", "instruction"),
    ],
)
def test_categories(text: str, category: str) -> None:
    assert [candidate.category for candidate in statements.candidates(1, text)] == [category]


@embedded
@pytest.mark.parametrize("text", TRAPS)
def test_traps_are_not_shown(text: str) -> None:
    assert statements.rank(statements.candidates(1, text), minilm.Embedder.load()) == []
    assert statements.rank(statements.candidates(1, text), None) == []


def test_the_request_after_the_statement_is_left_out() -> None:
    (found,) = statements.candidates(1, "Hello there. I'm a nurse working nights, can you write a meal plan?")
    assert found.text == "I'm a nurse working nights"


def test_words_before_a_pasted_text_are_the_person_s() -> None:
    text = "I'm dyslexic and work as a vet. Proofread this:\n\nI am a knight and I live in Camelot."
    assert [candidate.text for candidate in statements.candidates(1, text)] == ["I'm dyslexic and work as a vet."]


fragments = st.sampled_from(
    [
        "I live in ",
        "my wife ",
        "I'm a ",
        "İ",
        "ß",
        "ich bin ",
        "我住",
        "\n",
        ". ",
        "! ",
        '"',
        "`",
        ">",
        "j'ai ",
        "🙂",
        "\x00",
        "\ud800",
    ]
)


@given(st.lists(st.text(max_size=30) | fragments, max_size=40).map("".join))
@settings(deadline=None)
def test_spans_are_exact_whatever_the_text(text: str) -> None:
    for found in statements.candidates(1, text):
        assert text[found.start : found.end] == found.text
        assert found.text == found.text.strip()
        assert found.category in rules.CATEGORIES
        assert len(found.features) == len(statements.FEATURES)


@given(st.text(max_size=200))
@settings(deadline=None)
def test_lowering_keeps_the_length(text: str) -> None:
    assert len(rules.lowered(text)) == len(text)


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "unit",
    [
        "I ",
        "I love ",
        "I am 1 ",
        "my wife ",
        "as a a ",
        '"I am a ',
        "mir ist x ",
        "「我",
        "«",
        "x",
        "I live. ",
        "to me ",
    ],
)
def test_hostile_lines_take_linear_time(unit: str) -> None:
    hostile = unit * (1_000_000 // len(unit))
    assert list(rules.find(rules.lowered(hostile))) is not None
    for part in (hostile, hostile[: statements.LONG_MESSAGE]):
        for found in statements.candidates(1, part):
            assert part[found.start : found.end] == found.text


def test_long_pastes_are_read_only_at_their_head() -> None:
    text = (
        "I live in Tartu. " + "The committee met again and heard the report of the chair. " * 100 + "I live in Narva."
    )
    assert [candidate.text for candidate in statements.candidates(1, text)] == ["I live in Tartu."]


def gathered(texts: list[str]) -> list[statements.Candidate]:
    return [candidate for number, text in enumerate(texts) for candidate in statements.candidates(number, text)]


@embedded
def test_ranking_puts_the_person_first_and_leaves_requests_out() -> None:
    found = gathered(["I have a table with duplicates in column B", *(text for text, _ in SELF.values())])
    ranked = statements.rank(found, minilm.Embedder.load())
    assert len(ranked) >= 6
    assert 0 not in {statement.message for statement in ranked}
    assert [s.probability for s in ranked] == sorted((s.probability for s in ranked), reverse=True)


@embedded
def test_what_is_said_twice_is_shown_once_in_its_newest_words() -> None:
    texts = [
        "We moved to Utrecht in May 2019",
        "We moved to Utrecht in May of 2019!",
        "we moved to utrecht in may 2019.",
    ]
    (shown,) = statements.rank(gathered(texts), minilm.Embedder.load())
    assert shown.message == 2


@embedded
def test_the_cap_bounds_what_is_embedded() -> None:
    assert len(statements.rank(gathered([text for text, _ in SELF.values()]), minilm.Embedder.load(), cap=2)) <= 2


def test_without_an_embedder_only_the_surest_are_shown() -> None:
    found = gathered(["I like the second one", *(text for text, _ in SELF.values())])
    shown = statements.rank(found, None)
    assert shown
    assert 0 not in {statement.message for statement in shown}


def test_nothing_found_is_nothing_shown() -> None:
    assert statements.rank([], None) == []
    assert statements.candidates(1, "") == []


@embedded
def test_judging_keeps_repeats_and_their_order() -> None:
    said = ["I live in Leeds with my two cats.", "Fix this error please", "I live in Leeds with my two cats."]
    found = [one for number, text in enumerate(said) for one in statements.candidates(number, text)]
    judged = statements.judge(found, minilm.Embedder.load())
    assert [one.message for one in judged] == [0, 2]
    assert statements.judge([], minilm.Embedder.load()) == []


def test_without_an_embedder_only_the_surest_are_judged_right() -> None:
    found = statements.candidates(1, "I've been a vegetarian since 2015. I like long walks in the rain.")
    assert {one.text for one in statements.judge(found, None)} <= {one.text for one in found}

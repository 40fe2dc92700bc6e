from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.llm import tokens

COUNTED = {
    "English": (
        "ok so i talked to my landlord yesterday and he still won't fix the heating. can u write "
        "me an email thats polite but firm? i've lived here for two years and never paid late.",
        186,
    ),
    "German": (
        "Gestern war ich mit meiner Schwester im Kino, danach haben wir noch lange geredet. In le"
        "tzter Zeit ist bei der Arbeit ziemlich viel los, und zwei Kolleginnen haben gekündigt.",
        195,
    ),
    "French": (
        "Hier soir je suis allée au cinéma avec ma sœur, et après on a discuté jusqu'à minuit. En"
        " ce moment c'est la folie au travail, et deux collègues viennent de démissionner.",
        210,
    ),
    "Russian": (
        "Вчера мы с друзьями ходили в поход, вернулись поздно вечером и страшно устали. Помоги мн"
        "е написать письмо с просьбой об отпуске, вежливо и не слишком длинно.",
        216,
    ),
    "Chinese": (
        "我昨天晚上跟朋友去吃了火锅，回来的时候已经十一点多了。最近工作压力有点大，老板总是临时改需求，团队里两个人刚离职。",
        211,
    ),
    "Japanese": (
        "昨日は友達と一緒に京都へ行きました。紅葉がとてもきれいで、写真をたくさん撮りました。最近仕"
        "事が忙しくて、なかなか休みが取れなかったので、いい気分転換になりました。",
        295,
    ),
    "Korean": (
        "어제는 친구들이랑 한강에서 자전거를 탔어요. 요즘 회사 일이 너"
        "무 많아서 주말에도 제대로 쉬지 못했는데 오랜만에 기분이 좋았어요.",
        220,
    ),
    "Python": (
        "def total(rows: list[Row], since: datetime | None = None) -> Decimal:\n    return sum((ro"
        "w.cost for row in rows if since is None or row.at >= since), Decimal(0))\n",
        215,
    ),
    "JSON": (
        '{"id": 1042, "name": "Kestrel", "tags": ["blue", "fast"], "sizes": {"small": 12.5, "larg'
        'e": 40}, "active": true}\n',
        230,
    ),
}
"""Texts, and what the o200k vocabulary gives for each five times over."""


@pytest.mark.parametrize("kind", COUNTED)
def test_the_estimate_is_close_for_a_sentence(kind: str) -> None:
    text, counted = COUNTED[kind]
    assert abs(tokens.count(text * 5) / counted - 1) <= 0.17


def test_the_estimate_is_closer_for_more_text() -> None:
    texts, counted = zip(*COUNTED.values(), strict=True)
    assert abs(sum(tokens.count(text * 5) for text in texts) / sum(counted) - 1) <= 0.07


def test_nothing_is_nothing_and_something_is_something() -> None:
    assert tokens.count("") == 0
    assert tokens.count("a") == tokens.count(" ") == tokens.count("é") == 1


@given(st.text(max_size=200))
def test_never_fewer_than_the_words_never_more_than_the_bytes(text: str) -> None:
    words = len([word for word in text.split() if word.isascii() and word.isalpha()])
    assert words <= tokens.count(text) <= 3 * len(text.encode("utf-8", "surrogatepass")) + 1


@given(st.text(st.characters(), max_size=50))
def test_any_text_is_counted(text: str) -> None:
    assert tokens.count(text + "\ud800") >= 1


def test_a_hostile_text_is_no_cheaper_than_its_words() -> None:
    assert tokens.count(" the" * 1000) >= 1000
    assert tokens.count(" que" * 1000) >= 1000
    assert tokens.count("://" * 1000) >= 1


PIECES = [
    "the",
    " of ",
    " of of ",
    " que ",
    " não ",
    "://",
    "ы",
    "a",
    "A",
    "w",
    "Straße",
    "7",
    ".",
    ",",
    " ",
    "\n",
    "\t",
]
SIGNS = ["字", "か", "한", "Ω", "ع", "ไ", "😀", "\u0301", "\ud800", "\x00", "_"]


@given(
    st.lists(st.sampled_from(PIECES + SIGNS)).map("".join) | st.lists(st.sampled_from(PIECES)).map("".join) | st.text()
)
def test_what_is_left_out_of_the_sum_is_nought(text: str) -> None:
    assert tokens.count(text) == plain_sum(text)


def plain_sum(text: str) -> int:
    """The estimate as it was fitted: every weight, whatever the text holds."""
    if not text:
        return 0
    raw = text.encode("utf-8", "surrogatepass")
    kinds = raw.translate(tokens.KINDS)
    runs = kinds.translate(tokens.RUNS)
    words = runs.count(b".w") + runs.count(b"0w") + runs.startswith(b"w")
    numbers = runs.count(b".0") + runs.count(b"w0") + runs.startswith(b"0")
    estimate = 461 * words + 1987 * numbers
    estimate += sum(906 * kinds.count(pattern) for pattern in (b"sp", b"ap", b"np", b"0p", b"bp"))
    estimate += sum(weight * kinds.count(pattern) for pattern, weight in tokens.KIND_WEIGHTS)
    estimate += sum(weight * runs.count(pattern) for pattern, weight in tokens.RUN_WEIGHTS)
    estimate -= sum(weight * raw.count(pattern) for pattern, weight in (*tokens.DISCOUNTS, *tokens.SCRIPT_DISCOUNTS))
    return max(words + numbers, round(estimate / tokens.UNIT), 1)

"""Plots of how a person writes: true to the figures, well formed, and within their frames, whatever is counted."""

from __future__ import annotations

import math
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.measuring.languages import Language
from soulprint.measuring.store import Portrait
from soulprint.measuring.style import Lengths, Style, Year
from soulprint.measuring.topics import Topic
from soulprint.serving.web import plots, rendering
from soulprint.serving.web.plots import Plot

counts = st.integers(0, 10**7)
words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@st.composite
def years(draw: st.DrawFn) -> tuple[Year, ...]:
    found = []
    for year in sorted(draw(st.sets(st.integers(1970, 2100), max_size=12))):
        quartiles = sorted(draw(st.tuples(*[st.integers(0, 5000)] * 3)))
        messages = draw(st.integers(1, 10**6))
        polite, casual = draw(st.integers(0, messages)), draw(st.integers(0, messages))
        found.append(Year(year, messages, Lengths(*quartiles), polite, casual))
    return tuple(found)


styles = st.builds(
    Style,
    messages=counts,
    voice=counts,
    own=counts,
    lengths=st.just(Lengths(1, 2, 3)),
    shares=st.just({}),
    emoji=st.just(()),
    hours=st.tuples(*[counts] * 24),
    weekdays=st.tuples(*[counts] * 7),
    years=years(),
    languages=st.lists(
        st.builds(Language, code=st.just("xx"), name=words, share=st.floats(0, 1), messages=counts, years=st.just(())),
        max_size=9,
    ).map(tuple),
    languages_over=counts,
)
topics = st.builds(
    Topic,
    label=words,
    terms=st.just(()),
    conversations=counts,
    examples=st.just(()),
    first=st.none(),
    last=st.none(),
    years=st.dictionaries(st.integers(1970, 2100), st.integers(1, 10**5), max_size=14).map(
        lambda d: tuple(sorted(d.items()))
    ),
)


def drawn(plot: Plot) -> ElementTree.Element:
    macros = rendering._environment.get_template("_plot.html").module
    html = str(macros.plot_of(plot))  # type: ignore[attr-defined]
    start, end = html.index("<svg"), html.index("</svg>") + len("</svg>")
    return ElementTree.fromstring(html[start:end])


@given(style=styles, found=st.lists(topics, max_size=12))
def test_whatever_is_counted_is_drawn_within_its_frame(style: Style, found: list[Topic]) -> None:
    for plot in plots.plots(Portrait(style, tuple(found))):
        assert all(len(row) == len(plot.columns) for row in plot.rows)
        for mark in drawn(plot).iter("rect"):
            x, y, width, height = (float(mark.attrib[name]) for name in ("x", "y", "width", "height"))
            assert all(math.isfinite(each) and each >= -0.01 for each in (x, y, width, height))
            assert x + width <= plot.width + 0.1
            assert y + height <= plot.height + 0.1


def test_the_figures_stand_in_the_table_and_the_sentence() -> None:
    style = Style(
        messages=100,
        voice=0,
        own=100,
        lengths=Lengths(5, 11, 30),
        shares={},
        emoji=(),
        hours=tuple(20 if hour in (20, 21, 22, 23) else 1 for hour in range(24)),
        weekdays=(30, 10, 10, 10, 10, 10, 20),
        years=(Year(2023, 40, Lengths(4, 20, 40), 10, 2), Year(2024, 60, Lengths(3, 11, 25), 6, 30)),
        languages=(Language("en", "English", 0.9, 90, ()), Language("fr", "French", 0.1, 10, ())),
        languages_over=100,
    )
    made = {
        plot.name: plot
        for plot in plots.plots(Portrait(style, (Topic("Rowing", (), 5, (), None, None, ((2023, 1), (2024, 4))),)))
    }
    assert made["length"].says == "Half of your messages of 2024 have 11 words or fewer, down from 20 in 2023."
    assert made["length"].rows == [["2023", "4", "20", "40", "40"], ["2024", "3", "11", "25", "60"]]
    assert made["hours"].says == "80% of your messages are of 20:00 to 0:00 UTC."
    assert made["weekdays"].says == "You write most on Mondays, least on Tuesdays."
    assert made["languages"].says == "90% of what could be told is English, and 1 more."
    assert made["tones"].rows[1] == ["2024", "10%", "50%", "60"]
    assert made["topics"].rows == [["Rowing", "1", "4"]]


@pytest.mark.parametrize("messages", [0, 19])
def test_of_a_handful_of_messages_nothing_is_drawn(messages: int) -> None:
    style = Style(messages, 0, 0, Lengths(0, 0, 0), {}, (), (0,) * 24, (0,) * 7, (), (), 0)
    assert plots.plots(Portrait(style, ())) == []

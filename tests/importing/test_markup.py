from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.importing.parsing import markup


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>a  b\n c</p><p>d</p>", "a b c\n\nd"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<ol><li><p>x</p><ul><li>y</li></ul></li><li>z</li></ol>", "1. x\n  - y\n2. z"),
        ("<pre>  a\n   b</pre>c", "```\n  a\n   b\n```\n\nc"),
        ("<table><tr><td>1</td><td>2</td></tr></table>", "1 | 2"),
        ("&lt;b&gt; &amp;amp; &#8217;&nbsp;x", "<b> &amp; \u2019\u00a0x"),
        ("a<script>alert('<p>')</script>b<style>x", "ab"),
        ("a<!-- <p>no</p> -->b<!--", "ab"),
        ("use <code>x y</code>, <b>now</b>!", "use `x y`, now!"),
        ("1 < 2 <3", "1 < 2 <3"),
        ("&#" + "9" * 6000 + ";", "\ufffd" + "9" * 5993 + ";"),
    ],
)
def test_what_a_person_reads(source: str, expected: str) -> None:
    assert markup.text(source) == expected


def test_plain_text_keeps_its_white_space() -> None:
    assert markup.plain("<div>a  b<br>\tc &amp; d</div><!-- x -->e") == "a  b\n\tc & d\ne"


@given(st.text(alphabet="<>/!-&#;\"' abpre\n", max_size=200))
def test_any_text_is_read(source: str) -> None:
    markup.text(source)
    markup.plain(source)


@given(st.text(alphabet=st.characters(exclude_characters="<&", codec="utf-8"), max_size=60))
def test_text_without_tags_stays_as_it_is(source: str) -> None:
    assert markup.plain(source) == source

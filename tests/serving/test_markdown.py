"""Markdown as HTML that is safe, whole and as it grows."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soulprint.serving.web import markdown

ANSWER = """You moved to *Lyon* in May [1].

## Then

1. You found a **flat**
   - with a balcony

   and a view [2]
2. You `baked`

```python
def row(lake: str) -> None:
    print(lake)  # ``` not yet

```

| day | done |
|---|---|
| Mon | rowed |

Title
=====

> A quote
goes on lazily

    indented code

Last words [9], <b>not bold</b>."""


def whole(text: str, pieces: list[str]) -> tuple[str, str]:
    growing = markdown.Growing("s7")
    growing.sources = 2
    final, rest = "", ""
    for piece in pieces:
        more, rest = growing.grown(piece)
        final += more
    return final, rest


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50, 1000])
def test_what_grew_is_what_is_rendered_at_once(size: int) -> None:
    pieces = [ANSWER[at : at + size] for at in range(0, len(ANSWER), size)]
    final, rest = whole(ANSWER, pieces)
    assert final + rest == markdown.render(ANSWER, "s7", 2)
    assert "Last words" in rest
    assert "not bold" in rest


@given(
    blocks=st.lists(
        st.sampled_from(
            ["word **bold** [1]", "- a\n- b", "```py\nx = 1\n```", "# Head", "> said", "a | b\n---|---\n1 | 2"]
        ),
        max_size=8,
    ),
    cuts=st.lists(st.integers(1, 30), min_size=1, max_size=40),
)
def test_however_it_comes_nothing_is_lost_or_twice(blocks: list[str], cuts: list[int]) -> None:
    text = "\n\n".join(blocks)
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(text[at : at + cut])
        at += cut
    pieces.append(text[at:])
    final, rest = whole(text, [piece for piece in pieces if piece])
    assert final + rest == (markdown.render(text, "s7", 2) if text else "")


def test_what_is_final_is_rendered_once() -> None:
    growing = markdown.Growing("s1")
    paragraph = "Some words that make a paragraph of their own.\n\n"
    finals = []
    for _ in range(200):
        final, _ = growing.grown(paragraph)
        finals.append(len(final))
        assert growing.open <= 2 * len(paragraph)
    assert max(finals) < 200


def test_code_is_named_and_can_be_copied_and_scrolled_by_keys() -> None:
    made = markdown.render("```rust\nfn main() {}\n```\n\n```\nplain <b>\n```\n\na | b\n---|---\n1 | 2")
    assert "<span>rust</span>" in made
    assert made.count("data-copy") == 2
    assert 'aria-label="rust"' in made
    assert "plain &lt;b&gt;" in made
    assert made.count('tabindex="0"') == 3


@pytest.mark.parametrize(
    "hostile",
    [
        '```"><script>alert(1)</script>\nx\n```',
        "<button data-copy onclick=alert(1)>x</button>",
        '<div class="code"><img src=x onerror=alert(1)></div>',
        "[x](javascript:alert(1)) ![y](http://evil.example/p.png)",
        "```\n</code></pre><script>alert(1)</script>\n```",
    ],
)
def test_nothing_that_was_written_runs(hostile: str) -> None:
    for made in (str(markdown.render(hostile)), "".join(whole(hostile, [*hostile]))):
        assert not re.search(r"<script|<img|<[^>]*\son\w+=|href=\"javascript", made)
        assert made.count("<button") == made.count('<button type="button" data-copy')

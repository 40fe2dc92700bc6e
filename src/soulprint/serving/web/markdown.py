"""Markdown that a model or an export wrote, as HTML that is safe to show: no raw HTML, no images, no script links."""

from __future__ import annotations

import re
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup, escape

LONGEST = 50_000
"""Characters; a longer text is shown as it stands."""

TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"),
    *("s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
ATTRIBUTES = {"a": {"href", "class", "title"}, "code": {"class"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto"}
CITED = re.compile(r"( ?)\[(\d{1,2})\]")

NO_BREAK = "\u00a0"
"""A citation stays on the line of the word it follows."""


class _Renderer(RendererHTML):
    """Turns `[2]` in text into a link to the second source of the answer."""

    def text(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        return CITED.sub(lambda found: _citation(found, env), str(escape(tokens[index].content)))


_parser = MarkdownIt("js-default", {"html": False, "linkify": False}, renderer_cls=_Renderer).disable("image")


def render(text: str, anchor: str = "", sources: int = 0) -> Markup:
    """`text` as HTML; `[n]` up to `sources` links to the element `{anchor}-{n}` of the page."""
    if len(text) > LONGEST:
        return Markup('<p class="verbatim">{}</p>').format(text)
    made = _parser.render(text, {"anchor": anchor, "sources": sources})
    safe = nh3.clean(
        made, tags=TAGS, attributes=ATTRIBUTES, url_schemes=SCHEMES, link_rel="noopener noreferrer nofollow"
    )
    return Markup(safe)  # noqa: S704 (nh3 has just cleaned it)


def cited(text: str) -> set[int]:
    """The numbers of the sources that `text` names."""
    return {int(found[2]) for found in CITED.finditer(text)}


def _citation(found: re.Match[str], env: Mapping[str, Any]) -> str:
    number = int(found[2])
    if not 1 <= number <= env["sources"]:
        return found[0]
    space = found[1] and NO_BREAK
    return f'{space}<a class="cite" href="#{env["anchor"]}-{number}" title="Source {number}">{number}</a>'

"""Markdown that a model or an export wrote, whole or as it grows, as HTML that is safe to show: no raw HTML, no images,
no script links."""

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
    *("div", "button", "span"),
}
"""The last three come from our renderer alone: raw HTML in the text is shown as it stands."""

ATTRIBUTES = {
    "a": {"href", "class", "title"},
    "code": {"class"},
    "ol": {"start"},
    "div": {"class", "tabindex", "role", "aria-label"},
    "pre": {"tabindex", "role", "aria-label"},
    "button": {"type", "data-copy"},
}
SCHEMES = {"http", "https", "mailto"}
CITED = re.compile(r"( ?)\[(\d{1,2})\]")

LANGUAGE = re.compile(r"[\w+#.-]{1,20}")

NO_BREAK = "\u00a0"
"""A citation stays on the line of the word it follows."""


COPY = '<div class="code"><div class="of"><span>{}</span><button type="button" data-copy>Copy</button></div>{}</div>\n'
PRE = '<pre tabindex="0" role="region" aria-label="{}"><code>{}</code></pre>'


class _Renderer(RendererHTML):
    """Turns `[2]` in text into a link to the second source of the answer; names the language of code, and lets a person
    copy it; lets wide code and tables be scrolled by keys."""

    def fence(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        language = LANGUAGE.match(tokens[index].info.strip())
        name = language[0] if language else "Code"
        return COPY.format(escape(name), PRE.format(escape(name), escape(tokens[index].content)))

    def code_block(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return COPY.format("Code", PRE.format("Code", escape(tokens[index].content)))

    def table_open(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return '<div class="scroll" tabindex="0" role="region" aria-label="Table"><table>\n'

    def table_close(
        self, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]
    ) -> str:
        return "</table></div>\n"

    def text(self, tokens: Sequence[Token], index: int, options: OptionsDict, env: MutableMapping[str, Any]) -> str:
        return CITED.sub(lambda found: _citation(found, env), str(escape(tokens[index].content)))


_parser = MarkdownIt("js-default", {"html": False, "linkify": False}, renderer_cls=_Renderer).disable("image")


def render(text: str, anchor: str = "", sources: int = 0) -> Markup:
    """`text` as HTML; `[n]` up to `sources` links to the element `{anchor}-{n}` of the page."""
    if len(text) > LONGEST:
        return Markup('<p class="verbatim">{}</p>').format(text)
    return _clean(_parser.render(text, {"anchor": anchor, "sources": sources}))


class Growing:
    """Text that comes piece by piece. What can't change any more is rendered once, so that the cost grows with the
    text: all but its last block, as nothing that follows reaches further back."""

    def __init__(self, anchor: str) -> None:
        self.sources = 0
        self._anchor = anchor
        self._tail = ""

    @property
    def open(self) -> int:
        """The length of what may still change."""
        return len(self._tail)

    def grown(self, piece: str) -> tuple[Markup, Markup]:
        """HTML of what is final from now on and wasn't before, and of what follows it for now."""
        self._tail += piece.replace("\r\n", "\n").replace("\r", "\n")
        env: dict[str, Any] = {"anchor": self._anchor, "sources": self.sources}
        tokens = _parser.parse(self._tail, env)
        first = max((place for place, token in enumerate(tokens) if _begins(token)), default=0)
        begins = tokens[first].map if tokens else None
        lines = self._tail.split("\n")
        line = begins[0] if begins else 0
        self._tail = "\n".join(lines[line:])
        rendered = (_parser.renderer.render(part, _parser.options, env) for part in (tokens[:first], tokens[first:]))
        final, rest = map(_clean, rendered)
        return final, rest


def _begins(token: Token) -> bool:
    """Whether a block of the text begins here, one that stands in no other."""
    return token.level == 0 and token.nesting >= 0 and token.map is not None


def _clean(made: str) -> Markup:
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

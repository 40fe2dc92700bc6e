"""HTML that a provider wrote in, readable text out, in one pass from tag to tag.

No tree is built: a hostile page could make a parser build one that takes minutes or gigabytes (a hundred thousand open
tags, formatting that is reopened in every paragraph), and an answer needs none to be read.
"""

from __future__ import annotations

import html
import re

LONGEST = 8_000_000
"""Characters of text that are made of one piece of HTML; what comes after them is cut off. The longest answers have a
hundredth of this."""
LISTS = 8
"""How many lists within lists are indented."""

DROPPED = frozenset(("script", "style", "template", "noscript", "title", "head", "svg", "math", "iframe", "object"))
"""Elements of which nothing is text, up to their end tags."""
PARAGRAPHS = frozenset(("p", "table", "blockquote", "section", "article", "dl", "figure", "hr", "pre", "ul", "ol"))
LINES = frozenset(("div", "tr", "dt", "dd", "li", "caption", "summary", "details", "header", "footer"))
HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
BREAKS = frozenset(("br", "p", "div", "tr", "li"))

# Every repetition is possessive, and what isn't closed reaches to the end, so that each character is read once.
_TAG = re.compile(r"<(?:(!--)|[!?][^>]*+>?|(/?)([a-zA-Z][^\s/>]*+)([^>]*+)>?)")
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}+|#[xX][0-9a-fA-F]{1,6}+|[a-zA-Z][a-zA-Z0-9]{1,31}+);?")
_SPACE = re.compile(r"[ \t\n\r\f]++")


def text(markup: str) -> str:
    """What a person reads of `markup`: paragraphs, headings, lists and code blocks as in Markdown."""
    writer = _Writer()
    at = 0
    while at < len(markup) and writer.length < LONGEST:
        tag = _TAG.search(markup, at)
        writer.write(unescaped(markup[at : tag.start() if tag else None]))
        if tag is None:
            break
        at = tag.end()
        name = (tag[3] or "").lower()
        if tag[1]:
            at = _after(markup, "-->", at)
        elif name in DROPPED and not tag[2] and not tag[4].endswith("/"):
            at = _after_element(markup, name, at)
        elif tag[2]:
            writer.close(name)
        elif name:
            writer.open(name)
    return writer.text()


def plain(markup: str) -> str:
    """The text of `markup` with its white space as it stands, and a line end for each tag that ends a line."""
    pieces: list[str] = []
    at = 0
    for tag in _TAG.finditer(markup):
        if tag.start() < at:
            continue
        pieces.append(unescaped(markup[at : tag.start()]))
        at = _after(markup, "-->", tag.end()) if tag[1] else tag.end()
        if (tag[3] or "").lower() == "br" or (tag[2] and tag[3].lower() in BREAKS):
            pieces.append("\n")
    pieces.append(unescaped(markup[at:]))
    return "".join(pieces)


def unescaped(escaped: str) -> str:
    """`escaped` with its entities as the characters that they stand for."""
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), escaped) if "&" in escaped else escaped


def _after(markup: str, end: str, at: int) -> int:
    found = markup.find(end, at)
    return len(markup) if found < 0 else found + len(end)


def _after_element(markup: str, name: str, at: int) -> int:
    end = re.compile(f"</{name}[^>]*+>?", re.IGNORECASE).search(markup, at)
    return end.end() if end else len(markup)


class _Writer:
    """Text that grows; white space is joined as a browser does it."""

    def __init__(self) -> None:
        self.length = 0
        self._pieces: list[str] = []
        self._newlines = 0
        self._space = False
        self._lists: list[int] = []
        """For each open list the number of its next entry; 0 where entries have none."""
        self._pre = 0
        self._entry = ""

    def text(self) -> str:
        self._end_pre()
        return "".join(self._pieces)

    def write(self, said: str) -> None:
        if self._pre:
            self._put(said)
            return
        joined = _SPACE.sub(" ", said)
        words = joined.strip(" ")
        if not words:
            self._space = self._space or bool(joined)
            return
        spaced = (self._space or joined[0] == " ") and bool(self._pieces) and not self._newlines and not self._entry
        self._put((" " if spaced else "") + words)
        self._space = joined[-1] == " "

    def open(self, name: str) -> None:
        if name == "pre":
            self._break(2)
            if not self._pre:
                self._put("```\n")
            self._pre += 1
        elif self._pre:
            if name == "br":
                self._put("\n")
        elif name in HEADINGS:
            self._break(2)
            self._entry = HEADINGS[name]
        elif name in ("ul", "ol"):
            self._break(1 if self._lists else 2)
            self._lists.append(1 if name == "ol" else 0)
        elif name == "li":
            self._break(1)
            self._entry = self._bullet()
        elif name in ("td", "th"):
            self._mark(" | ")
        elif name == "code":
            self._inline("`")
        else:
            self._line(name)

    def close(self, name: str) -> None:
        if self._pre:
            if name == "pre":
                self._end_pre()
        elif name in HEADINGS:
            self._entry = ""
            self._break(2)
        elif name in ("ul", "ol"):
            del self._lists[-1:]
            self._break(1 if self._lists else 2)
        elif name == "code":
            self._put("`")
        elif name != "br":
            self._line(name)

    def _line(self, name: str) -> None:
        if name in PARAGRAPHS:
            self._break(1 if self._lists else 2)
        elif name in LINES or name == "br":
            self._break(1)

    def _bullet(self) -> str:
        indent = "  " * (min(len(self._lists), LISTS) - 1)
        number = self._lists[-1] if self._lists else 0
        if number:
            self._lists[-1] += 1
        return f"{indent}{number}. " if number else f"{indent}- "

    def _inline(self, mark: str) -> None:
        spaced = self._space and bool(self._pieces) and not self._newlines and not self._entry
        self._put((" " if spaced else "") + mark)
        self._space = False

    def _mark(self, mark: str) -> None:
        """Stands between two pieces of a line, never at its beginning."""
        if self._pieces and not self._newlines and not self._entry:
            self._put(mark)
            self._space = False

    def _break(self, newlines: int) -> None:
        if self._pieces and not self._entry:
            self._newlines = max(self._newlines, newlines)
        self._space = False

    def _end_pre(self) -> None:
        if self._pre:
            self._pre = 0
            last = self._pieces[-1] if self._pieces else ""
            self._put("```" if last.endswith("\n") else "\n```")
            self._break(2)

    def _put(self, piece: str) -> None:
        if piece:
            whole = "\n" * self._newlines + self._entry + piece
            self._newlines, self._entry = 0, ""
            self._pieces.append(whole)
            self.length += len(whole)

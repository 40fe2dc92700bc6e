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
HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
PARAGRAPHS = ("p", "table", "blockquote", "section", "article", "dl", "figure", "hr", "pre", "ul", "ol", *HEADINGS)
LINES = ("br", "div", "tr", "dt", "dd", "caption", "summary", "details", "header", "footer")
BLOCKS = dict.fromkeys(LINES, 1) | dict.fromkeys(PARAGRAPHS, 2)
"""How many line ends stand before and after an element."""
WHITE = " \t\n\r\f"
BREAKS = frozenset(("br", "p", "div", "tr", "li"))

# Every repetition is possessive, and what isn't closed reaches to the end, so that each character is read once.
_TAG = re.compile(r"<(?:(!--)|[!?][^>]*+>?|(/?)([a-zA-Z][^\s/>]*+)([^>]*+)>?)")
_INLINE = re.compile(
    r"</?(?:b|strong|i|em|u|s|a|span|font|small|mark|sub|sup|tbody|thead|tfoot|response-element)(?=[\s/>])[^>]*+>?",
    re.IGNORECASE,
)
"""Tags that change nothing in the text. They are most of all tags, so they are taken out at once."""
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}+|#[xX][0-9a-fA-F]{1,6}+|[a-zA-Z][a-zA-Z0-9]{1,31}+);?")
_SPACE = re.compile(r"[ \t\n\r\f]++")


def text(markup: str) -> str:
    """What a person reads of `markup`: paragraphs, headings, lists and code blocks as in Markdown."""
    writer = _Writer()
    markup = _INLINE.sub("", markup)
    at = 0
    for tag in _TAG.finditer(markup):
        start = tag.start()
        if start < at:
            continue
        if start > at:
            writer.write(markup[at:start])
        at = tag.end()
        comment, is_end, name, rest = tag.groups()
        if name is None:
            at = _after(markup, "-->", at) if comment else at
        elif is_end:
            writer.close(name.lower())
        elif (name := name.lower()) in DROPPED and not rest.endswith("/"):
            at = _after_element(markup, name, at)
        else:
            writer.open(name)
        if writer.length > LONGEST:
            return writer.text()
    writer.write(markup[at:])
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
        self._pre = False
        self._entry = ""

    def text(self) -> str:
        self._end_pre()
        return "".join(self._pieces)

    def write(self, said: str) -> None:
        if "&" in said:
            said = unescaped(said)
        if self._pre:
            self._put(said)
            return
        words = said.strip(WHITE)
        if not words:
            self._space = self._space or bool(said)
            return
        if "\n" in words or "  " in words or "\t" in words or "\r" in words:
            words = _SPACE.sub(" ", words)
        if (self._space or said[0] in WHITE) and self._pieces and not self._newlines and not self._entry:
            words = f" {words}"
        self._put(words)
        self._space = said[-1] in WHITE

    def open(self, name: str) -> None:
        if self._pre:
            self._open_in_pre(name)
        elif name == "li":
            self._break(1)
            self._entry = self._bullet()
        elif name in BLOCKS:
            self._block(name)
            if name in ("ul", "ol"):
                self._lists.append(1 if name == "ol" else 0)
            elif name == "pre":
                self._put("```\n")
                self._pre = True
            else:
                self._entry = self._entry or HEADINGS.get(name, "")
        elif name == "code":
            self._inline("`")
        elif name in ("td", "th"):
            self._mark(" | ")

    def close(self, name: str) -> None:
        if self._pre:
            if name == "pre":
                self._end_pre()
        elif name == "code":
            self._put("`")
        elif name in BLOCKS or name == "li":
            if name in HEADINGS:
                self._entry = ""
            elif name in ("ul", "ol"):
                del self._lists[-1:]
            self._block(name)

    def _open_in_pre(self, name: str) -> None:
        if name == "br":
            self._put("\n")

    def _block(self, name: str) -> None:
        self._break(1 if self._lists else BLOCKS.get(name, 1))

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
            self._pre = False
            last = self._pieces[-1] if self._pieces else ""
            self._put("```" if last.endswith("\n") else "\n```")
            self._break(2)

    def _put(self, piece: str) -> None:
        if piece:
            if self._newlines or self._entry:
                piece = "\n" * self._newlines + self._entry + piece
                self._newlines, self._entry = 0, ""
            self._pieces.append(piece)
            self.length += len(piece)

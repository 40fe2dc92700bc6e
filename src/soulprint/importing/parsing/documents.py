"""A file's bytes in; the exact bytes of its elements out: of an array, of `{"conversations": […]}`, of lines, of the
list in a web page's script, or the one object that it is.

Boundaries come from msgspec, which decodes nothing. Where a file breaks the rules of JSON (cut off, NaN, a lone
surrogate, control characters, endless nesting), a scanner that knows only strings and brackets finds them, so that a
bad element costs no other.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import TypeAlias

import msgspec

from soulprint.importing.parsing import decoding

BOM = b"\xef\xbb\xbf"
SAMPLED = 20
"""How many elements a format may look at to recognise its own."""
HEAD = 64 * 1024
DENSE_FROM, DENSE = 16 * 1024 * 1024, 24
"""A file larger than this with a comma in every so many bytes may be a list of millions of numbers: its elements are
not noted all at once, as each note takes more memory than such an element."""
PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class CutOff:
    """Stands at the end of a file that breaks off within an element."""


Element: TypeAlias = msgspec.Raw | memoryview | CutOff


@dataclass(slots=True)
class Document:
    """A file that may hold conversations, divided into elements."""

    where: str
    """The file as the report names it."""
    content: memoryview
    sample: list[object]
    """What the first elements look like: large values and long lists cut short."""
    unread: Iterator[Element]
    bytes_read: int = 0

    def elements(self) -> Iterator[Element]:
        """The elements, once."""
        for element in self.unread:
            yield element
            if not isinstance(element, CutOff):
                self.bytes_read += memoryview(element).nbytes

    @property
    def head(self) -> bytes:
        return bytes(self.content[:HEAD])


class _Wrapped(msgspec.Struct):
    conversations: list[msgspec.Raw] | None = None


_array = msgspec.json.Decoder(list[msgspec.Raw])
_wrapped = msgspec.json.Decoder(_Wrapped)
_any = msgspec.json.Decoder(msgspec.Raw)


def document(where: str, content: memoryview) -> Document:
    """The file divided. What isn't JSON at all has no elements."""
    if content[:3] == BOM:
        content = content[3:]
    elements = _elements(content)
    first = [*islice(elements, SAMPLED)]
    sample = [decoding.outline(each) for each in first if not isinstance(each, CutOff)]
    return Document(where, content, sample, chain(first, elements))


def _elements(content: memoryview) -> Iterator[Element]:
    start = _OPENING.match(content)
    if start is None:
        return _page_elements(content)
    if start[1] == b"[":
        return _array_elements(content, start.end())
    return _object_elements(content, start.start(1))


def _page_elements(content: memoryview) -> Iterator[Element]:
    """Those of the list in the script of ChatGPT's own page, where it is one."""
    data = _PAGE_DATA.search(content) if _PAGE.match(content) else None
    return scanned(content, data.end(), listed=True, wrapped=True) if data else iter(())


def _is_dense(content: memoryview) -> bool:
    if len(content) < DENSE_FROM:
        return False
    commas = sum(bytes(content[at : at + PIECE]).count(b",") for at in range(0, len(content), PIECE))
    return commas * DENSE > len(content)


def _array_elements(content: memoryview, inside: int) -> Iterator[Element]:
    if not _is_dense(content):
        with contextlib.suppress(msgspec.DecodeError, RecursionError):
            return iter(_array.decode(content))
    return scanned(content, inside, listed=True)


def _object_elements(content: memoryview, start: int) -> Iterator[Element]:
    if not _is_dense(content):
        try:
            conversations = _wrapped.decode(content).conversations
            return iter([content[start:]] if conversations is None else conversations)
        except msgspec.ValidationError:  # `conversations` is something else than a list
            return iter([content[start:]])
        except (msgspec.DecodeError, RecursionError):
            pass
    if _is_lines(content):
        return _lines(content)
    wrapped = _WRAPPER.search(content, start, start + HEAD)
    if wrapped:
        return scanned(content, wrapped.end(), listed=True, wrapped=True)
    return scanned(content, start, listed=False)


def _is_lines(content: memoryview) -> bool:
    """Whether the first line is a whole JSON value, and not all there is."""
    line = _LINE.match(content)
    if line is None or not _OPENING.match(content, line.end()):
        return False
    try:
        return bool(_any.decode(line[0]))
    except (msgspec.DecodeError, RecursionError):
        return False


def _lines(content: memoryview) -> Iterator[Element]:
    for line in _LINE.finditer(content):
        if _OPENING.match(content, line.start(), line.end()):
            yield content[line.start() : line.end()]


def scanned(content: memoryview, start: int, *, listed: bool, wrapped: bool = False) -> Iterator[Element]:
    """The elements from `start` on, by strings and brackets alone: of a list that was opened before `start`, where
    `listed`, else of values that just follow each other. Only a `wrapped` list ends at its bracket; elsewhere a stray
    bracket is passed over. `CutOff` comes last where the content ends within an element or within the list."""
    at = start
    while (opening := _NEXT.match(content, at)) is not None:
        at = opening.end()
        if opening[1] in b"]}":
            listed = listed and opening[1] != b"]"
            if wrapped and not listed:
                return
            continue
        end = _end(content, opening.start(1))
        if end is None:
            listed = True
            break
        yield content[opening.start(1) : end]
        at = end
    if listed:
        yield CutOff()


def _end(content: memoryview, start: int) -> int | None:
    """Where the value that starts at `start` ends; None where the content ends before."""
    if content[start] not in b"[{":
        scalar = _SCALAR.match(content, start)
        return scalar.end() if scalar else None
    depth = 0
    for bracket in BRACKET.finditer(content, start):
        depth += 1 if bracket[1] in b"[{" else -1
        if depth == 0:
            return bracket.end()
    return None


# Every repetition is possessive, so that a pattern reads each byte once.
_STRING = rb'"(?:[^"\\]++|\\.)*+"'
_OPENING = re.compile(rb"\s*+([\[{])")
_LINE = re.compile(rb"[^\n]++")
_PAGE = re.compile(rb"\s*+<")
_PAGE_DATA = re.compile(rb"\bjsonData\s*+=\s*+\[")
_WRAPPER = re.compile(rb'"conversations"\s*+:\s*+\[')
_NEXT = re.compile(rb"[\s,]*+([^\s,])")
BRACKET = re.compile(rb'[^"\[\]{}]*+(?:' + _STRING + rb'[^"\[\]{}]*+)*+([\[\]{}])', re.DOTALL)
_SCALAR = re.compile(rb"(?:" + _STRING + rb'|[^\s,"\[\]{}]++)', re.DOTALL)

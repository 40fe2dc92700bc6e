"""What in a message isn't the person's own: code, quotations, pasted documents, texts to work on, roles and stories."""

from __future__ import annotations

from collections.abc import Iterator

from soulprint.measuring import signals

DOCUMENT = 80
"""What stands below a question about "this letter" is taken for the letter from this length on."""

CLOSING = 240
"""A question below a pasted text is at most this long."""

Span = tuple[int, int]


def foreign(text: str, low: str) -> list[Span]:
    """The stretches of a message that someone else wrote or that aren't meant, in code points.

    `low` is the text in lower case. Linear in its length."""
    spans = [match.span() for match in signals.FOREIGN.finditer(text)]
    framed, document = _framed(low), signals.DOCUMENT.search(text)
    begins = (framed, document and document.start(), _pasted(low), _below(low))
    first = min((start for start in begins if start is not None), default=len(text))
    spans += [(first, len(text)), (0, _above(low) if document else 0)]
    return spans + list(_drafts(low))


def _framed(low: str) -> int | None:
    """Where a text to work on, a role or a story begins."""
    match = signals.FRAME.search("\n" + low)
    if match is None:
        return None
    below = _block(low, match.end()) if match["edit"] else None
    return match.start() if below is None or ":" in low[match.start() : below] else below


def _pasted(low: str) -> int | None:
    """Where the sentence begins that introduces a block or a quotation by a colon."""
    match = signals.PASTED.search(low) if ":" in low or "\n---" in low else None
    if match is None:
        return None
    return max(match.start(), *(low.rfind(mark, match.start(), match.end() - 2) + 1 for mark in (". ", "! ", "? ")))


def _below(low: str) -> int | None:
    """Where the text begins that the first paragraph asks about."""
    border = _block(low, len(low) - len(low.lstrip()))
    if border is None or not signals.ABOUT_TEXT.search(low[:border]):
        return None
    return border if low[border + 1 : border + 2].isspace() or low[border - 1] in "?:" else None


def _block(low: str, position: int) -> int | None:
    """The first line break from there on, if enough to be a document stands below."""
    border = low.find("\n", position)
    return border if 0 <= border < len(low) - DOCUMENT else None


def _above(low: str) -> int:
    """Where the text ends that the last paragraph asks about."""
    body = low.rstrip()
    border = max(body.rfind("\n\n"), 0)
    asked = len(body) - border < CLOSING and signals.ABOUT_TEXT.search(body[border:])
    return border if asked else 0


def _drafts(low: str) -> Iterator[Span]:
    """From the words that ask for a letter, or give another's words, to the end of their sentence."""
    done = 0
    for match in signals.DRAFT.finditer("\n" + low):
        if match.end() > done:
            end = signals.END.search(low, match.end() - 1)
            done = end.end() if end else len(low)
            yield match.start(), done

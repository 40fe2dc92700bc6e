"""Templates and how they show numbers, dates and sources."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from soulprint import importing, sections
from soulprint.facts import FactView
from soulprint.kinds import ClaimKind, Modality
from soulprint.llm.offers import Offer
from soulprint.records import VersionKind
from soulprint.records.recalled import Recalled, Turn
from soulprint.records.sections import Quote
from soulprint.serving import imports, sizes
from soulprint.serving.web import contexts, markdown, progress

if TYPE_CHECKING:
    from collections.abc import Mapping

CLAIMS = {
    ClaimKind.ABOUT_ME: "From your custom instructions: what assistants should know about you",
    ClaimKind.HOW_TO_ANSWER: "From your custom instructions: how assistants should answer",
    ClaimKind.PROVIDER_MEMORY: "From the provider’s own memory, in a model’s words",
    ClaimKind.PROJECT_INSTRUCTIONS: "From the instructions of a project of yours",
}

MODALITIES = {
    Modality.VOICE: "spoken",
    Modality.ATTACHMENT: "attached: who wrote it is not known",
    Modality.ROLE_PLAY: "in a part that is played",
    Modality.COMMAND: "at work with a coding agent",
}
"""How a message came to be that was not just typed."""

VERSIONS = {
    VersionKind.QUICK: "First profile, from a sample",
    VersionKind.FULL: "Every conversation read",
    VersionKind.EDITED: "Edited by you",
    VersionKind.MERGED: "Merged",
}
"""How a version came to be."""

STAGES = {"chunk": "Cut", "extract": "Facts", "merge": "Contradictions", "memory": "MEMORY", "sections": "Profile"}
"""The stages of a pass, to operators."""

SURENESS = ((0.9, "very sure"), (0.62, "sure"), (0.45, "likely"), (0.0, "uncertain"))
"""The least confidence -> how it is called."""

OPERATORS = "This page is for operators. The token is what SOULPRINT_OPERATOR_TOKEN was set to where SoulPrint runs."

COMMON = 0.4
"""Of the characters of the longer of two lines: with fewer in common, one is shown below the other."""


def page(
    template: str, context: contexts.Page, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """A whole page; the template sees its context as `page`."""
    return HTMLResponse(fragment(template, page=context), status, headers)


def fragment(template: str, **values: object) -> str:
    return _environment.get_template(template).render(values)


def error_page(
    status: int, detail: str, headers: Mapping[str, str] | None = None, *, for_operators: bool = False
) -> HTMLResponse:
    """A page that says what happened and what to do; for a visitor without the token, the form that takes it."""
    if status == 401 and for_operators:
        login = contexts.Login(title="Operator token", detail=OPERATORS, action="/admin/login")
        return page("login.html", login, status, headers)
    if status == 401:
        return page("login.html", contexts.Login(detail=detail), status, headers)
    heading = {403: "That is not allowed", 404: "Nothing here"}.get(status, "That did not work")
    return page("error.html", contexts.Error(heading=heading, detail=detail), status, headers)


def day(moment: date | None) -> str:
    return f"{moment.day} {moment:%B %Y}" if moment else "date unknown"


def moment(instant: datetime) -> str:
    """`2026-11-23 18:02`, in UTC."""
    return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M}"


def period(first: datetime | None, last: datetime | None) -> str:
    """`October 2023 – May 2025`."""
    if first is None or last is None:
        return ""
    ends = [f"{moment:%B %Y}" for moment in (first, last)]
    return ends[0] if ends[0] == ends[1] else " – ".join(ends)


def price(offer: Offer) -> str:
    """What a model would cost."""
    if offer.input_price is None or offer.output_price is None:
        return "Its price is not known."
    if not offer.input_price and not offer.output_price:
        return "Free."
    return f"${offer.input_price:.2f} for a million tokens read, ${offer.output_price:.2f} written."


def prices(low: Decimal, high: Decimal) -> str:
    """`$0.80 to $1.34`."""
    ends = [sizes.dollars(end) for end in (low, high)]
    return ends[0] if ends[0] == ends[1] else " to ".join(ends)


def confidence(share: float) -> str:
    """How sure a fact is, in words: one that was said plainly in one conversation is likely, in two sure."""
    return next(word for least, word in SURENESS if share >= least)


def bounds(word: str) -> tuple[float, float | None]:
    """The least confidence that is called by this word, and the one that is called by the next; everything for a word
    that is none of them."""
    above: float | None = None
    for least, name in SURENESS:
        if name == word:
            return least, above
        above = least
    return 0.0, None


def held(fact: FactView) -> str:
    """Since when and until when a fact holds, or on which day something is; empty where that is not known."""
    if fact.category == "dates" and fact.true_from and not fact.true_to:
        return f"on {day(fact.true_from)}"
    since = f"since {day(fact.true_from)}" if fact.true_from else ""
    until = f"until {day(fact.true_to)}" if fact.true_to else ""
    return ", ".join(filter(None, (since, until)))


def words(change: sections.Change) -> list[tuple[str, str]]:
    """How a changed line came of the one before, word by word; whole, where they have too little in common for that to
    be read."""
    assert change.before
    assert change.after
    before, after = change.before.text, change.after.text
    found = sections.words(before, after)
    common = sum(len(text) for mark, text in found if mark == "=" and text.strip())
    return found if common >= COMMON * max(len(before), len(after)) else [("-", before), ("+", after)]


def coded(text: str) -> Markup:
    """`text` with what stands in backticks as code."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def field_name(field: str) -> str:
    """`ai_name` -> `AI name`, `do_not` -> `do not`: within a sentence."""
    return field.replace("_", " ").replace("ai ", "AI ")


def passage_url(quote: Quote) -> str:
    """Where the conversation shows the quote, marked."""
    span = f"?message={quote.message_id}&span={quote.start}-{quote.end}"
    return f"/conversations/{quote.conversation_id}{span}#m{quote.message_id}"


def turn_url(source: Recalled, turn: Turn) -> str:
    """Where the conversation shows the turn, marked."""
    span = f"?message={turn.message_id}&span={turn.start}-{turn.end}"
    return f"/conversations/{source.conversation_id}{span}#m{turn.message_id}"


def found(text: str, q: str) -> Markup:
    """`text` with the words of a search marked."""
    terms = "|".join(re.escape(term) for term in sorted(q.split(), key=len, reverse=True))
    if not terms:
        return escape(text)
    parts = re.split(f"({terms})", text, flags=re.IGNORECASE)
    return Markup("").join(
        Markup("<mark>{}</mark>").format(part) if place % 2 else escape(part) for place, part in enumerate(parts)
    )


def marked(text: str, span: tuple[int, int] | None) -> Markup:
    """`text` as it stands, with the characters of `span` marked."""
    if span is None:
        return Markup("{}").format(text)
    start, end = span
    return Markup("{}<mark>{}</mark>{}").format(text[:start], text[start:end], text[end:])


_environment = Environment(
    loader=PackageLoader("soulprint.serving.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {
    "day": day,
    "coded": coded,
    "counted": sections.counted,
    "dollars": sizes.dollars,
    "duration": sizes.duration,
    "moment": moment,
    "field_name": field_name,
    "field_title": sections.title,
    "found": found,
    "readable": sizes.readable,
    "markdown": markdown.render,
    "cited": markdown.cited,
    "marked": marked,
    "provider": importing.title,
}
_environment.globals |= {
    "CLAIMS": CLAIMS,
    "MODALITIES": MODALITIES,
    "SURENESS": [word for _, word in SURENESS],
    "NAVIGATION": contexts.NAVIGATION,
    "TITLES": progress.TITLES,
    "STAGES": STAGES,
    "VERSIONS": VERSIONS,
    "claims_heading": imports.claims_heading,
    "confidence": confidence,
    "held": held,
    "is_quote": contexts.is_quote,
    "passage_url": passage_url,
    "period": period,
    "said_in": contexts.said_in,
    "turn_url": turn_url,
    "price": price,
    "prices": prices,
    "words": words,
}

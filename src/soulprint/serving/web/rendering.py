"""Templates and how they show numbers, dates and sources."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from soulprint import importing
from soulprint.llm.offers import Offer
from soulprint.records.conversations import ClaimKind
from soulprint.records.sections import Quote
from soulprint.sections.markdown import title
from soulprint.serving import sizes
from soulprint.serving.web import contexts, markdown

if TYPE_CHECKING:
    from collections.abc import Mapping

CLAIMS = {
    ClaimKind.ABOUT_ME: "From your custom instructions: what assistants should know about you",
    ClaimKind.HOW_TO_ANSWER: "From your custom instructions: how assistants should answer",
    ClaimKind.PROVIDER_MEMORY: "From the provider’s own memory, in a model’s words",
    ClaimKind.PROJECT_INSTRUCTIONS: "From the instructions of a project of yours",
}


def page(
    template: str, context: contexts.Page, status: int = 200, headers: Mapping[str, str] | None = None
) -> HTMLResponse:
    """A whole page; the template sees its context as `page`."""
    return HTMLResponse(fragment(template, page=context), status, headers)


def fragment(template: str, **values: object) -> str:
    return _environment.get_template(template).render(values)


def error_page(status: int, detail: str, headers: Mapping[str, str] | None = None) -> HTMLResponse:
    """A page that says what happened and what to do; for a visitor without the token, the form that takes it."""
    if status == 401:
        return page("login.html", contexts.Login(detail=detail), status, headers)
    heading = {403: "That is not allowed", 404: "Nothing here"}.get(status, "That did not work")
    return page("error.html", contexts.Error(heading=heading, detail=detail), status, headers)


def day(moment: datetime | None) -> str:
    return f"{moment.day} {moment:%B %Y}" if moment else "date unknown"


def period(first: datetime | None, last: datetime | None) -> str:
    """`October 2023 – May 2025`."""
    if first is None or last is None:
        return ""
    ends = [f"{moment:%B %Y}" for moment in (first, last)]
    return ends[0] if ends[0] == ends[1] else " – ".join(ends)


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1,204 messages`, `1 message`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def price(offer: Offer) -> str:
    """What a model would cost."""
    if offer.input_price is None or offer.output_price is None:
        return "Its price is not known."
    if not offer.input_price and not offer.output_price:
        return "Free."
    return f"${offer.input_price:.2f} for a million tokens read, ${offer.output_price:.2f} written."


def quotes(sources: list[dict[str, Any]]) -> list[Quote]:
    """The sources of an answer as they are kept -> quotes."""
    return [Quote.model_validate(source) for source in sources]


def field_name(field: str) -> str:
    """`ai_name` -> `AI name`, `do_not` -> `do not`: within a sentence."""
    return field.replace("_", " ").replace("ai ", "AI ")


def provider(name: str) -> str:
    """How the provider writes itself."""
    return {"chatgpt": "ChatGPT", "claude": "Claude"}.get(name, name)


def passage_url(quote: Quote) -> str:
    """Where the conversation shows the quote, marked."""
    span = f"?message={quote.message_id}&span={quote.start}-{quote.end}"
    return f"/conversations/{quote.conversation_id}{span}#m{quote.message_id}"


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
    "counted": counted,
    "field_name": field_name,
    "field_title": title,
    "readable": sizes.readable,
    "markdown": markdown.render,
    "cited": markdown.cited,
    "marked": marked,
    "provider": provider,
    "quotes": quotes,
    "reason": importing.explained,
}
_environment.globals |= {
    "CLAIMS": CLAIMS,
    "is_quote": contexts.is_quote,
    "passage_url": passage_url,
    "period": period,
    "said_in": contexts.said_in,
    "price": price,
}

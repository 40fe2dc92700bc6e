"""Perplexity: threads of questions and answers, as extensions of browsers save them; there is no export of its own."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import Role

NAME = "perplexity"
TITLE = "Perplexity"
MEMBERS = re.compile(r"(?:^|/)[^/]*perplexity[^/]*\.(?:json|zip)$")

SILENT = frozenset(
    (
        "pro_search_steps",
        "plan",
        "web_results",
        "web_result_block",
        "sources_answer_mode",
        "media_items",
        "image_answer_mode",
        "video_answer_mode",
        "related_queries",
        "reasoning_plan",
        "answer_tabs",
        "diff_block",
    )
)
"""What blocks are meant for that hold no answer."""
ANSWERS = ("ask_text", "answer", "markdown", None)


class Markdown(msgspec.Struct, gc=False):
    answer: str | None = None
    chunks: list[str] | None = None


class Block(msgspec.Struct, gc=False):
    intended_usage: str | None = None
    markdown_block: Markdown | None = None


class Source(msgspec.Struct, gc=False):
    """A page that an answer rests on, of which nothing is read."""


class Turn(msgspec.Struct, gc=False):
    """A question with its answer, in any of the layouts."""

    uuid: str | None = None
    id: str | None = None
    query: str | None = None
    question: str | None = None
    query_str: str | None = None
    answer: str | Markdown | None = None
    response: str | None = None
    text: str | None = None
    blocks: list[Block] | None = None
    sources: list[Source | str] | None = None
    timestamp: str | float | None = None
    created_at: str | float | None = None
    entry_created_datetime: str | float | None = None
    updated_datetime: str | float | None = None
    display_model: str | None = None
    thread_title: str | None = None


class About(msgspec.Struct, gc=False):
    """What a file says of its thread."""

    id: str | None = None
    uuid: str | None = None
    thread_id: str | None = None
    context_uuid: str | None = None
    slug: str | None = None
    url: str | None = None
    title: str | None = None
    model: str | None = None
    date: str | float | None = None
    created_at: str | float | None = None


class Thread(msgspec.Struct, gc=False):
    metadata: About | None = None
    thread_metadata: About | None = None
    title: str | None = None
    conversations: list[Turn] | None = None
    entries: list[Turn] | None = None


_thread = msgspec.json.Decoder(Thread)
_turn = msgspec.json.Decoder(Turn)


class _Wrapper(msgspec.Struct, gc=False):
    metadata: About | None = None
    title: str | None = None


_wrapper = msgspec.json.Decoder(_Wrapper)


def recognises(document: documents.Document) -> str | None:
    for element in document.sample:
        if isinstance(element, dict):
            if _is_turn(element):
                return "elements have a query and an answer"
            for name in ("entries", "conversations"):
                turns = element.get(name)
                if isinstance(turns, list) and any(isinstance(each, dict) and _is_turn(each) for each in turns):
                    return f"{name} have a query and an answer"
    return None


def _is_turn(element: dict[str, object]) -> bool:
    asked = element.keys() & {"query", "question", "query_str"}
    return bool(asked and element.keys() & {"answer", "blocks", "response"})


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    """A file is one thread, divided into its turns where these stand in `conversations`; or it is a list of threads."""
    if not any(isinstance(each, dict) and _is_turn(each) for each in document.sample):
        yield from elements.each(document, _of_thread)
        return
    turns: list[Turn] = []
    for outcome in elements.each(document, lambda element: _Asked(turn=decoding.decode(element, _turn))):
        if isinstance(outcome, _Asked):
            turns.append(outcome.turn)
        else:
            yield outcome
    yield _found(_about(document), turns)


class _Asked(shapes.Found, gc=False):
    """One turn of a thread whose turns are the elements of the file."""

    turn: Turn = msgspec.field(default_factory=Turn)


def _about(document: documents.Document) -> About:
    """What stands beside the turns, where the file is whole."""
    if bytes(document.content[:64]).lstrip()[:1] != b"{":
        return About()
    try:
        wrapper = decoding.decode(document.content, _wrapper)
    except decoding.Unusable:
        return About()
    about = wrapper.metadata or About()
    about.title = about.title or wrapper.title
    return about


def _of_thread(element: msgspec.Raw | memoryview) -> shapes.Outcome:
    raw = decoding.decode(element, _thread)
    turns = raw.entries if raw.entries is not None else raw.conversations
    about = raw.thread_metadata or raw.metadata or About()
    about.title = about.title or raw.title
    if turns is None:
        return shapes.Skipped("no_messages", about.title)
    return _found(about, turns)


def _found(about: About, turns: Sequence[Turn]) -> shapes.Found:
    left_out: dict[str, int] = {}
    unknown: dict[str, int] = {}
    messages: list[shapes.ParsedMessage] = []
    for number, turn in enumerate(turns):
        messages += _messages(turn, number, left_out, unknown)
    if not messages:
        return shapes.Found(unknown=unknown, left_out=left_out)
    times = [message.sent_at for message in messages if message.sent_at]
    parsed = shapes.ParsedConversation(
        _identity(about, messages),
        about.title or next((turn.thread_title for turn in turns if turn.thread_title), None),
        model=about.model or next((turn.display_model for turn in turns if turn.display_model), None),
        started_at=moment(about.created_at) or moment(about.date) or min(times, default=None),
        updated_at=max(times, default=None),
        messages=messages,
    )
    return shapes.Found(parsed, unknown=unknown, left_out=left_out)


def _messages(
    turn: Turn, number: int, left_out: dict[str, int], unknown: dict[str, int]
) -> Iterator[shapes.ParsedMessage]:
    identity = turn.uuid or turn.id or str(number)
    written = (turn.timestamp, turn.created_at, turn.entry_created_datetime, turn.updated_datetime)
    time = next((said for each in written if (said := moment(each))), None)
    asked = turn.query or turn.question or turn.query_str
    if asked and not asked.isspace():
        yield shapes.ParsedMessage(f"{identity}/query", Role.USER, asked, time)
    shapes.count(left_out, "material", len(turn.sources or ()))
    answer = _answer(turn, left_out, unknown)
    if answer and not answer.isspace():
        yield shapes.ParsedMessage(f"{identity}/answer", Role.ASSISTANT, without_marks(answer), time)


def _answer(turn: Turn, left_out: dict[str, int], unknown: dict[str, int]) -> str | None:
    given = turn.answer.answer if isinstance(turn.answer, Markdown) else turn.answer
    if given or turn.response:
        return given or turn.response
    answers: list[str] = []
    for block in turn.blocks or ():
        markdown, usage = block.markdown_block, block.intended_usage
        if markdown is not None and (usage in ANSWERS or (usage or "").startswith("ask_text")):
            answers.append(markdown.answer or "".join(markdown.chunks or ()))
        elif usage in SILENT:
            shapes.count(left_out, "material")
        elif usage is not None:
            shapes.count(unknown, usage)
    # the answer comes in one block, or once more in pieces of it
    return max(answers, key=len, default=None)


def without_marks(answer: str) -> str:
    """An answer without the marks of its sources: `[1]`, `[2][3]`, but not the text of a link, `[x]`, nor code."""
    if "[" not in answer:
        return answer
    return "".join(part if part.startswith("`") else _MARKS.sub("", part) for part in _CODE.split(answer))


def _identity(about: About, messages: Sequence[shapes.ParsedMessage]) -> str:
    """The thread's own id or address; else one of its beginning, the same for a longer export of it."""
    own = about.context_uuid or about.uuid or about.thread_id or about.id or about.slug or about.url
    if own:
        return own
    first = messages[0]
    said = f"{about.title}\0{first.role}\0{first.sent_at}\0{first.text[:1000]}"
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()


_CODE = re.compile(r"(```.*?(?:```|\Z)|`[^`\n]*+`)", re.DOTALL)
_MARKS = re.compile(r"(?<=[^\s\[(])(?:\[\d{1,3}\])+(?![(\[:])")

"""Character.AI: talks with characters, in which both sides play a part, from the account's export and from dumps."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence

import msgspec

from soulprint.importing import shapes
from soulprint.importing.parsing import decoding, documents, elements
from soulprint.importing.shapes import moment
from soulprint.kinds import Modality, Role

NAME = "characterai"
TITLE = "Character.AI"
MEMBERS = re.compile(r"(?:^|/)[^/]*(?:character[-_. ]?ai|c\.?ai[-_])[^/]*\.(?:json|zip)$")

PERSONS = frozenset(("user", "human", "you"))


class Source(msgspec.Struct, gc=False):
    is_human: bool | None = None
    name: str | None = None


class Swipe(msgspec.Struct, gc=False):
    text: str | None = None
    raw_content: str | None = None


class Author(msgspec.Struct, gc=False):
    is_human: bool | None = None
    name: str | None = None


class Turn(msgspec.Struct, gc=False):
    """A message of any of the layouts: of an old history, of a dump, or a turn with candidates of the new interface."""

    id: str | int | None = None
    uuid: str | None = None
    text: str | None = None
    raw_content: str | None = None
    is_human: bool | None = None
    is_user: bool | None = None
    src: Source | None = None
    author: str | Author | None = None
    name: str | None = None
    created: str | float | None = None
    create_time: str | float | None = None
    created_at: str | float | None = None
    send_date: str | float | None = None
    swipes: list[str | Swipe] | None = None
    swipe_id: int | None = None
    candidates: list[Swipe] | None = None


class History(msgspec.Struct, gc=False):
    external_id: str | None = None
    chat_id: str | None = None
    id: str | None = None
    created: str | float | None = None
    create_time: str | float | None = None
    msgs: list[Turn] | None = None
    messages: list[Turn] | None = None
    turns: list[Turn] | None = None


class Histories(msgspec.Struct, gc=False):
    histories: list[History] | None = None


class Character(msgspec.Struct, gc=False):
    name: str | None = None
    participant__name: str | None = None
    external_id: str | None = None


class Element(History, gc=False):
    """One struct for a whole dump, for a character with all talks, and for a talk by itself."""

    histories: Histories | list[History] | None = None
    chats: list[History] | None = None
    info: Character | None = None
    character: str | Character | None = None
    character_name: str | None = None
    char_name: str | None = None


_decoder = msgspec.json.Decoder(Element)


def recognises(document: documents.Document) -> str | None:
    return next((reason for each in document.sample if isinstance(each, dict) and (reason := _recognises(each))), None)


def _recognises(element: dict[str, object]) -> str | None:
    held = element.get("histories")
    listed = held.get("histories") if isinstance(held, dict) else held or element.get("chats")
    talks = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    if any("msgs" in each for each in talks):
        return "histories with msgs"
    named = element.keys() & {"character", "character_name", "char_name", "external_id", "chat_id"}
    for talk in [*talks, element] if named or talks else ():
        for name in ("msgs", "messages", "turns"):
            turns = talk.get(name)
            if isinstance(turns, list) and any(isinstance(each, dict) and _is_turn(each) for each in turns):
                return "messages with a character, each by a human or not"
    return None


def _is_turn(turn: dict[str, object]) -> bool:
    author, source = turn.get("author"), turn.get("src")
    named = [each for each in (turn, author, source) if isinstance(each, dict)]
    return any("is_human" in each for each in named) or "swipes" in turn or "candidates" in turn


def read(document: documents.Document) -> Iterator[shapes.Outcome]:
    """A dump holds all talks with a character as one element: each of them is accounted for by itself."""
    for number, outcome in enumerate(elements.each(document, _talks)):
        if not isinstance(outcome, _Several):
            yield outcome
            continue
        if not outcome.found:
            yield shapes.Skipped("no_messages", f"{document.where}#{number}")
        yield from outcome.found


class _Several(shapes.Found, gc=False):
    """What one element holds, where that is several talks."""

    found: tuple[shapes.Found, ...] = ()


def _talks(element: msgspec.Raw | memoryview) -> _Several:
    raw = decoding.decode(element, _decoder)
    character = _character(raw)
    listed = raw.histories.histories if isinstance(raw.histories, Histories) else raw.histories
    talks = listed or raw.chats or ([raw] if _turns(raw) is not None else [])
    return _Several(found=tuple(_talk(each, *character) for each in talks))


def _character(raw: Element) -> tuple[str | None, str | None]:
    """Name and id."""
    held = raw.character if isinstance(raw.character, Character) else raw.info
    name = raw.character_name or raw.char_name or (raw.character if isinstance(raw.character, str) else None)
    if held is None:
        return name or None, None
    return name or held.name or held.participant__name or None, held.external_id


def _turns(raw: History) -> list[Turn] | None:
    return next((each for each in (raw.msgs, raw.messages, raw.turns) if each is not None), None)


def _talk(raw: History, name: str | None, character: str | None) -> shapes.Found:
    left_out: dict[str, int] = {}
    messages = [said for number, turn in enumerate(_turns(raw) or ()) if (said := _message(number, turn, left_out))]
    if not messages:
        return shapes.Found(left_out=left_out)
    times = [message.sent_at for message in messages if message.sent_at]
    parsed = shapes.ParsedConversation(
        raw.external_id or raw.chat_id or raw.id or _identity(name, messages),
        name,
        character,
        started_at=moment(raw.created) or moment(raw.create_time) or min(times, default=None),
        updated_at=max(times, default=None),
        messages=messages,
    )
    return shapes.Found(parsed, left_out=left_out)


def _message(number: int, turn: Turn, left_out: dict[str, int]) -> shapes.ParsedMessage | None:
    """What was said. Other answers than the chosen one are left out; a time that is missing stays so."""
    offered = turn.swipes or turn.candidates or []
    shapes.count(left_out, "draft", len(offered) - 1)
    chosen = turn.swipe_id if turn.swipe_id is not None and 0 <= turn.swipe_id < len(offered) else 0
    text = turn.text or turn.raw_content or (_text(offered[chosen]) if offered else None)
    if not text or text.isspace():
        return None
    written = (turn.created, turn.create_time, turn.created_at, turn.send_date)
    time = next((said for each in written if (said := moment(each))), None)
    role = Role.USER if _is_persons(turn) else Role.ASSISTANT
    identity = turn.uuid or (str(turn.id) if turn.id is not None else str(number))
    return shapes.ParsedMessage(identity, role, text, time, modality=Modality.ROLE_PLAY)


def _text(offered: str | Swipe) -> str | None:
    return offered if isinstance(offered, str) else offered.text or offered.raw_content


def _is_persons(turn: Turn) -> bool:
    author = turn.author if isinstance(turn.author, Author) else None
    told = (turn.is_human, turn.is_user, turn.src and turn.src.is_human, author and author.is_human)
    known = next((each for each in told if each is not None), None)
    if known is None and author is None:
        return isinstance(turn.author, str) and turn.author.lower() in PERSONS
    return bool(known)


def _identity(name: str | None, messages: Sequence[shapes.ParsedMessage]) -> str:
    """The same for a longer export of the same talk."""
    beginning = "\0".join([name or "", *(f"{each.role}{each.sent_at}{each.text[:1000]}" for each in messages[:3])])
    return hashlib.blake2b(beginning.encode("utf-8", "replace"), digest_size=16).hexdigest()
